"""The tables of the counter. What was taken and printed only grows; the database itself asks for two people."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, Model, UTCDateTime, big_id, fk, one_of, public_id
from payments.rules.channel import Desk
from payments.rules.two_people import ProposalState
from payments.two_people import ByTwo, checks_of_two

_NOT_COUNTED = sa.text("closed_at IS NULL")
_VOIDING = sa.text("state IN ('proposed', 'decided')")


class Collector(Model):
    """Somebody who has taken money here; ``number`` makes the series of his receipts and is his for ever."""

    __tablename__ = "collector"
    __table_args__ = (
        sa.UniqueConstraint("number", name="collector_number_key"),
        sa.CheckConstraint("number > 0", name="collector_number_positive"),
        APPEND_ONLY,
    )

    person_id: Mapped[int] = mapped_column(fk("person.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(sa.BigInteger)


class CashBox(Model):
    """What one collector takes in cash for one collection on one day, until another person counts it."""

    __tablename__ = "cash_box"
    __table_args__ = (
        sa.CheckConstraint("closed_by IS NULL OR closed_by <> collector_id", name="cash_box_two_people"),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (counted_fen IS NULL)"
            " AND (closed_at IS NULL) = (entered_fen IS NULL)",
            name="cash_box_counted_when_closed",
        ),
        sa.CheckConstraint("counted_fen >= 0 AND entered_fen >= 0", name="cash_box_amounts"),
        sa.CheckConstraint("counted_fen = entered_fen OR why IS NOT NULL", name="cash_box_difference_explained"),
        sa.CheckConstraint("banking_id IS NULL OR closed_at IS NOT NULL", name="cash_box_banked_after_count"),
        sa.Index(
            "cash_box_one_open",
            "collection_id",
            "collector_id",
            unique=True,
            sqlite_where=_NOT_COUNTED,
            postgresql_where=_NOT_COUNTED,
        ),
        sa.Index("cash_box_banking_id_idx", "banking_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    collection_id: Mapped[int] = mapped_column(fk("collection.id"))
    collector_id: Mapped[int] = mapped_column(fk("person.id"))
    day: Mapped[date] = mapped_column(sa.Date)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    entered_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    counted_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    why: Mapped[str | None] = mapped_column(sa.String(200))
    closed_by: Mapped[int | None] = mapped_column(fk("person.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    banking_id: Mapped[int | None] = mapped_column(fk("cash_banking.id"))


class CashBanking(Model):
    """Counted boxes handed in at the bank together. ``line_id``: the statement's line that shows it."""

    __tablename__ = "cash_banking"
    __table_args__ = (
        sa.UniqueConstraint("line_id", name="cash_banking_one_a_line"),
        sa.CheckConstraint("amount_fen > 0", name="cash_banking_amount_positive"),
        sa.CheckConstraint("(line_id IS NULL) = (arrived_at IS NULL)", name="cash_banking_arrived_by_a_line"),
        sa.Index("cash_banking_collection_id_idx", "collection_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    collection_id: Mapped[int] = mapped_column(fk("collection.id"))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    slip_no: Mapped[str] = mapped_column(sa.String(64))
    banked_by: Mapped[int] = mapped_column(fk("person.id"))
    banked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    line_id: Mapped[int | None] = mapped_column(fk("bank_line.id"))
    arrived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Taking(Model):
    """Money one collector took for one deposit: cash in a box, or a card at a terminal. The payer's name is sealed."""

    __tablename__ = "taking"
    __table_args__ = (
        sa.UniqueConstraint("attempt_id", name="taking_one_an_attempt"),
        one_of("channel", Desk, "taking"),
        sa.CheckConstraint("amount_fen > 0", name="taking_amount_positive"),
        sa.CheckConstraint("(channel = 'cash') = (box_id IS NOT NULL)", name="taking_cash_in_a_box"),
        sa.CheckConstraint("(channel = 'pos') = (voucher_no IS NOT NULL)", name="taking_card_by_voucher"),
        sa.Index("taking_box_id_idx", "box_id"),
        sa.Index("taking_collector_id_idx", "collector_id", "taken_at"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    attempt_id: Mapped[int] = mapped_column(fk("payment_attempt.id"))
    deposit_id: Mapped[int] = mapped_column(fk("deposit.id"))
    channel: Mapped[str] = mapped_column(sa.String(24))
    box_id: Mapped[int | None] = mapped_column(fk("cash_box.id"))
    collector_id: Mapped[int] = mapped_column(fk("person.id"))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    payer_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    terminal_no: Mapped[str | None] = mapped_column(sa.String(32))
    voucher_no: Mapped[str | None] = mapped_column(sa.String(32))
    pos_bank: Mapped[str | None] = mapped_column(sa.String(40))
    taken_at: Mapped[datetime] = mapped_column(UTCDateTime)


class TakingVoid(ByTwo, Model):
    """A taking entered wrongly: one person says so and why, another agrees, the entry is reversed."""

    __tablename__ = "taking_void"
    __table_args__ = (
        one_of("state", ProposalState, "taking_void"),
        *checks_of_two("taking_void"),
        sa.Index("taking_void_one", "taking_id", unique=True, sqlite_where=_VOIDING, postgresql_where=_VOIDING),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    taking_id: Mapped[int] = mapped_column(fk("taking.id"))
    state: Mapped[str] = mapped_column(sa.String(24))


class ReceiptPrint(Model):
    """A receipt was printed for somebody: the first time, and each time again."""

    __tablename__ = "receipt_print"
    __table_args__ = (
        sa.UniqueConstraint("receipt_id", "nth", name="receipt_print_once"),
        sa.CheckConstraint("nth > 0", name="receipt_print_nth_positive"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    receipt_id: Mapped[int] = mapped_column(fk("receipt.id"))
    nth: Mapped[int] = mapped_column(sa.BigInteger)
    printed_by: Mapped[int] = mapped_column(fk("person.id"))
    printed_at: Mapped[datetime] = mapped_column(UTCDateTime)
