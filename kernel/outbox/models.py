"""The table of news to deliver."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import JsonDoc, Model, UTCDateTime, big_id


class OutboxRow(Model):
    """A piece of news. Gone when delivered; ``dead_at`` set when nobody could take it (counted, shown, kept)."""

    __tablename__ = "outbox"
    __table_args__ = (sa.Index("outbox_due_at_idx", "dead_at", "due_at"),)

    id: Mapped[int] = big_id()
    topic: Mapped[str] = mapped_column(sa.String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    staged_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    tries: Mapped[int] = mapped_column(sa.Integer, default=0)
    last_error: Mapped[str | None] = mapped_column(sa.String(200))
    dead_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
