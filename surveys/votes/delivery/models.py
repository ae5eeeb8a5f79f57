"""The tables of deliveries. A record is never changed; a wrong one is taken back by a row of its own."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, Model, UTCDateTime, big_id, fk, one_of, public_id
from surveys.votes.rules.deliveries import Recipient, Way


class NoticeDelivery(Model):
    """The notice of a vote reached a flat. ``batch``: what was recorded in one go; its photos hang on it."""

    __tablename__ = "notice_delivery"
    __table_args__ = (
        one_of("way", Way, "notice_delivery"),
        one_of("recipient", Recipient, "notice_delivery"),
        sa.CheckConstraint("proofs >= 0", name="notice_delivery_proofs_counted"),
        sa.Index(
            "notice_delivery_opened_once",
            "vote_id",
            "dwelling_id",
            unique=True,
            postgresql_where=sa.text("way = 'app'"),
            sqlite_where=sa.text("way = 'app'"),
        ),
        sa.Index("notice_delivery_vote_id_idx", "vote_id", "dwelling_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    batch: Mapped[str] = mapped_column(sa.String(22))
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    way: Mapped[str] = mapped_column(sa.String(24))
    recipient: Mapped[str] = mapped_column(sa.String(24))
    delivered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    effective_at: Mapped[datetime] = mapped_column(UTCDateTime)
    proofs: Mapped[int] = mapped_column(sa.Integer)
    note: Mapped[str] = mapped_column(sa.String(200))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str] = mapped_column(sa.String(80))


class NoticeDeliveryRevoked(Model):
    """A delivery recorded in error, with the reason; it no longer counts."""

    __tablename__ = "notice_delivery_revoked"
    __table_args__ = (APPEND_ONLY,)

    delivery_id: Mapped[int] = mapped_column(fk("notice_delivery.id"), primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(sa.String(200))
    revoked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_by: Mapped[str] = mapped_column(sa.String(80))
