"""The tables of money. Confirmations, notices, receipts and the ledger only grow: the database refuses all else."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, JsonDoc, Model, UTCDateTime, big_id, fk, one_of, public_id
from payments.rules.alarm import AlarmKind
from payments.rules.attempt import OPEN, AttemptState, How
from payments.rules.deposit import DepositState, Purpose
from payments.rules.ledger import AccountKind, EntryKind
from payments.rules.refund import IntentState, Reason


class CollectionMode(StrEnum):
    """Whether a contribution follows the deposit, or all is collected once before works start (DOMAIN §3.1)."""

    DEPOSIT_THEN_CONTRIBUTION = "deposit_then_contribution"
    ONE_SHOT = "one_shot"


class ToldBy(StrEnum):
    """How we heard that a payment succeeded."""

    NOTICE = "notice"
    QUERY = "query"
    COUNTER = "counter"
    """Nobody told: one of ours took the money, or two recognised it at the bank."""


class NoticeOutcome(StrEnum):
    """What became of a believed notice."""

    CREDITED = "credited"
    SECOND_PAYMENT = "second_payment"
    REPEATED = "repeated"
    MISMATCH = "mismatch"
    UNMATCHED = "unmatched"
    NOT_PAID = "not_paid"
    REFUND = "refund"
    OTHER = "other"


def table_of(model: type[Model]) -> sa.Table:
    """The table behind a model, for the Core statements of the hot path."""
    return model.metadata.tables[model.__tablename__]


_open_states = ", ".join(f"'{state.value}'" for state in sorted(OPEN))
OPEN_ATTEMPT = sa.text(f"state IN ({_open_states})")


class Collection(Model):
    """One estate's collection of money, into one account holder's own merchant account (no pooling, DOMAIN §3.5)."""

    __tablename__ = "collection"
    __table_args__ = (
        one_of("mode", CollectionMode, "collection"),
        sa.CheckConstraint("suggested_fen > 0 AND average_fen > 0", name="collection_amounts_positive"),
        sa.CheckConstraint("largest_fen >= suggested_fen", name="collection_largest_enough"),
        sa.Index(
            "collection_one_open",
            "estate_id",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    estate_id: Mapped[int] = mapped_column(fk("place.id"))
    mode: Mapped[str] = mapped_column(sa.String(32))
    account_holder: Mapped[str] = mapped_column(sa.String(80))
    account_bank: Mapped[str] = mapped_column(sa.String(80))
    account_tail: Mapped[str] = mapped_column(sa.String(4))
    merchant_id: Mapped[str] = mapped_column(sa.String(32))
    series: Mapped[str] = mapped_column(sa.String(24))
    suggested_fen: Mapped[int] = mapped_column(sa.BigInteger)
    average_fen: Mapped[int] = mapped_column(sa.BigInteger)
    largest_fen: Mapped[int] = mapped_column(sa.BigInteger)
    terms_version: Mapped[str] = mapped_column(sa.String(24))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


A_DEPOSIT = sa.text("purpose = 'deposit' AND state <> 'voided'")
TO_PAY = sa.text("purpose = 'contribution' AND state = 'pledged'")
_PAYER = ("collection_id", "dwelling_id", "payer_account_id")
_WITHOUT_ACCOUNT = sa.text(
    "purpose = 'deposit' AND payer_account_id IS NULL AND payer_person_id IS NOT NULL AND state <> 'voided'"
)


class Deposit(Model):
    """One payer's money for one dwelling: his deposit, or one payment of the dwelling's contribution (``purpose``).

    Several payers for a dwelling have a deposit each. A payer has at most one payment of a contribution to make.
    """

    __tablename__ = "deposit"
    __table_args__ = (
        one_of("state", DepositState, "deposit"),
        one_of("purpose", Purpose, "deposit"),
        sa.CheckConstraint(
            "purpose <> 'contribution' OR state IN ('pledged', 'paid', 'voided')", name="deposit_contribution_stays"
        ),
        sa.CheckConstraint("amount_fen > 0", name="deposit_amount_positive"),
        sa.CheckConstraint("(state = 'pledged') = (paid_at IS NULL)", name="deposit_paid_when_paid"),
        sa.Index("deposit_dwelling_id_idx", "dwelling_id"),
        sa.Index("deposit_one_a_payer", *_PAYER, unique=True, sqlite_where=A_DEPOSIT, postgresql_where=A_DEPOSIT),
        sa.Index("deposit_one_to_pay", *_PAYER, unique=True, sqlite_where=TO_PAY, postgresql_where=TO_PAY),
        sa.Index(
            "deposit_one_a_person",
            "collection_id",
            "dwelling_id",
            "payer_person_id",
            unique=True,
            sqlite_where=_WITHOUT_ACCOUNT,
            postgresql_where=_WITHOUT_ACCOUNT,
        ),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    collection_id: Mapped[int] = mapped_column(fk("collection.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    payer_account_id: Mapped[int | None] = mapped_column(fk("account.id"))
    """None for who paid over the counter and has no account that speaks for the dwelling."""
    payer_person_id: Mapped[int | None] = mapped_column(fk("person.id"))
    purpose: Mapped[str] = mapped_column(sa.String(24), default=Purpose.DEPOSIT)
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[str] = mapped_column(sa.String(24))
    terms_version: Mapped[str] = mapped_column(sa.String(24))
    terms_accepted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    pledged_at: Mapped[datetime] = mapped_column(UTCDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class PaymentAttempt(Model):
    """One try at paying a deposit: everything needed to repeat the very same order."""

    __tablename__ = "payment_attempt"
    __table_args__ = (
        sa.UniqueConstraint("trade_no", name="payment_attempt_trade_no_key"),
        one_of("state", AttemptState, "payment_attempt"),
        one_of("how", How, "payment_attempt"),
        sa.CheckConstraint("amount_fen > 0", name="payment_attempt_amount_positive"),
        sa.Index(
            "payment_attempt_one_open",
            "deposit_id",
            unique=True,
            sqlite_where=OPEN_ATTEMPT,
            postgresql_where=OPEN_ATTEMPT,
        ),
        sa.Index("payment_attempt_deposit_id_idx", "deposit_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    deposit_id: Mapped[int] = mapped_column(fk("deposit.id"))
    channel: Mapped[str] = mapped_column(sa.String(24))
    merchant_id: Mapped[str] = mapped_column(sa.String(32))
    app_id: Mapped[str] = mapped_column(sa.String(32))
    trade_no: Mapped[str] = mapped_column(sa.String(32))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    description: Mapped[str] = mapped_column(sa.String(127))
    payer_openid: Mapped[str] = mapped_column(sa.String(64))
    notify_url: Mapped[str] = mapped_column(sa.String(255))
    state: Mapped[str] = mapped_column(sa.String(24))
    how: Mapped[str] = mapped_column(sa.String(24), default=How.JSAPI)
    prepay_id: Mapped[str | None] = mapped_column(sa.String(128))
    """what the pay sheet is opened with (JSAPI)"""
    pay_url: Mapped[str | None] = mapped_column(sa.String(512))
    """the text of the code to scan (NATIVE), the address of WeChat's page (H5)"""
    payer_ip: Mapped[str | None] = mapped_column(sa.String(45))
    """the payer's address, which H5 asks for; a repeated order says the same"""
    begun_at: Mapped[datetime] = mapped_column(UTCDateTime)
    placed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    next_look_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class PaymentConfirmation(Model):
    """A payment the gateway confirmed for an attempt, as first heard. One an attempt: the lock of exactly once."""

    __tablename__ = "payment_confirmation"
    __table_args__ = (
        sa.UniqueConstraint("attempt_id", name="payment_confirmation_one"),
        sa.UniqueConstraint("channel", "transaction_id", name="payment_confirmation_transaction"),
        one_of("told_by", ToldBy, "payment_confirmation"),
        sa.CheckConstraint("amount_fen > 0", name="payment_confirmation_positive"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    attempt_id: Mapped[int] = mapped_column(fk("payment_attempt.id"))
    channel: Mapped[str] = mapped_column(sa.String(24))
    transaction_id: Mapped[str] = mapped_column(sa.String(64))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    paid_at: Mapped[datetime] = mapped_column(UTCDateTime)
    told_by: Mapped[str] = mapped_column(sa.String(24))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    audit_hash: Mapped[str] = mapped_column(sa.String(64))


class PaymentNotice(Model):
    """A notice that was believed, with all it said and what became of it.

    Known again by its id *and* what it says: another saying under the same id is another notice (WECHAT §3.5).
    """

    __tablename__ = "payment_notice"
    __table_args__ = (
        sa.UniqueConstraint("channel", "notice_id", "facts_hash", name="payment_notice_once"),
        one_of("outcome", NoticeOutcome, "payment_notice"),
        sa.Index("payment_notice_number_idx", "number"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    channel: Mapped[str] = mapped_column(sa.String(24))
    notice_id: Mapped[str] = mapped_column(sa.String(64))
    facts_hash: Mapped[str] = mapped_column(sa.String(64))
    number: Mapped[str | None] = mapped_column(sa.String(128))
    outcome: Mapped[str] = mapped_column(sa.String(24))
    facts: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Receipt(Model):
    """The receipt of a deposit, numbered without a gap per collecting body (``series``) and year."""

    __tablename__ = "receipt"
    __table_args__ = (
        sa.UniqueConstraint("deposit_id", name="receipt_one_a_deposit"),
        sa.UniqueConstraint("series", "year", "counted", name="receipt_number_once"),
        sa.CheckConstraint("amount_fen > 0 AND counted > 0", name="receipt_positive"),
        sa.Index("receipt_books_idx", "collection_id", "issued_at", "number"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    collection_id: Mapped[int] = mapped_column(fk("collection.id"))
    deposit_id: Mapped[int] = mapped_column(fk("deposit.id"))
    series: Mapped[str] = mapped_column(sa.String(24))
    year: Mapped[int] = mapped_column(sa.BigInteger)
    counted: Mapped[int] = mapped_column(sa.BigInteger)
    number: Mapped[str] = mapped_column(sa.String(24))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    audit_hash: Mapped[str] = mapped_column(sa.String(64))


class ReceiptCounter(Model):
    """The last number given in a series and year: a row, not a sequence, so that no number is ever missing."""

    __tablename__ = "receipt_counter"

    series: Mapped[str] = mapped_column(sa.String(24), primary_key=True)
    year: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(sa.BigInteger)


class LedgerAccount(Model):
    """An account of one collection's books."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        sa.UniqueConstraint("collection_id", "kind", name="ledger_account_one_a_kind"),
        one_of("kind", AccountKind, "ledger_account"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    collection_id: Mapped[int] = mapped_column(fk("collection.id"))
    kind: Mapped[str] = mapped_column(sa.String(24))


class LedgerEntry(Model):
    """A fact in the books. ``reference``: the trade or refund number; a fact is entered once."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        sa.UniqueConstraint("kind", "reference", name="ledger_entry_once"),
        one_of("kind", EntryKind, "ledger_entry"),
        sa.Index("ledger_entry_collection_id_idx", "collection_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    collection_id: Mapped[int] = mapped_column(fk("collection.id"))
    kind: Mapped[str] = mapped_column(sa.String(24))
    reference: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class LedgerPosting(Model):
    """One line of an entry: debit > 0, credit < 0; an entry's lines sum to 0."""

    __tablename__ = "ledger_posting"
    __table_args__ = (
        sa.CheckConstraint("amount_fen <> 0", name="ledger_posting_not_nothing"),
        sa.Index("ledger_posting_account_id_idx", "account_id"),
        APPEND_ONLY,
    )

    entry_id: Mapped[int] = mapped_column(fk("ledger_entry.id"), primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(fk("ledger_account.id"), primary_key=True, autoincrement=False)
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)


class RefundIntent(Model):
    """Money that has to go back, with the number it goes under for ever."""

    __tablename__ = "refund_intent"
    __table_args__ = (
        sa.UniqueConstraint("refund_no", name="refund_intent_refund_no_key"),
        one_of("state", IntentState, "refund_intent"),
        one_of("reason", Reason, "refund_intent"),
        sa.CheckConstraint("amount_fen > 0", name="refund_intent_amount_positive"),
        sa.Index("refund_intent_attempt_id_idx", "attempt_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    attempt_id: Mapped[int] = mapped_column(fk("payment_attempt.id"))
    refund_no: Mapped[str] = mapped_column(sa.String(64))
    reason: Mapped[str] = mapped_column(sa.String(24))
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[str] = mapped_column(sa.String(24))
    tries: Mapped[int] = mapped_column(sa.BigInteger)
    wanted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    next_try_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class PaymentAlarm(Model):
    """Something a person has to look at; raised once for each thing. ``differs``: names of facts, never values;
    ``merchant_id``: whose account it is about, where it is about none of our payments.
    """

    __tablename__ = "payment_alarm"
    __table_args__ = (
        sa.UniqueConstraint("kind", "reference", name="payment_alarm_once"),
        one_of("kind", AlarmKind, "payment_alarm"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    kind: Mapped[str] = mapped_column(sa.String(24))
    reference: Mapped[str] = mapped_column(sa.String(128))
    differs: Mapped[list[str]] = mapped_column(JsonDoc)
    merchant_id: Mapped[str | None] = mapped_column(sa.String(32))
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
