"""The tables of reconciliation: bills as they came, the days compared, what differed and who decided what."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, JsonDoc, Model, UTCDateTime, big_id, fk, one_of, public_id
from payments.rules.bill import BillKind
from payments.rules.reconcile import Decision, DifferenceKind, DifferenceState, Item, ReversalState
from payments.two_people import ByTwo, checks_of_two


class BillSource(StrEnum):
    """Who brought the file."""

    SERVICE = "service"
    FILE = "file"


class BillFile(Model):
    """A bill exactly as it came, kept outside the database and known by its hash; fetched again alike, it is one."""

    __tablename__ = "bill_file"
    __table_args__ = (
        sa.UniqueConstraint("channel", "merchant_id", "day", "kind", "sha256", name="bill_file_once"),
        one_of("kind", BillKind, "bill_file"),
        one_of("source", BillSource, "bill_file"),
        sa.CheckConstraint("storage_key IS NOT NULL OR row_count = 0", name="bill_file_kept_unless_empty"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    channel: Mapped[str] = mapped_column(sa.String(24))
    merchant_id: Mapped[str] = mapped_column(sa.String(32))
    day: Mapped[date] = mapped_column(sa.Date)
    kind: Mapped[str] = mapped_column(sa.String(24))
    source: Mapped[str] = mapped_column(sa.String(24))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    storage_key: Mapped[str | None] = mapped_column(sa.String(120))
    row_count: Mapped[int] = mapped_column(sa.BigInteger)
    fetched_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ReconciledDay(Model):
    """One merchant's day in China: what both sides told at the last comparison. ``trouble``: why it could not be made.

    Counts and sums are both sides' own, before differences; fees are those of the day's trades, less what was given
    back. ``flow``: how the account moved (``rules.fund_flow.Flow``), None before its bill was read; ``closed_by``
    signed the day once nothing waited.
    """

    __tablename__ = "reconciled_day"
    __table_args__ = (
        sa.UniqueConstraint("channel", "merchant_id", "day", name="reconciled_day_once"),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="reconciled_day_closed_by_somebody"),
        sa.CheckConstraint("closed_at IS NULL OR bill_id IS NOT NULL", name="reconciled_day_closed_with_a_bill"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    channel: Mapped[str] = mapped_column(sa.String(24))
    merchant_id: Mapped[str] = mapped_column(sa.String(32))
    day: Mapped[date] = mapped_column(sa.Date)
    bill_id: Mapped[int | None] = mapped_column(fk("bill_file.id"))
    trouble: Mapped[str | None] = mapped_column(sa.String(200))
    ours_payments: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    ours_paid_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    ours_refunds: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    ours_refunded_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    theirs_payments: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    theirs_paid_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    theirs_refunds: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    theirs_refunded_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    ours_fees_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default=sa.text("0"))
    theirs_fees_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default=sa.text("0"))
    flow_bill_id: Mapped[int | None] = mapped_column(fk("bill_file.id"))
    flow: Mapped[dict[str, Any] | None] = mapped_column(JsonDoc)
    run_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by: Mapped[int | None] = mapped_column(fk("person.id"))


class BillDifference(ByTwo, Model):
    """One disagreement of a day and what was decided. The one who proposes never decides: the database says so, too."""

    __tablename__ = "bill_difference"
    __table_args__ = (
        sa.UniqueConstraint("day_id", "item", "number", "kind", "nth", name="bill_difference_once"),
        one_of("item", Item, "bill_difference"),
        one_of("kind", DifferenceKind, "bill_difference"),
        one_of("state", DifferenceState, "bill_difference"),
        one_of("decision", Decision, "bill_difference"),
        *checks_of_two("bill_difference"),
        sa.Index("bill_difference_number_idx", "number"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    day_id: Mapped[int] = mapped_column(fk("reconciled_day.id"))
    item: Mapped[str] = mapped_column(sa.String(24))
    number: Mapped[str] = mapped_column(sa.String(64))
    kind: Mapped[str] = mapped_column(sa.String(24))
    nth: Mapped[int] = mapped_column(sa.BigInteger)
    ours_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    theirs_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    ours_says: Mapped[str] = mapped_column(sa.String(64))
    theirs_says: Mapped[str] = mapped_column(sa.String(64))
    collection_id: Mapped[int | None] = mapped_column(fk("collection.id"))
    """Whose books the decision moves."""
    state: Mapped[str] = mapped_column(sa.String(24))
    found_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


_OPEN = sa.text("state = 'proposed'")


class DifferenceReversal(ByTwo, Model):
    """What was decided about a difference (``undid``) was wrong, or is told by a bill after all. ``signed_by``: who had
    signed the day, which was opened again by it.
    """

    __tablename__ = "difference_reversal"
    __table_args__ = (
        one_of("state", ReversalState, "difference_reversal"),
        one_of("undid", Decision, "difference_reversal"),
        *checks_of_two("difference_reversal"),
        sa.CheckConstraint("(signed_at IS NULL) = (signed_by IS NULL)", name="difference_reversal_signed_by_somebody"),
        sa.Index(
            "difference_reversal_one_open",
            "difference_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        sa.Index("difference_reversal_difference_id_idx", "difference_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    difference_id: Mapped[int] = mapped_column(fk("bill_difference.id"))
    undid: Mapped[str] = mapped_column(sa.String(24))
    state: Mapped[str] = mapped_column(sa.String(24))
    signed_by: Mapped[int | None] = mapped_column(fk("person.id"))
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
