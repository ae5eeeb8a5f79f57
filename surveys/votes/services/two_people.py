"""Two people behind a step: whoever made it does not check it, from whichever of his accounts."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import double_keying
from kernel.people.models import Account, Person, Relation, Tie
from surveys.votes.rules.roll import VOTING_LEVEL
from surveys.votes.services.preparing import Staff

_ACCOUNT = "account:"


def persons_behind(session: Session, actors: Iterable[str], *staff: int) -> list[Person]:
    """The persons some actors (``account:…``) are, and ``staff`` (inner ids): at work, and as whom of the register any
    account of theirs proved to be.
    """
    named = [each.removeprefix(_ACCOUNT) for each in actors if each.startswith(_ACCOUNT)]
    at_work = sa.select(Account.person_id).where(Account.public_id.in_(named), Account.person_id.is_not(None))
    theirs = sa.or_(Account.public_id.in_(named), Account.person_id.in_(at_work), Account.person_id.in_(staff))
    at_home = (
        sa.select(Tie.person_id)
        .join(Account, Account.id == Tie.account_id)
        .where(
            theirs,
            Tie.ended_at.is_(None),
            Tie.level >= VOTING_LEVEL,
            Tie.relation == str(Relation.SELF),
            Tie.person_id.is_not(None),
        )
    )
    found = sa.or_(Person.id.in_(at_work), Person.id.in_(at_home), Person.id.in_(staff))
    return list(session.scalars(sa.select(Person).where(found)))


def is_one_of(session: Session, by: Staff, persons: Iterable[Person]) -> bool:
    """Whether who acts is one of some persons: the same on the register, or reached by the same phone."""
    mine = persons_behind(session, [by.actor], *([] if by.person_id is None else [by.person_id]))
    ids = {each.id for each in mine}
    phones = {each.phone_index for each in mine if each.phone_index is not None}
    return any(each.id in ids or each.phone_index in phones for each in persons)


def had_a_hand(session: Session, by: Staff, earlier: Iterable[str]) -> bool:
    """Whether who acts is behind one of the ``earlier`` actors. Nobody known (but the operator) counts as yes."""
    actors = set(earlier)
    if by.actor in actors or (by.person_id is None and not by.trusted):
        return True
    return is_one_of(session, by, persons_behind(session, actors))


def must_be_another(session: Session, by: Staff, earlier: Iterable[str]) -> None:
    """Raises NotAllowed when who acts had a hand in the earlier step, from whichever account."""
    if had_a_hand(session, by, earlier):
        raise double_keying.SAME_PERSON


def must_be_none_of(session: Session, by: Staff, hands: Iterable[int | None]) -> None:
    """Raises NotAllowed when who acts is one of the persons (inner ids) who had a hand in it, whichever the account."""
    earlier = set(hands)
    double_keying.must_be_another(by.person_id, earlier)
    known = [each for each in earlier if each is not None]
    if known and is_one_of(session, by, persons_behind(session, [], *known)):
        raise double_keying.SAME_PERSON
