"""Every select over results on their way."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import Conflict, NotFound
from kernel.people.models import Account
from surveys.votes.models import RollLine, RollLineDwelling
from surveys.votes.results.models import ResultObjection, ResultPlan, ResultRecount, ResultStanding
from surveys.votes.results.rules import DEFAULT_DAYS, Stage


def plan_of(session: Session, vote_id: int) -> ResultPlan | None:
    """The days set for a vote, or None."""
    return session.get(ResultPlan, vote_id)


def publicity_days(session: Session, vote_id: int) -> int:
    """How many days the vote's result is published."""
    plan = plan_of(session, vote_id)
    return DEFAULT_DAYS if plan is None else plan.publicity_days


def standing_of(session: Session, vote_id: int) -> ResultStanding | None:
    """Where the result stands; None before it is published."""
    return session.get(ResultStanding, vote_id)


def is_final(session: Session, vote_id: int) -> bool:
    """Whether the vote has a final result."""
    standing = standing_of(session, vote_id)
    return standing is not None and standing.stage == Stage.FINAL


def standing_for_update(session: Session, vote_id: int) -> ResultStanding:
    """Where the result stands, held for a change. Raises Conflict before the result is out."""
    standing = session.scalar(for_update(sa.select(ResultStanding).where(ResultStanding.vote_id == vote_id)))
    if standing is None:
        raise Conflict("no-result-yet", "结果还没有公布。投票截止、计票之后会在这里公布。")
    return standing


def recounts_of(session: Session, vote_id: int) -> Sequence[ResultRecount]:
    """Every recount, the first one first."""
    return session.scalars(
        sa.select(ResultRecount).where(ResultRecount.vote_id == vote_id).order_by(ResultRecount.number)
    ).all()


def objections_of(session: Session, vote_id: int) -> Sequence[ResultObjection]:
    """Every objection in the order of their numbers."""
    return session.scalars(
        sa.select(ResultObjection).where(ResultObjection.vote_id == vote_id).order_by(ResultObjection.number)
    ).all()


def objection(session: Session, vote_id: int, public_id: str) -> ResultObjection:
    """One objection of a vote. Raises NotFound."""
    found = session.scalar(
        sa.select(ResultObjection).where(ResultObjection.vote_id == vote_id, ResultObjection.public_id == public_id)
    )
    if found is None:
        raise NotFound("no-such-objection", "没有找到这条异议。")
    return found


def objector(session: Session, made: ResultObjection) -> str:
    """Who objected, as the audit chain names him."""
    account = session.get_one(Account, made.account_id)
    return f"account:{account.public_id}"


def dwelling_of(session: Session, made: ResultObjection) -> int:
    """A dwelling of the line an objector stands on (inner id)."""
    return session.scalars(
        sa.select(RollLineDwelling.dwelling_id)
        .where(RollLineDwelling.roll_line_id == made.roll_line_id)
        .order_by(RollLineDwelling.dwelling_id)
        .limit(1)
    ).one()


def line_number(session: Session, made: ResultObjection) -> int:
    """The roll line an objector stands on."""
    return session.get_one(RollLine, made.roll_line_id).number


def waiting_by_vote(session: Session) -> dict[int, int]:
    """Vote → how many objections to its result wait for an answer."""
    rows = session.execute(
        sa.select(ResultObjection.vote_id, sa.func.count().label("many"))
        .where(ResultObjection.answered_at.is_(None))
        .group_by(ResultObjection.vote_id)
    )
    return {row.vote_id: row.many for row in rows}
