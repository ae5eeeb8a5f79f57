"""The table of the service's fees: each line of a fund-flow bill that moved one, once."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, Model, UTCDateTime, big_id, fk


class ServiceFee(Model):
    """A fee, or (``amount_fen`` below 0) one given back. A line of the bill is known again by the service's two
    numbers, its moment and the balance it left. ``number``: our payment or refund it is about; ``booking``: the entry
    that holds it together with others of its collection.
    """

    __tablename__ = "service_fee"
    __table_args__ = (
        sa.UniqueConstraint(
            "channel", "merchant_id", "service_no", "flow_no", "at", "balance_fen", name="service_fee_once"
        ),
        sa.CheckConstraint("amount_fen <> 0", name="service_fee_never_nothing"),
        sa.Index("service_fee_day_idx", "merchant_id", "day"),
        sa.Index("service_fee_number_idx", "number"),
        sa.Index("service_fee_booking_idx", "booking"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    channel: Mapped[str] = mapped_column(sa.String(24))
    merchant_id: Mapped[str] = mapped_column(sa.String(32))
    day: Mapped[date] = mapped_column(sa.Date)
    service_no: Mapped[str] = mapped_column(sa.String(64))
    flow_no: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    balance_fen: Mapped[int] = mapped_column(sa.BigInteger)
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    number: Mapped[str] = mapped_column(sa.String(64))
    collection_id: Mapped[int] = mapped_column(fk("collection.id"))
    booking: Mapped[str] = mapped_column(sa.String(22))
