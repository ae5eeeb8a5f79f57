"""The tables of withdrawals, as fund-flow bills tell of them."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, Model, UTCDateTime, big_id, fk, public_id


class Withdrawal(Model):
    """One withdrawal (提现). ``entered_at``: since when the books hold it; None while they have less at the service
    than left it, which is an alarm. ``bounced_at``: since when the books know that the bank did not take it;
    ``bounce_no``: the service's number of its coming back.
    """

    __tablename__ = "withdrawal"
    __table_args__ = (
        sa.UniqueConstraint("channel", "merchant_id", "number", name="withdrawal_once"),
        sa.CheckConstraint("amount_fen > 0", name="withdrawal_amount_positive"),
        sa.CheckConstraint("(bounced_at IS NULL) = (bounce_no IS NULL)", name="withdrawal_bounced_by_a_line"),
        sa.UniqueConstraint("channel", "merchant_id", "bounce_no", name="withdrawal_bounce_once"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    channel: Mapped[str] = mapped_column(sa.String(24))
    merchant_id: Mapped[str] = mapped_column(sa.String(32))
    number: Mapped[str] = mapped_column(sa.String(64))
    day: Mapped[date] = mapped_column(sa.Date)
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    entered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    bounced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    bounce_no: Mapped[str | None] = mapped_column(sa.String(64))


class WithdrawalShare(Model):
    """What of a withdrawal was one collection's: estates of one account holder share a merchant's account."""

    __tablename__ = "withdrawal_share"
    __table_args__ = (
        sa.CheckConstraint("amount_fen > 0", name="withdrawal_share_positive"),
        APPEND_ONLY,
    )

    withdrawal_id: Mapped[int] = mapped_column(fk("withdrawal.id"), primary_key=True, autoincrement=False)
    collection_id: Mapped[int] = mapped_column(fk("collection.id"), primary_key=True, autoincrement=False)
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
