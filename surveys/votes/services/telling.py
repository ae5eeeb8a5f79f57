"""Who of a line is told what became of it: that it was used, that two ballots came, what the street decided."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.people.models import Tie
from surveys.votes.models import Ballot, RollLine, RollLineDwelling, RollLineHolder
from surveys.votes.rules.binding import Channel
from surveys.votes.rules.roll import VOTING_LEVEL, LineKind


@dataclass(frozen=True)
class Told:
    """Somebody to tell: the account, and by which of his doors."""

    account_id: int
    dwelling_id: int


def of_line(session: Session, line: RollLine) -> list[Told]:
    """The accounts that may use a line: proved to be one of its holders, or of its household; one door each."""
    ties = sa.select(Tie.account_id, Tie.dwelling_id).where(Tie.ended_at.is_(None), Tie.level >= VOTING_LEVEL)
    doors = sa.select(RollLineDwelling.dwelling_id).where(RollLineDwelling.roll_line_id == line.id)
    if line.kind == LineKind.HOUSEHOLD:
        wanted = ties.where(Tie.dwelling_id.in_(doors), Tie.relation != "neighbour")
    else:
        holders = sa.select(RollLineHolder.person_id).where(RollLineHolder.roll_line_id == line.id)
        wanted = ties.where(Tie.person_id.in_(holders), Tie.relation.in_(["self", "representative"]))
    found: dict[int, Told] = {}
    for row in session.execute(wanted.order_by(Tie.since)):
        found.setdefault(row.account_id, Told(row.account_id, row.dwelling_id))
    return list(found.values())


@dataclass(frozen=True)
class Used:
    """That a line was used: ``how`` is ``other`` (a co-owner, the household), ``paper`` or ``agent``."""

    line: str
    how: str
    people: list[Told]


def used(session: Session, ballot_id: str) -> Used:
    """Who else is to know of a ballot (by its public id): everybody of the line but the one who cast it."""
    ballot, line = session.execute(
        sa.select(Ballot, RollLine)
        .join(RollLine, RollLine.id == Ballot.roll_line_id)
        .where(Ballot.public_id == ballot_id)
    ).one()
    people = [each for each in of_line(session, line) if each.account_id != ballot.account_id]
    how = "agent" if ballot.by_proxy else "paper" if ballot.channel == Channel.PAPER else "other"
    return Used(line.public_id, how, people)
