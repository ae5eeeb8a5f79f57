"""The table of keys already used. Holds no bodies: receipts and phones would live in them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime


class IdempotencyRow(Model):
    """A key of an actor, the hash of the request it came with, and the resource it made."""

    __tablename__ = "idempotency"
    __table_args__ = (sa.Index("idempotency_at_idx", "at"),)

    actor: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    token: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    request_hash: Mapped[str] = mapped_column(sa.String(64))
    resource: Mapped[str] = mapped_column(sa.String(120))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
