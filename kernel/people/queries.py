"""Every select over persons, holdings, accounts and ties."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.people.models import Account, Holding, HoldingKind, Person, Relation, Tie
from kernel.places.models import Dwelling


@dataclass(frozen=True)
class Known:
    """Under which persons (inner ids) and by which phones (blind indexes) somebody, or several, are known."""

    persons: frozenset[int]
    phones: frozenset[bytes]

    def meets(self, other: "Known") -> bool:
        """Whether somebody is among both: the same person, or one reached by the same phone."""
        return bool(self.persons & other.persons or self.phones & other.phones)


OWNING = (HoldingKind.OWNER, HoldingKind.CO_OWNER, HoldingKind.ORGANISATION)
VERIFIED = 2


def tie_of(session: Session, account_id: int, dwelling_id: int, level: int = 1) -> Tie | None:
    """The account's live tie to a dwelling of at least ``level``, or None."""
    return session.scalar(
        sa.select(Tie).where(
            Tie.account_id == account_id,
            Tie.dwelling_id == dwelling_id,
            Tie.ended_at.is_(None),
            Tie.level >= level,
        )
    )


def spoke_for(session: Session, account_id: int, dwelling_id: int, *, level: int) -> bool:
    """Does or did an account speak for a dwelling, at ``level`` or above?"""
    mine = sa.select(Tie.id).where(Tie.account_id == account_id, Tie.dwelling_id == dwelling_id, Tie.level >= level)
    return session.scalar(mine.limit(1)) is not None


def tie_by_public_id(session: Session, public_id: str) -> Tie | None:
    """A tie by its public id, or None."""
    return session.scalar(sa.select(Tie).where(Tie.public_id == public_id))


def ties_of(session: Session, account_id: int) -> Sequence[Tie]:
    """The account's live ties, oldest first."""
    return session.scalars(
        sa.select(Tie).where(Tie.account_id == account_id, Tie.ended_at.is_(None)).order_by(Tie.since)
    ).all()


def ties_to(session: Session, dwelling_id: int) -> Sequence[Tie]:
    """All live ties to a dwelling, oldest first."""
    return session.scalars(
        sa.select(Tie).where(Tie.dwelling_id == dwelling_id, Tie.ended_at.is_(None)).order_by(Tie.since)
    ).all()


def holdings_of(session: Session, dwelling_id: int) -> Sequence[tuple[Holding, Person]]:
    """Who holds a dwelling today, with the person; owners first."""
    return holdings_by_dwelling(session, [dwelling_id])[dwelling_id]


def holdings_by_dwelling(session: Session, dwelling_ids: Collection[int]) -> dict[int, list[tuple[Holding, Person]]]:
    """The same of several dwellings, in one question."""
    found: dict[int, list[tuple[Holding, Person]]] = {dwelling_id: [] for dwelling_id in dwelling_ids}
    for holding, person in session.execute(
        sa.select(Holding, Person)
        .join(Person, Person.id == Holding.person_id)
        .where(Holding.dwelling_id.in_(dwelling_ids), Holding.held_until.is_(None))
    ):
        found[holding.dwelling_id].append((holding, person))
    for pairs in found.values():
        pairs.sort(key=lambda pair: (pair[0].kind not in OWNING, pair[0].id))
    return found


def owners_of(session: Session, dwelling_id: int) -> Sequence[Person]:
    """The owners, co-owners or owning organisation of a dwelling today."""
    return [person for holding, person in holdings_of(session, dwelling_id) if holding.kind in OWNING]


def holdings_of_estate(session: Session, estate_id: int) -> Sequence[Holding]:
    """All holdings of today in an estate (to build a roll from)."""
    return session.scalars(
        sa.select(Holding)
        .join(Dwelling, Dwelling.id == Holding.dwelling_id)
        .where(Dwelling.estate_id == estate_id, Holding.held_until.is_(None))
        .order_by(Holding.dwelling_id, Holding.id)
    ).all()


