"""Every select over bodies."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.errors import NotFound
from kernel.grants.models import Grant
from kernel.people.models import Account, Holding, Person, Relation, Tie
from kernel.people.queries import OWNING
from kernel.places.models import Dwelling, Place
from portal.bodies.models import Body, BodyFiling, BodyHandover, BodyMember
from surveys.votes.models import Candidate, Motion
from surveys.votes.rules.bodies import KINDS, BodyKind, Office

VERIFIED = 2


def body_by_public_id(session: Session, public_id: str) -> Body:
    """A body. Raises NotFound."""
    found = session.scalar(sa.select(Body).where(Body.public_id == public_id))
    if found is None:
        raise NotFound("no-such-body", "没有找到这个自管小组或者业主委员会。")
    return found


def seated_by(session: Session, vote_id: int) -> Body | None:
    """The body in which somebody sits or sat whom a vote elected, or None."""
    return session.scalar(
        sa.select(Body)
        .join(BodyMember, BodyMember.body_id == Body.id)
        .join(Candidate, Candidate.id == BodyMember.candidate_id)
        .join(Motion, Motion.id == Candidate.motion_id)
        .where(Motion.vote_id == vote_id)
        .limit(1)
    )


def not_ended(session: Session, place_id: int, kind: BodyKind) -> Body | None:
    """The last body of a kind of an estate that was neither replaced nor dissolved; its term may be over."""
    return session.scalar(
        sa.select(Body).where(Body.place_id == place_id, Body.kind == kind.word, Body.ended_at.is_(None))
    )


def in_office(session: Session, place_id: int, now: datetime) -> Sequence[Body]:
    """The bodies of an estate whose term runs now, one a kind at the most, in the order of kinds."""
    found = session.scalars(
        sa.select(Body).where(Body.place_id == place_id, Body.ended_at.is_(None), Body.ends_at > now)
    ).all()
    return sorted(found, key=lambda each: list(KINDS).index(each.kind))


def of_places(session: Session, place_ids: Collection[int]) -> Sequence[Body]:
    """The bodies of some estates that were neither replaced nor dissolved."""
    return session.scalars(
        sa.select(Body).where(Body.place_id.in_(place_ids), Body.ended_at.is_(None)).order_by(Body.starts_at.desc())
    ).all()


def bodies_of(session: Session, place_id: int) -> Sequence[Body]:
    """All bodies an estate has had, the newest first."""
    return session.scalars(sa.select(Body).where(Body.place_id == place_id).order_by(Body.starts_at.desc())).all()


def members_of(session: Session, body_id: int) -> Sequence[BodyMember]:
    """The sitting members, the leader first, then as on the ballot paper."""
    return session.scalars(
        sa.select(BodyMember)
        .where(BodyMember.body_id == body_id, BodyMember.left_at.is_(None))
        .order_by(BodyMember.office != Office.LEADER, BodyMember.office != Office.VICE, BodyMember.candidate_id)
    ).all()


def all_members_of(session: Session, body_id: int) -> Sequence[BodyMember]:
    """Everybody who has ever been a member, those who left included."""
    return session.scalars(sa.select(BodyMember).where(BodyMember.body_id == body_id).order_by(BodyMember.id)).all()


def bodies_with(session: Session, candidates: Collection[str]) -> Sequence[Body]:
    """The bodies not ended in which one of these candidates (public ids) sits."""
    return session.scalars(
        sa.select(Body)
        .join(BodyMember, BodyMember.body_id == Body.id)
        .join(Candidate, Candidate.id == BodyMember.candidate_id)
        .where(Candidate.public_id.in_(candidates), Body.ended_at.is_(None), BodyMember.left_at.is_(None))
        .distinct()
    ).all()


def grants_of(session: Session, body_id: int) -> Sequence[Grant]:
    """What the members were given with their office."""
    return session.scalars(
        sa.select(Grant)
        .join(BodyMember, BodyMember.grant_id == Grant.id)
        .where(BodyMember.body_id == body_id)
        .order_by(Grant.id)
    ).all()


def members_by_body(session: Session, body_ids: Collection[int]) -> dict[int, list[tuple[BodyMember, str]]]:
    """Body -> its sitting members as ``members_of`` orders them, each with its public id on the ballot paper."""
    found: dict[int, list[tuple[BodyMember, str]]] = {body_id: [] for body_id in body_ids}
    for member, candidate in session.execute(
        sa.select(BodyMember, Candidate.public_id)
        .join(Candidate, Candidate.id == BodyMember.candidate_id)
        .where(BodyMember.body_id.in_(body_ids), BodyMember.left_at.is_(None))
        .order_by(BodyMember.office != Office.LEADER, BodyMember.office != Office.VICE, BodyMember.candidate_id)
    ):
        found[member.body_id].append((member, candidate))
    return found


def handover_of(session: Session, body_id: int) -> Sequence[BodyHandover]:
    """What is handed over, in order."""
    return handovers_by_body(session, [body_id])[body_id]


def handovers_by_body(session: Session, body_ids: Collection[int]) -> dict[int, list[BodyHandover]]:
    """The same of several bodies."""
    found: dict[int, list[BodyHandover]] = {body_id: [] for body_id in body_ids}
    for each in session.scalars(
        sa.select(BodyHandover).where(BodyHandover.body_id.in_(body_ids)).order_by(BodyHandover.position)
    ):
        found[each.body_id].append(each)
    return found


def last_filings(session: Session, body_ids: Collection[int]) -> dict[int, BodyFiling]:
    """Body -> its last filing; those never filed are left out."""
    rows = session.scalars(
        sa.select(BodyFiling).where(BodyFiling.body_id.in_(body_ids)).order_by(BodyFiling.recorded_at, BodyFiling.id)
    )
    return {each.body_id: each for each in rows}


def last_changes(session: Session, bodies: Collection[Body]) -> dict[int, datetime]:
    """Body -> when somebody last joined, left or changed office."""
    found = {body.id: body.starts_at for body in bodies}
    for body_id, *moments in session.execute(
        sa.select(BodyMember.body_id, sa.func.max(Grant.starts_at), sa.func.max(BodyMember.left_at))
        .outerjoin(Grant, Grant.id == BodyMember.grant_id)
        .where(BodyMember.body_id.in_(found))
        .group_by(BodyMember.body_id)
    ):
        found[body_id] = max((moment for moment in moments if moment is not None), default=found[body_id])
    return found


def people_of_estate(session: Session, estate: Place, *, owners_only: bool) -> list[tuple[Person, list[str]]]:
    """The natural persons of an estate (owners, and unless ``owners_only`` tenants and family) with their doors."""
    doors: dict[int, list[str]] = defaultdict(list)
    people: dict[int, Person] = {}
    held = (
        sa.select(Person, Dwelling.label)
        .join(Holding, Holding.person_id == Person.id)
        .join(Dwelling, Dwelling.id == Holding.dwelling_id)
        .where(Dwelling.estate_id == estate.id, Holding.held_until.is_(None), Person.kind == "natural")
    )
    tied = (
        sa.select(Person, Dwelling.label)
        .join(Tie, Tie.person_id == Person.id)
        .join(Dwelling, Dwelling.id == Tie.dwelling_id)
        .where(Dwelling.estate_id == estate.id, Tie.ended_at.is_(None), Person.kind == "natural")
    )
    if owners_only:
        held = held.where(Holding.kind.in_(OWNING))
    for statement in (held,) if owners_only else (held, tied):
        for person, label in session.execute(statement.order_by(Dwelling.sort_key)):
            people[person.id] = person
            if label not in doors[person.id]:
                doors[person.id].append(label)
    return [(people[person_id], doors[person_id]) for person_id in people]


def accounts_proved_to_be(session: Session, person_id: int) -> Sequence[Account]:
    """Accounts without a person of their own that a verified tie says to be this person."""
    return session.scalars(
        sa.select(Account)
        .join(Tie, Tie.account_id == Account.id)
        .where(
            Tie.person_id == person_id,
            Tie.ended_at.is_(None),
            Tie.level >= VERIFIED,
            Tie.relation == Relation.SELF,
            Account.person_id.is_(None),
        )
    ).all()


def is_member_now(session: Session, person_id: int, now: datetime) -> bool:
    """Whether the person is in a body whose term runs now."""
    return (
        session.scalar(
            sa.select(
                sa.exists().where(
                    BodyMember.person_id == person_id,
                    BodyMember.left_at.is_(None),
                    Body.id == BodyMember.body_id,
                    Body.ended_at.is_(None),
                    Body.ends_at > now,
                )
            )
        )
        or False
    )
