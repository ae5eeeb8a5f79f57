"""The tables of deposits that go back or become contributions. That it took two people, the database says as well."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, one_of, public_id
from payments.rules.giving_back import BACK, LIVE, OWED, AskedReason, Origin, RequestState, Road
from payments.two_people import Drawn, checks_of_drawn


class BatchState(StrEnum):
    """Where a proposal to convert stands."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    WITHDRAWN = "withdrawn"


class LineState(StrEnum):
    """What became of one deposit of a proposal."""

    PLANNED = "planned"
    DONE = "done"
    SKIPPED = "skipped"
    """Its payer asked for his money back meanwhile, his flat was sold, or the deposit is not there any more."""
    DROPPED = "dropped"


def _within(states: frozenset[RequestState]) -> str:
    return "state IN ({})".format(", ".join(f"'{state.value}'" for state in sorted(states)))


_LIVE = sa.text(_within(LIVE))
_OPEN_LINE = sa.text("state IN ('planned', 'done')")


class DepositRefund(Model):
    """A deposit asked back and everything done about it. Account numbers are sealed, and dropped once it is over."""

    __tablename__ = "deposit_refund"
    __table_args__ = (
        one_of("state", RequestState, "deposit_refund"),
        one_of("origin", Origin, "deposit_refund"),
        one_of("reason", AskedReason, "deposit_refund"),
        one_of("road", Road, "deposit_refund"),
        sa.CheckConstraint("amount_fen > 0", name="deposit_refund_amount_positive"),
        sa.CheckConstraint("second_by IS NULL OR second_by <> first_by", name="deposit_refund_two_approve"),
        sa.CheckConstraint(
            "second_by IS NULL OR entered_by IS NULL OR second_by <> entered_by", name="deposit_refund_not_the_maker"
        ),
        sa.CheckConstraint(
            f"NOT {_within(OWED | BACK)} OR (first_by IS NOT NULL AND second_by IS NOT NULL AND road IS NOT NULL)",
            name="deposit_refund_owed_by_two",
        ),
        sa.CheckConstraint("executed_by IS NULL OR executed_by <> payee_by", name="deposit_refund_cashier_apart"),
        sa.CheckConstraint("confirmed_by IS NULL OR confirmed_by <> executed_by", name="deposit_refund_two_pay"),
        sa.CheckConstraint(
            f"NOT {_within(BACK)} OR (payee_sealed IS NULL AND done_at IS NOT NULL)",
            name="deposit_refund_payee_dropped",
        ),
        sa.CheckConstraint("state <> 'refunded' OR intent_id IS NOT NULL", name="deposit_refund_by_intent"),
        sa.CheckConstraint(
            "state <> 'refunded_offline' OR (voucher_no IS NOT NULL AND confirmed_by IS NOT NULL)",
            name="deposit_refund_by_voucher",
        ),
        sa.UniqueConstraint("intent_id", name="deposit_refund_one_an_intent"),
        sa.Index("deposit_refund_deposit_id_idx", "deposit_id"),
        sa.Index("deposit_refund_one_live", "deposit_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    deposit_id: Mapped[int] = mapped_column(fk("deposit.id"))
    state: Mapped[str] = mapped_column(sa.String(24))
    origin: Mapped[str] = mapped_column(sa.String(24))
    reason: Mapped[str | None] = mapped_column(sa.String(24))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    entered_by: Mapped[int | None] = mapped_column(fk("person.id"))
    first_by: Mapped[int | None] = mapped_column(fk("person.id"))
    first_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    second_by: Mapped[int | None] = mapped_column(fk("person.id"))
    second_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    refused_by: Mapped[int | None] = mapped_column(fk("person.id"))
    refused_why: Mapped[str | None] = mapped_column(sa.String(200))
    road: Mapped[str | None] = mapped_column(sa.String(24))
    intent_id: Mapped[int | None] = mapped_column(fk("refund_intent.id"))
    payee_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    payee_by: Mapped[int | None] = mapped_column(fk("person.id"))
    voucher_no: Mapped[str | None] = mapped_column(sa.String(64))
    executed_by: Mapped[int | None] = mapped_column(fk("person.id"))
    executed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(fk("person.id"))
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ConversionBatch(Drawn, Model):
    """A proposal to turn an estate's deposits into contributions. ``due_fen``: a household's share; None: all of it."""

    __tablename__ = "conversion_batch"
    __table_args__ = (
        one_of("state", BatchState, "conversion_batch"),
        sa.CheckConstraint("due_fen IS NULL OR due_fen > 0", name="conversion_batch_due_positive"),
        *checks_of_drawn("conversion_batch"),
        sa.Index(
            "conversion_batch_one_proposed",
            "collection_id",
            unique=True,
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        ),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    collection_id: Mapped[int] = mapped_column(fk("collection.id"))
    state: Mapped[str] = mapped_column(sa.String(24))
    basis: Mapped[str] = mapped_column(sa.String(200))
    due_fen: Mapped[int | None] = mapped_column(sa.BigInteger)


class ConversionLine(Model):
    """One deposit of a proposal: what of it becomes a contribution and what goes back."""

    __tablename__ = "conversion_line"
    __table_args__ = (
        one_of("state", LineState, "conversion_line"),
        sa.CheckConstraint("amount_fen > 0 AND rest_fen >= 0", name="conversion_line_amounts"),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="conversion_line_done_when_done"),
        sa.Index(
            "conversion_line_one_open", "deposit_id", unique=True, sqlite_where=_OPEN_LINE, postgresql_where=_OPEN_LINE
        ),
        sa.Index("conversion_line_batch_id_idx", "batch_id"),
        sa.Index("conversion_line_deposit_id_idx", "deposit_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    batch_id: Mapped[int] = mapped_column(fk("conversion_batch.id"))
    deposit_id: Mapped[int] = mapped_column(fk("deposit.id"))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    rest_fen: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[str] = mapped_column(sa.String(24))
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
