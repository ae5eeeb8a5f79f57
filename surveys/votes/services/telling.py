"""Who of a line is told what became of it: that it was used, that two ballots came, what the street decided."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from surveys.votes.models import RollLine
from surveys.votes.queries import ballots
from surveys.votes.rules.binding import Channel


@dataclass(frozen=True)
class Told:
    """Somebody to tell: the account, and by which of his doors."""

    account_id: int
    dwelling_id: int


def of_line(session: Session, line: RollLine) -> list[Told]:
    """The accounts that may use a line: proved to be one of its holders, or of its household; one door each."""
    found: dict[int, Told] = {}
    for account_id, dwelling_id in ballots.ties_of_line(session, line):
        found.setdefault(account_id, Told(account_id, dwelling_id))
    return list(found.values())


@dataclass(frozen=True)
class Used:
    """That a line was used: ``how`` is ``other`` (a co-owner, the household), ``paper`` or ``agent``."""

    line: str
    how: str
    people: list[Told]


def used(session: Session, ballot_id: str) -> Used:
    """Who else is to know of a ballot (by its public id): everybody of the line but the one who cast it."""
    ballot = ballots.ballot_by_public_id(session, ballot_id)
    line = session.get_one(RollLine, ballot.roll_line_id)
    people = [each for each in of_line(session, line) if each.account_id != ballot.account_id]
    how = "agent" if ballot.by_proxy else "paper" if ballot.channel == Channel.PAPER else "other"
    return Used(line.public_id, how, people)
