"""Two people behind a step: whoever made it does not check it, from whichever of his accounts."""

from collections.abc import Collection, Iterable

from sqlalchemy.orm import Session

from kernel import double_keying
from kernel.people.queries import known_under
from surveys.votes.services.preparing import Staff

_ACCOUNT = "account:"


def is_one_of(session: Session, by: Staff, persons: Collection[int], accounts: Collection[str] = ()) -> bool:
    """Whether who acts is, under any name he is known by, one of some persons (inner ids) or accounts (public ids)."""
    mine = known_under(session, [] if by.person_id is None else [by.person_id], _accounts([by.actor]))
    return mine.meets(known_under(session, persons, accounts))


def had_a_hand(session: Session, by: Staff, earlier: Iterable[str]) -> bool:
    """Whether who acts is behind one of the ``earlier`` actors. Nobody known (but the operator) counts as yes."""
    actors = set(earlier)
    if by.actor in actors or (by.person_id is None and not by.trusted):
        return True
    return is_one_of(session, by, [], _accounts(actors))


def must_be_another(session: Session, by: Staff, earlier: Iterable[str]) -> None:
    """Raises NotAllowed when who acts had a hand in the earlier step, from whichever account."""
    if had_a_hand(session, by, earlier):
        raise double_keying.SAME_PERSON


def must_be_none_of(session: Session, by: Staff, hands: Iterable[int | None]) -> None:
    """Raises NotAllowed when who acts is one of the persons (inner ids) who had a hand in it, whichever the account."""
    earlier = set(hands)
    double_keying.must_be_another(by.person_id, earlier)
    known = [each for each in earlier if each is not None]
    if known and is_one_of(session, by, known):
        raise double_keying.SAME_PERSON


def _accounts(actors: Iterable[str]) -> list[str]:
    """The public ids of those actors of the audit chain that are accounts."""
    return [each.removeprefix(_ACCOUNT) for each in actors if each.startswith(_ACCOUNT)]
