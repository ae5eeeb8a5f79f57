"""Every select over ballots in question."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.people.models import Account, Tie
from surveys.votes.conflicts.models import BallotConflict
from surveys.votes.models import Ballot, CountedBallot
from surveys.votes.rules.conflicts import ConflictState, Decision
from surveys.votes.rules.roll import VOTING_LEVEL

NO_CONFLICT = NotFound("no-such-conflict", "没有找到这一条。请刷新页面后再试。")


def conflict_by_public_id(session: Session, public_id: str, *, lock: bool = False) -> BallotConflict:
    """A question, held for a change if asked. Raises NotFound."""
    statement = sa.select(BallotConflict).where(BallotConflict.public_id == public_id)
    found = session.scalar(for_update(statement) if lock else statement)
    if found is None:
        raise NO_CONFLICT
    return found


def conflicts_of(session: Session, vote_id: int) -> Sequence[BallotConflict]:
    """All questions of a vote: those that wait first, then the newest."""
    return session.scalars(
        sa.select(BallotConflict)
        .where(BallotConflict.vote_id == vote_id)
        .order_by(
            BallotConflict.state != str(ConflictState.OPEN), BallotConflict.raised_at.desc(), BallotConflict.public_id
        )
    ).all()


def conflicts_of_lines(session: Session, line_ids: Sequence[int]) -> dict[int, list[BallotConflict]]:
    """Line id → its questions, oldest first."""
    found: dict[int, list[BallotConflict]] = {line: [] for line in line_ids}
    for each in session.scalars(
        sa.select(BallotConflict).where(BallotConflict.roll_line_id.in_(line_ids)).order_by(BallotConflict.raised_at)
    ):
        found[each.roll_line_id].append(each)
    return found


def counted_of_line(session: Session, line_id: int) -> Ballot | None:
    """The ballot of a line that counts."""
    return session.scalar(
        sa.select(Ballot)
        .join(CountedBallot, CountedBallot.ballot_id == Ballot.id)
        .where(CountedBallot.roll_line_id == line_id)
    )


def was_struck(session: Session, line_id: int) -> bool:
    """Whether the street let nothing of a line count, so that it may be used anew: no ballot counts, nothing waits."""
    settled = conflicts_of_lines(session, [line_id])[line_id]
    return (
        counted_of_line(session, line_id) is None
        and any(each.decision == Decision.NEITHER for each in settled)
        and all(each.state != ConflictState.OPEN for each in settled)
    )


def persons_of(session: Session, account_id: int) -> set[int]:
    """The persons an account stands for: whom its grants hang on, and whom it proved to be."""
    staff = sa.select(Account.person_id).where(Account.id == account_id, Account.person_id.is_not(None))
    proved = sa.select(Tie.person_id).where(
        Tie.account_id == account_id, Tie.level >= VOTING_LEVEL, Tie.relation == "self", Tie.person_id.is_not(None)
    )
    return {each for each in session.scalars(staff.union(proved)) if each is not None}


def ballots_by_id(session: Session, ids: Sequence[int]) -> dict[int, Ballot]:
    """Ballots by their inner ids."""
    return {each.id: each for each in session.scalars(sa.select(Ballot).where(Ballot.id.in_(ids)))}
