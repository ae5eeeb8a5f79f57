"""Selects over ballots and what was counted of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.people.models import Relation, Tie
from surveys.votes.conflicts.models import BallotConflict
from surveys.votes.models import Ballot, CountedBallot, RollLine, RollLineDwelling, RollLineHolder, VoteResult
from surveys.votes.results.models import ResultRecount
from surveys.votes.rules.binding import Channel
from surveys.votes.rules.conflicts import DISPUTES, ConflictKind, ConflictState
from surveys.votes.rules.roll import VOTING_LEVEL, LineKind


def ballot_by_public_id(session: Session, public_id: str) -> Ballot:
    """A ballot just cast, by its public id. Raises NoResultFound for one that never was."""
    return session.scalars(sa.select(Ballot).where(Ballot.public_id == public_id)).one()


def ties_of_line(session: Session, line: RollLine) -> Sequence[tuple[int, int]]:
    """Account and dwelling of every tie that may use a line: of a holder himself or his agent, or of the household."""
    ties = sa.select(Tie.account_id, Tie.dwelling_id).where(Tie.ended_at.is_(None), Tie.level >= VOTING_LEVEL)
    if line.kind == LineKind.HOUSEHOLD:
        doors = sa.select(RollLineDwelling.dwelling_id).where(RollLineDwelling.roll_line_id == line.id)
        wanted = ties.where(Tie.dwelling_id.in_(doors), Tie.relation != Relation.NEIGHBOUR)
    else:
        holders = sa.select(RollLineHolder.person_id).where(RollLineHolder.roll_line_id == line.id)
        wanted = ties.where(Tie.person_id.in_(holders), Tie.relation.in_([Relation.SELF, Relation.REPRESENTATIVE]))
    return [(row.account_id, row.dwelling_id) for row in session.execute(wanted.order_by(Tie.since))]


def ballots_of_lines(session: Session, line_ids: Sequence[int]) -> dict[int, list[Ballot]]:
    """Line id → its ballots, the counted one first, then the oldest."""
    found: dict[int, list[Ballot]] = defaultdict(list)
    for ballot in session.scalars(
        sa.select(Ballot)
        .outerjoin(CountedBallot, CountedBallot.ballot_id == Ballot.id)
        .where(Ballot.roll_line_id.in_(line_ids))
        .order_by(CountedBallot.id.is_(None), Ballot.cast_at)
    ):
        found[ballot.roll_line_id].append(ballot)
    return found


@dataclass(frozen=True, slots=True)
class HeldBallot:
    """A ballot of a line: its inner id, how it came, whether it counts, when it was received."""

    id: int
    channel: Channel
    counts: bool
    at: datetime
    late: bool


def held_on(session: Session, line_id: int) -> list[HeldBallot]:
    """The ballots of a line, in time or late, the counted one first."""
    return [
        HeldBallot(row.id, Channel(row.channel), row.counts, row.cast_at, row.standing == "late")
        for row in session.execute(
            sa.select(
                Ballot.id,
                Ballot.channel,
                Ballot.cast_at,
                Ballot.standing,
                CountedBallot.id.is_not(None).label("counts"),
            )
            .outerjoin(CountedBallot, CountedBallot.ballot_id == Ballot.id)
            .where(Ballot.roll_line_id == line_id)
            .order_by(CountedBallot.id.is_(None))
        )
    ]


def ballot_by_receipt(session: Session, vote_id: int, receipt_no: str) -> Ballot | None:
    """The ballot of a receipt number in a vote, or None."""
    return session.scalar(sa.select(Ballot).where(Ballot.vote_id == vote_id, Ballot.receipt_no == receipt_no))


@dataclass(frozen=True, slots=True)
class Turnout:
    """How far a vote has come: lines used, their heads and area (0.01 ㎡). Never what was chosen."""

    lines: int
    heads: int
    area_dm2: int


def turnout_of(session: Session, vote_id: int) -> Turnout:
    """Sums over the ballots that count so far."""
    row = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(RollLine.heads), 0),
            sa.func.coalesce(sa.func.sum(RollLine.area_dm2), 0),
        )
        .select_from(CountedBallot)
        .join(RollLine, RollLine.id == CountedBallot.roll_line_id)
        .where(CountedBallot.vote_id == vote_id)
    ).one()
    return Turnout(int(row[0]), int(row[1]), int(row[2]))


def ballots_of(session: Session, vote_id: int) -> Sequence[Ballot]:
    """Every ballot that was kept, valid or late, by receipt number (an order that says nothing)."""
    return session.scalars(sa.select(Ballot).where(Ballot.vote_id == vote_id).order_by(Ballot.receipt_no)).all()


def late_ballots(session: Session, vote_id: int) -> int:
    """How many ballots came after the closing instant; kept, not counted."""
    return (
        session.scalar(
            sa.select(sa.func.count()).select_from(Ballot).where(Ballot.vote_id == vote_id, Ballot.standing == "late")
        )
        or 0
    )


def counted_ballots(session: Session, vote_id: int) -> Sequence[sa.Row[Ballot, RollLine, bool]]:
    """The ballots that count with their lines and whether each is disputed, by receipt number (which says nothing of
    time or door): rows of ``Ballot`` (with ``channel``, ``by_proxy``), ``RollLine``, ``disputed``.
    """
    disputed = sa.exists().where(
        BallotConflict.ballot_id == Ballot.id,
        sa.or_(
            BallotConflict.kind.in_([str(kind) for kind in DISPUTES]), BallotConflict.state == str(ConflictState.OPEN)
        ),
    )
    return session.execute(
        sa.select(Ballot, RollLine, disputed.label("disputed"))
        .join(CountedBallot, CountedBallot.ballot_id == Ballot.id)
        .join(RollLine, RollLine.id == CountedBallot.roll_line_id)
        .where(CountedBallot.vote_id == vote_id)
        .order_by(Ballot.receipt_no)
    ).all()


def set_aside(session: Session, vote_id: int) -> int:
    """How many ballots came in time and do not count, because another of their line does or none may."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Ballot)
            .outerjoin(CountedBallot, CountedBallot.ballot_id == Ballot.id)
            .where(Ballot.vote_id == vote_id, Ballot.standing == "valid", CountedBallot.id.is_(None))
        )
        or 0
    )


