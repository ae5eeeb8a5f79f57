"""The tables of batches: what two people agreed to send back, and what became of each payment of it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, one_of, public_id
from payments.rules.batch import BatchKind, LineState
from payments.rules.two_people import ProposalState
from payments.two_people import ByTwo, checks_of_two

_WAITS = sa.text("state = 'proposed'")


class RefundBatch(ByTwo, Model):
    """A list of payments to send back, as previewed. ``decision`` says of which kind, ``why`` on which paper."""

    __tablename__ = "refund_batch"
    __table_args__ = (
        one_of("state", ProposalState, "refund_batch"),
        one_of("decision", BatchKind, "refund_batch"),
        *checks_of_two("refund_batch"),
        sa.CheckConstraint("total_fen > 0", name="refund_batch_total_positive"),
        sa.Index("refund_batch_one_waits", "collection_id", unique=True, sqlite_where=_WAITS, postgresql_where=_WAITS),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    collection_id: Mapped[int] = mapped_column(fk("collection.id"))
    total_fen: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[str] = mapped_column(sa.String(24))


class RefundBatchLine(Model):
    """One payment of a batch. A failed one says why and is tried again; its request, once made, is the refund's.

    ``bank_why``: why it goes back by bank transfer though WeChat were open; None: by the road that is open.
    """

    __tablename__ = "refund_batch_line"
    __table_args__ = (
        one_of("state", LineState, "refund_batch_line"),
        sa.UniqueConstraint("batch_id", "deposit_id", name="refund_batch_line_once"),
        sa.UniqueConstraint("request_id", name="refund_batch_line_one_a_request"),
        sa.CheckConstraint("amount_fen > 0", name="refund_batch_line_amount_positive"),
        sa.CheckConstraint("(state = 'released') = (request_id IS NOT NULL)", name="refund_batch_line_released"),
        sa.CheckConstraint("state <> 'failed' OR problem IS NOT NULL", name="refund_batch_line_says_why"),
        sa.Index("refund_batch_line_deposit_idx", "deposit_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    batch_id: Mapped[int] = mapped_column(fk("refund_batch.id"))
    deposit_id: Mapped[int] = mapped_column(fk("deposit.id"))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[str] = mapped_column(sa.String(24))
    bank_why: Mapped[str | None] = mapped_column(sa.String(200))
    problem: Mapped[str | None] = mapped_column(sa.String(200))
    request_id: Mapped[int | None] = mapped_column(fk("deposit_refund.id"))
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
