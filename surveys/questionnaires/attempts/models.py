"""The table of tries at a door."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, Model, UTCDateTime, big_id, fk, one_of, public_id
from surveys.questionnaires.rules.rates import Outcome


class VisitAttempt(Model):
    """A worker stood at a door of a campaign, and what he found. The last one says how the household stands."""

    __tablename__ = "visit_attempt"
    __table_args__ = (
        one_of("outcome", Outcome, "visit_attempt"),
        sa.Index("visit_attempt_dwelling_idx", "campaign_id", "dwelling_id", "at"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    outcome: Mapped[str] = mapped_column(sa.String(24))
    account_id: Mapped[int] = mapped_column(fk("account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
