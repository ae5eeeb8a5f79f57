"""Every select over the live counts."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.questionnaires.models import TallyCounter
from surveys.questionnaires.rules.questions import ANSWERED


def counters(
    session: Session, campaign_id: int, estate_ids: Sequence[int] | None = None, channel: str = ""
) -> dict[tuple[str, str, str], int]:
    """The counters of a campaign, of some estates or of all, by one channel or by all: (question, row, cell) → n."""
    statement = (
        sa.select(TallyCounter.question, TallyCounter.row, TallyCounter.cell, sa.func.sum(TallyCounter.n))
        .where(TallyCounter.campaign_id == campaign_id)
        .group_by(TallyCounter.question, TallyCounter.row, TallyCounter.cell)
    )
    if estate_ids is not None:
        statement = statement.where(TallyCounter.estate_id.in_(estate_ids))
    if channel:
        statement = statement.where(TallyCounter.channel == channel)
    return {(row[0], row[1], row[2]): int(row[3]) for row in session.execute(statement)}


def counters_by_estate(session: Session, campaign_id: int) -> dict[tuple[int, str, str, str, str], int]:
    """The counters of a campaign as they are stored, without the zeros: (estate, channel, question, row, cell) → n."""
    rows = session.execute(
        sa.select(
            TallyCounter.estate_id,
            TallyCounter.channel,
            TallyCounter.question,
            TallyCounter.row,
            TallyCounter.cell,
            TallyCounter.n,
        ).where(TallyCounter.campaign_id == campaign_id)
    )
    return {(row[0], row[1], row[2], row[3], row[4]): row[5] for row in rows if row[5]}


def counted_by_estate(session: Session, campaign_id: int) -> dict[int, dict[str, int]]:
    """How many responses the counters hold: estate (inner id) → channel → n. Costs estates, not responses."""
    rows = session.execute(
        sa.select(TallyCounter.estate_id, TallyCounter.channel, TallyCounter.n).where(
            TallyCounter.campaign_id == campaign_id,
            TallyCounter.question == sa.literal_column("''"),
            TallyCounter.cell == ANSWERED,
        )
    )
    found: dict[int, dict[str, int]] = {}
    for estate_id, channel, n in rows:
        if n:
            found.setdefault(estate_id, {})[channel] = n
    return found
