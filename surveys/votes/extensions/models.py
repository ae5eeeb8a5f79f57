"""The table of extensions."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, Model, UTCDateTime, big_id, fk


class VoteExtension(Model):
    """The closing instant of a vote was put off. ``decided_by``: the body that decided, as the notice prints it."""

    __tablename__ = "vote_extension"
    __table_args__ = (
        sa.UniqueConstraint("vote_id", "number", name="vote_extension_one_number"),
        sa.CheckConstraint("new_closes_at > old_closes_at", name="vote_extension_runs_forward"),
        sa.CheckConstraint("extended_at < old_closes_at", name="vote_extension_before_closing"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    old_closes_at: Mapped[datetime] = mapped_column(UTCDateTime)
    new_closes_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_by: Mapped[str] = mapped_column(sa.String(80))
    reason: Mapped[str] = mapped_column(sa.String(200))
    extended_at: Mapped[datetime] = mapped_column(UTCDateTime)
    extended_by: Mapped[str] = mapped_column(sa.String(80))