def has_to_do_with(session: Session, person_id: int, dwelling_id: int, *, payers: Collection[int | None] = ()) -> bool:
    """Is a dwelling's money this person's own affair? He, under whatever name (``known_under``), holds it or paid for
    it, or an account he works with is tied to it.
    """
    himself = names_of(session, person_id)
    return not himself.isdisjoint(payers) or dwelling_id in homes_among(session, himself, [dwelling_id])


def homes_among(session: Session, persons: Collection[int], dwelling_ids: Collection[int]) -> set[int]:
    """Which of some dwellings some persons hold today, or are tied to by an account one of them works with."""
    held = sa.select(Holding.dwelling_id).where(Holding.held_until.is_(None), Holding.person_id.in_(persons))
    tied = (
        sa.select(Tie.dwelling_id)
        .join(Account, Account.id == Tie.account_id)
        .where(Tie.ended_at.is_(None), Account.person_id.in_(persons))
    )
    found = set(session.scalars(held.where(Holding.dwelling_id.in_(dwelling_ids))))
    return found | set(session.scalars(tied.where(Tie.dwelling_id.in_(dwelling_ids))))


def known_under(session: Session, persons: Collection[int], accounts: Collection[str] = ()) -> Known:
    """Everything some ``persons`` (inner ids) and ``accounts`` (public ids) are known under.

    A worker is a person apart from the one he is at home: his account works as the one and proved to be the other
    (level 2, as himself). Whoever shares an account with somebody here, in either way, is counted in.
    """
    proved = sa.and_(Tie.ended_at.is_(None), Tie.level >= VERIFIED, Tie.relation == str(Relation.SELF))
    linked = (
        sa.select(Account.person_id, Tie.person_id)
        .outerjoin(Tie, sa.and_(Tie.account_id == Account.id, proved))
        .where(
            sa.or_(
                Account.public_id.in_(accounts),
                Account.person_id.in_(persons),
                Account.id.in_(sa.select(Tie.account_id).where(proved, Tie.person_id.in_(persons))),
            )
        )
    )
    found = {each for row in session.execute(linked) for each in row if each is not None} | set(persons)
    phones = session.scalars(sa.select(Person.phone_index).where(Person.id.in_(found)))
    return Known(frozenset(found), frozenset(each for each in phones if each is not None))


def names_of(session: Session, person_id: int | None) -> frozenset[int]:
    """Every person of the register (inner ids) who is one human being with this one, himself included: they share an
    account, or are known under persons who share a phone (``known_under``). Nobody for None.
    """
    if person_id is None:
        return frozenset()
    me = known_under(session, [person_id])
    reached = session.scalars(sa.select(Person.id).where(Person.phone_index.in_(me.phones)))
    return known_under(session, me.persons | set(reached)).persons


def are_one(session: Session, one: int, other: int) -> bool:
    """Whether two persons of the register are one human being (``names_of``)."""
    return one == other or other in names_of(session, one)


def known_as(session: Session, person_id: int, earlier: Iterable[int | None]) -> int:
    """The first of some ``earlier`` persons that a person is, himself or under another name (``are_one``); else the
    person. So a rule of two people, which compares numbers, holds for the human being.
    """
    himself = names_of(session, person_id)
    return next((each for each in earlier if each in himself), person_id)


def account_by_openid(session: Session, openid: str) -> Account | None:
    """The account of a WeChat openid, or None."""
    return session.scalar(sa.select(Account).where(Account.openid == openid))


def accounts_of(session: Session, person_id: int) -> Sequence[int]:
    """The accounts (inner ids) a person signs in with."""
    return session.scalars(sa.select(Account.id).where(Account.person_id == person_id).order_by(Account.id)).all()


def persons_by_phone(session: Session, phone_index: bytes) -> Sequence[Person]:
    """Persons with a phone, by its blind index."""
    return session.scalars(sa.select(Person).where(Person.phone_index == phone_index)).all()
