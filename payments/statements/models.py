"""The tables of bank statements. Names and remarks are sealed; the file itself is not kept, only its hash."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, JsonDoc, Model, UTCDateTime, big_id, fk, one_of, public_id
from payments.rules.bank_line import LineDecision, LineState, PartState
from payments.rules.two_people import ProposalState
from payments.two_people import ByTwo, checks_of_two


class BankAccount(Model):
    """An account money is collected into. ``layout``: column -> heading as its bank writes them, remembered."""

    __tablename__ = "bank_account"
    __table_args__ = (sa.UniqueConstraint("bank", "tail", "holder", name="bank_account_once"),)

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    holder: Mapped[str] = mapped_column(sa.String(80))
    bank: Mapped[str] = mapped_column(sa.String(80))
    tail: Mapped[str] = mapped_column(sa.String(4))
    layout: Mapped[dict[str, Any] | None] = mapped_column(JsonDoc)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class BankFile(Model):
    """A statement that was imported; the same file again adds nothing."""

    __tablename__ = "bank_file"
    __table_args__ = (
        sa.UniqueConstraint("account_id", "sha256", name="bank_file_once"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    account_id: Mapped[int] = mapped_column(fk("bank_account.id"))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    line_count: Mapped[int] = mapped_column(sa.BigInteger)
    new_count: Mapped[int] = mapped_column(sa.BigInteger)
    imported_by: Mapped[str] = mapped_column(sa.String(80))
    imported_at: Mapped[datetime] = mapped_column(UTCDateTime)


class BankLine(ByTwo, Model):
    """One line of a statement, once, however many files hold it. Day or amount are missing only in review.
    ``duplicate_of``: the line it is told again, as two people found or one proposes.
    """

    __tablename__ = "bank_line"
    __table_args__ = (
        sa.UniqueConstraint("account_id", "fingerprint", name="bank_line_once"),
        one_of("state", LineState, "bank_line"),
        one_of("decision", LineDecision, "bank_line"),
        sa.CheckConstraint("amount_fen IS NULL OR amount_fen <> 0", name="bank_line_never_nothing"),
        sa.CheckConstraint("amount_fen IS NOT NULL OR problem IS NOT NULL", name="bank_line_amount_or_problem"),
        sa.CheckConstraint("(state = 'matched') = (matched_with IS NOT NULL)", name="bank_line_matched_with_something"),
        sa.CheckConstraint("duplicate_of IS NULL OR duplicate_of <> id", name="bank_line_never_its_own_duplicate"),
        sa.CheckConstraint(
            "state <> 'decided' OR decision <> 'duplicate' OR duplicate_of IS NOT NULL",
            name="bank_line_duplicate_of_something",
        ),
        *checks_of_two("bank_line"),
        sa.Index("bank_line_duplicate_of_idx", "duplicate_of"),
        sa.Index("bank_line_account_state_idx", "account_id", "state"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    account_id: Mapped[int] = mapped_column(fk("bank_account.id"))
    file_id: Mapped[int] = mapped_column(fk("bank_file.id"))
    row: Mapped[int] = mapped_column(sa.BigInteger)
    fingerprint: Mapped[str] = mapped_column(sa.String(32))
    day: Mapped[date | None] = mapped_column(sa.Date)
    amount_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    balance_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    memo_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    account_tail: Mapped[str] = mapped_column(sa.String(4))
    serial: Mapped[str] = mapped_column(sa.String(64))
    problem: Mapped[str | None] = mapped_column(sa.String(200))
    state: Mapped[str] = mapped_column(sa.String(24))
    matched_with: Mapped[str | None] = mapped_column(sa.String(64))
    duplicate_of: Mapped[int | None] = mapped_column(fk("bank_line.id"))


_LIVE = sa.text("state IN ('planned', 'done')")


def _once(name: str, column: str) -> sa.Index:
    return sa.Index(name, column, unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE)


class LinePart(Model):
    """One effect of a line: a household credited, handed-in cash that arrived, a card payment settled (less the
    ``fee_fen`` its bank kept), a withdrawal from the payment service that arrived, a fee a collection bears, or
    (``settles``: the account) a cost of it that was made good, a surplus given back.
    """

    __tablename__ = "line_part"
    __table_args__ = (
        one_of("state", PartState, "line_part"),
        sa.CheckConstraint("amount_fen > 0", name="line_part_amount_positive"),
        sa.CheckConstraint(
            "CASE WHEN dwelling_id IS NULL THEN 0 ELSE 1 END + CASE WHEN banking_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN taking_id IS NULL THEN 0 ELSE 1 END + CASE WHEN withdrawal_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN collection_id IS NULL THEN 0 ELSE 1 END = 1",
            name="line_part_of_one_kind",
        ),
        sa.CheckConstraint("fee_fen BETWEEN 0 AND amount_fen", name="line_part_fee_within"),
        sa.CheckConstraint(
            "settles IS NULL OR (collection_id IS NOT NULL"
            " AND settles IN ('wechat_fees', 'bank_fees', 'cash_short', 'cash_over'))",
            name="line_part_settles_what",
        ),
        sa.CheckConstraint(
            "dwelling_id IS NULL OR (deposit_id IS NOT NULL) = (state IN ('done', 'undone'))",
            name="line_part_credited_when_done",
        ),
        sa.UniqueConstraint("deposit_id", name="line_part_one_a_deposit"),
        sa.Index("line_part_line_id_idx", "line_id"),
        _once("line_part_one_banking", "banking_id"),
        _once("line_part_one_taking", "taking_id"),
        _once("line_part_one_withdrawal", "withdrawal_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    line_id: Mapped[int] = mapped_column(fk("bank_line.id"))
    position: Mapped[int] = mapped_column(sa.BigInteger)
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    dwelling_id: Mapped[int | None] = mapped_column(fk("dwelling.id"))
    banking_id: Mapped[int | None] = mapped_column(fk("cash_banking.id"))
    taking_id: Mapped[int | None] = mapped_column(fk("taking.id"))
    withdrawal_id: Mapped[int | None] = mapped_column(fk("withdrawal.id"))
    collection_id: Mapped[int | None] = mapped_column(fk("collection.id"))
    """Whose cost a fee is, or was."""
    settles: Mapped[str | None] = mapped_column(sa.String(24))
    fee_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default=sa.text("0"))
    deposit_id: Mapped[int | None] = mapped_column(fk("deposit.id"))
    state: Mapped[str] = mapped_column(sa.String(24))


class LineReversal(ByTwo, Model):
    """What a line was taken for was wrong: one person says so and why, another agrees, its entries are reversed."""

    __tablename__ = "line_reversal"
    __table_args__ = (
        one_of("state", ProposalState, "line_reversal"),
        *checks_of_two("line_reversal"),
        sa.Index(
            "line_reversal_one_open",
            "line_id",
            unique=True,
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        ),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    line_id: Mapped[int] = mapped_column(fk("bank_line.id"))
    state: Mapped[str] = mapped_column(sa.String(24))