def undecided_ballots(session: Session, vote_id: int) -> int:
    """How many lines have two ballots of one instant between which the street has not decided."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(BallotConflict)
            .where(
                BallotConflict.vote_id == vote_id,
                BallotConflict.state == str(ConflictState.OPEN),
                BallotConflict.kind == str(ConflictKind.TWO_CHANNELS),
            )
        )
        or 0
    )


def open_conflicts(session: Session, vote_id: int) -> int:
    """How many questions about ballots wait for the street."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(BallotConflict)
            .where(BallotConflict.vote_id == vote_id, BallotConflict.state == str(ConflictState.OPEN))
        )
        or 0
    )


def receipts_of(session: Session, vote_id: int) -> Sequence[sa.Row[str, str, str]]:
    """The public board: receipt number, audit row hash and standing of every ballot, by number."""
    return session.execute(
        sa.select(Ballot.receipt_no, Ballot.audit_hash, Ballot.standing)
        .where(Ballot.vote_id == vote_id)
        .order_by(Ballot.receipt_no)
    ).all()


def first_result_of(session: Session, vote_id: int) -> VoteResult | None:
    """What was counted first, or None before; it stays whatever is counted later."""
    return session.get(VoteResult, vote_id)


def result_of(session: Session, vote_id: int) -> VoteResult | ResultRecount | None:
    """What was counted last, or None before."""
    last = session.scalar(
        sa.select(ResultRecount).where(ResultRecount.vote_id == vote_id).order_by(ResultRecount.number.desc()).limit(1)
    )
    return last or first_result_of(session, vote_id)
