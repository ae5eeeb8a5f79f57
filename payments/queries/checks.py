"""The selects that prove the books: each finds what does not hold, so an empty answer is the proof."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.money import Fen
from payments.cash_desk import checks as counter
from payments.fund_flow import queries as fees
from payments.models import (
    Collection,
    Deposit,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    PaymentAttempt,
    PaymentConfirmation,
    PaymentNotice,
    Receipt,
    ReceiptCounter,
    RefundIntent,
)
from payments.reconciliation import checks as decided
from payments.refunds.models import ConversionLine, DepositRefund, LineState
from payments.rules.attempt import AttemptState
from payments.rules.channel import Desk
from payments.rules.deposit import RECEIVED, DepositState, Purpose
from payments.rules.giving_back import BACK, OWED, Origin, RequestState
from payments.rules.ledger import AccountKind, EntryKind
from payments.rules.refund import IntentState, Reason
from payments.rules.spending import SpendingState
from payments.spending.models import Spending
from payments.withdrawals import queries as withdrawals

Row = Any

_COMES_IN = (AccountKind.AT_WECHAT, AccountKind.CASH_ON_HAND, AccountKind.AT_POS, AccountKind.AT_BANK)
_IN = (EntryKind.DEPOSIT_PAID, EntryKind.CONTRIBUTION_PAID, EntryKind.SECOND_PAYMENT)


def unbalanced_entries(session: Session) -> Sequence[Row]:
    """(reference, kind, sum, lines) of entries that do not sum to 0, or have fewer than two lines."""
    return session.execute(
        sa.select(
            LedgerEntry.reference,
            LedgerEntry.kind,
            sa.func.coalesce(sa.func.sum(LedgerPosting.amount_fen), 0).label("fen"),
            sa.func.count(LedgerPosting.account_id).label("lines"),
        )
        .outerjoin(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .group_by(LedgerEntry.id, LedgerEntry.reference, LedgerEntry.kind)
        .having(
            sa.or_(
                sa.func.coalesce(sa.func.sum(LedgerPosting.amount_fen), 0) != 0,
                sa.func.count(LedgerPosting.account_id) < 2,
            )
        )
    ).all()


def strayed_postings(session: Session) -> Sequence[Row]:
    """(reference) of entries with a line in another collection's account."""
    return session.execute(
        sa.select(LedgerEntry.reference)
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerAccount.collection_id != LedgerEntry.collection_id)
    ).all()


def _entered(kinds: Sequence[EntryKind], *accounts: AccountKind) -> sa.Subquery:
    """What each entry of some kinds put into some accounts: (reference, kind, collection_id, fen)."""
    return (
        sa.select(
            LedgerEntry.reference,
            LedgerEntry.kind,
            LedgerEntry.collection_id,
            sa.func.coalesce(
                sa.func.sum(sa.case((LedgerAccount.kind.in_(accounts), LedgerPosting.amount_fen), else_=0)), 0
            ).label("fen"),
        )
        .outerjoin(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .outerjoin(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerEntry.kind.in_(kinds))
        .group_by(LedgerEntry.id, LedgerEntry.reference, LedgerEntry.kind, LedgerEntry.collection_id)
        .subquery()
    )


def unentered_confirmations(session: Session) -> Sequence[Row]:
    """(trade_no, confirmed, entered) of confirmed payments that the books do not hold with that amount, once."""
    entered = _entered(_IN, *_COMES_IN)
    return session.execute(
        sa.select(
            PaymentAttempt.trade_no,
            PaymentConfirmation.amount_fen.label("confirmed"),
            sa.func.coalesce(sa.func.sum(entered.c.fen), 0).label("entered"),
        )
        .join(PaymentAttempt, PaymentAttempt.id == PaymentConfirmation.attempt_id)
        .outerjoin(entered, entered.c.reference == PaymentAttempt.trade_no)
        .group_by(PaymentAttempt.trade_no, PaymentConfirmation.amount_fen, PaymentAttempt.amount_fen)
        .having(
            sa.or_(
                sa.func.count(entered.c.reference) != 1,
                sa.func.coalesce(sa.func.sum(entered.c.fen), 0) != PaymentConfirmation.amount_fen,
                PaymentAttempt.amount_fen != PaymentConfirmation.amount_fen,
            )
        )
    ).all()


def unconfirmed_entries(session: Session) -> Sequence[Row]:
    """(reference, kind) of entries of money that came in without a confirmation of WeChat."""
    return session.execute(
        sa.select(LedgerEntry.reference, LedgerEntry.kind)
        .outerjoin(PaymentAttempt, PaymentAttempt.trade_no == LedgerEntry.reference)
        .outerjoin(PaymentConfirmation, PaymentConfirmation.attempt_id == PaymentAttempt.id)
        .where(LedgerEntry.kind.in_(_IN), PaymentConfirmation.id.is_(None))
    ).all()


def attempts_apart(session: Session) -> Sequence[Row]:
    """(trade_no, state) of attempts that say paid without a confirmation, or have one and do not say so."""
    return session.execute(
        sa.select(PaymentAttempt.trade_no, PaymentAttempt.state)
        .outerjoin(PaymentConfirmation, PaymentConfirmation.attempt_id == PaymentAttempt.id)
        .where((PaymentAttempt.state == AttemptState.PAID) != PaymentConfirmation.id.is_not(None))
    ).all()


def notices_apart(session: Session) -> Sequence[Row]:
    """(notice_id) of notices kept as credited whose payment has no confirmation."""
    return session.execute(
        sa.select(PaymentNotice.notice_id)
        .outerjoin(PaymentAttempt, PaymentAttempt.trade_no == PaymentNotice.number)
        .outerjoin(PaymentConfirmation, PaymentConfirmation.attempt_id == PaymentAttempt.id)
        .where(PaymentNotice.outcome.in_(("credited", "second_payment")), PaymentConfirmation.id.is_(None))
    ).all()


def deposits_apart(session: Session) -> Sequence[Row]:
    """(public_id, state, amount, entered) of deposits whose state or amount is not what was entered for them, once, in
    the account of what they were paid for.
    """
    entered = sa.union_all(
        sa.select(_entered((EntryKind.DEPOSIT_PAID,), AccountKind.DEPOSITS_HELD)),
        sa.select(_entered((EntryKind.CONTRIBUTION_PAID,), AccountKind.CONTRIBUTIONS)),
    ).subquery()
    in_books = (
        sa.select(
            PaymentAttempt.deposit_id,
            sa.func.count(entered.c.reference).label("many"),
            sa.func.sum(-entered.c.fen).label("fen"),
            sa.func.min(entered.c.kind).label("kind"),
        )
        .join(entered, entered.c.reference == PaymentAttempt.trade_no)
        .group_by(PaymentAttempt.deposit_id)
        .subquery()
    )
    many, fen = sa.func.coalesce(in_books.c.many, 0), sa.func.coalesce(in_books.c.fen, 0)
    # What is void came in once, too; that it went out again is proved with the counter's books.
    received = Deposit.state.in_(RECEIVED | {DepositState.VOIDED})
    kind = sa.case(
        (Deposit.purpose == Purpose.DEPOSIT, EntryKind.DEPOSIT_PAID.value), else_=EntryKind.CONTRIBUTION_PAID.value
    )
    return session.execute(
        sa.select(Deposit.public_id, Deposit.state, Deposit.amount_fen.label("amount"), fen.label("entered"))
        .outerjoin(in_books, in_books.c.deposit_id == Deposit.id)
        .where(
            sa.or_(
                sa.and_(received, sa.or_(many != 1, fen != Deposit.amount_fen, in_books.c.kind != kind)),
                sa.and_(Deposit.state == DepositState.PLEDGED, many != 0),
            )
        )
    ).all()


def refunds_apart(session: Session) -> Sequence[Row]:
    """(refund_no, state, amount, entered) of refunds done and not entered with that amount, or entered and not done."""
    entered = _entered((EntryKind.REFUND_DONE,), AccountKind.TO_REFUND)
    fen = sa.func.coalesce(entered.c.fen, 0)
    done = RefundIntent.state == IntentState.DONE
    return session.execute(
        sa.select(
            RefundIntent.refund_no, RefundIntent.state, RefundIntent.amount_fen.label("amount"), fen.label("entered")
        )
        .outerjoin(entered, entered.c.reference == RefundIntent.refund_no)
        .where(sa.or_(sa.and_(done, fen != RefundIntent.amount_fen), sa.and_(~done, fen != 0)))
    ).all()


def unfounded_refunds(session: Session) -> Sequence[Row]:
    """(reference) of refund entries that belong to no refund."""
    return session.execute(
        sa.select(LedgerEntry.reference)
        .outerjoin(RefundIntent, RefundIntent.refund_no == LedgerEntry.reference)
        .where(LedgerEntry.kind == EntryKind.REFUND_DONE, RefundIntent.id.is_(None))
    ).all()


def balances(session: Session) -> dict[tuple[str, str], Fen]:
    """Every account's balance: (collection's public id, kind) → fen."""
    rows = session.execute(
        sa.select(
            Collection.public_id,
            LedgerAccount.kind,
            sa.func.coalesce(sa.func.sum(LedgerPosting.amount_fen), 0).label("fen"),
        )
        .join(Collection, Collection.id == LedgerAccount.collection_id)
        .outerjoin(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .group_by(Collection.public_id, LedgerAccount.kind)
    )
    return {(row.public_id, row.kind): int(row.fen) for row in rows}


def expected_balances(session: Session) -> dict[tuple[str, str], Fen]:
    """The same from the facts: what WeChat confirmed, what the deposits are, what went back. Only what is not 0."""
    result: dict[tuple[str, str], Fen] = {}

    def add(statement: Any, kind: AccountKind, sign: int) -> None:
        for name, fen in session.execute(statement.group_by(Collection.public_id)):
            result[name, kind.value] = result.get((name, kind.value), 0) + sign * int(fen)

    confirmed = (
        sa.select(Collection.public_id, sa.func.sum(PaymentConfirmation.amount_fen))
        .join(PaymentAttempt, PaymentAttempt.id == PaymentConfirmation.attempt_id)
        .join(Deposit, Deposit.id == PaymentAttempt.deposit_id)
        .join(Collection, Collection.id == Deposit.collection_id)
    )
    returned = (
        sa.select(Collection.public_id, sa.func.sum(RefundIntent.amount_fen))
        .join(PaymentAttempt, PaymentAttempt.id == RefundIntent.attempt_id)
        .join(Deposit, Deposit.id == PaymentAttempt.deposit_id)
        .join(Collection, Collection.id == Deposit.collection_id)
    )
    paid = (
        sa.select(Collection.public_id, sa.func.sum(Deposit.amount_fen))
        .join(Collection, Collection.id == Deposit.collection_id)
        .where(Deposit.state == DepositState.PAID)
    )
    done = RefundIntent.state == IntentState.DONE
    add(confirmed.where(PaymentConfirmation.channel.not_in(list(Desk))), AccountKind.AT_WECHAT, 1)
    add(returned.where(done), AccountKind.AT_WECHAT, -1)
    add(paid.where(Deposit.purpose == Purpose.DEPOSIT), AccountKind.DEPOSITS_HELD, -1)
    add(paid.where(Deposit.purpose == Purpose.CONTRIBUTION), AccountKind.CONTRIBUTIONS, -1)
    add(returned.where(~done, RefundIntent.reason == Reason.SECOND_PAYMENT), AccountKind.TO_REFUND, -1)
    # A deposit approved to go back is owed, whatever the road; what the service or the bank sent is owed no more.
    for statement, kind, sign in [
        *_returned_deposits(),
        *counter.facts(),
        *withdrawals.facts(),
        *fees.facts(),
        *decided.facts(),
    ]:
        add(statement, kind, sign)
    return {place: fen for place, fen in result.items() if fen}


def _returned_deposits() -> list[tuple[Any, AccountKind, int]]:
    """What deposits that go back or become contributions make of the accounts: (statement, account, sign)."""
    asked = (
        sa.select(Collection.public_id, sa.func.sum(DepositRefund.amount_fen))
        .join(Deposit, Deposit.id == DepositRefund.deposit_id)
        .join(Collection, Collection.id == Deposit.collection_id)
    )
    by_service = asked.join(RefundIntent, RefundIntent.id == DepositRefund.intent_id).where(
        RefundIntent.state == IntentState.DONE
    )
    by_bank = asked.where(DepositRefund.state == RequestState.REFUNDED_OFFLINE)
    spent = (
        sa.select(Collection.public_id, sa.func.sum(Spending.amount_fen))
        .join(Collection, Collection.id == Spending.collection_id)
        .where(Spending.state == SpendingState.PAID)
    )
    contributed = (
        sa.select(Collection.public_id, sa.func.sum(ConversionLine.amount_fen))
        .join(Deposit, Deposit.id == ConversionLine.deposit_id)
        .join(Collection, Collection.id == Deposit.collection_id)
        .where(ConversionLine.state == LineState.DONE)
    )
    return [
        (asked.where(DepositRefund.state.in_(OWED | BACK)), AccountKind.TO_REFUND, -1),
        (by_service, AccountKind.TO_REFUND, 1),
        (by_bank, AccountKind.TO_REFUND, 1),
        (by_bank, AccountKind.AT_BANK, -1),
        (contributed, AccountKind.CONTRIBUTIONS, -1),
        (spent, AccountKind.CONTRIBUTIONS, 1),
        (spent, AccountKind.AT_BANK, -1),
        (
            asked.where(DepositRefund.state.in_(OWED | BACK), DepositRefund.origin == Origin.SURPLUS),
            AccountKind.CONTRIBUTIONS,
            1,
        ),
    ]


def receipt_series(session: Session) -> Sequence[Row]:
    """(series, year, last, many, highest) of every receipt counter and what was issued under it."""
    return session.execute(
        sa.select(
            ReceiptCounter.series,
            ReceiptCounter.year,
            ReceiptCounter.last,
            sa.func.count(Receipt.id).label("many"),
            sa.func.coalesce(sa.func.max(Receipt.counted), 0).label("highest"),
        )
        .outerjoin(Receipt, sa.and_(Receipt.series == ReceiptCounter.series, Receipt.year == ReceiptCounter.year))
        .group_by(ReceiptCounter.series, ReceiptCounter.year, ReceiptCounter.last)
    ).all()


def receipts_apart(session: Session) -> Sequence[Row]:
    """(number, amount, deposit's amount) of receipts that say another amount than their deposit."""
    return session.execute(
        sa.select(Receipt.number, Receipt.amount_fen.label("amount"), Deposit.amount_fen.label("deposit"))
        .join(Deposit, Deposit.id == Receipt.deposit_id)
        .where(sa.or_(Receipt.amount_fen != Deposit.amount_fen, Deposit.state == DepositState.PLEDGED))
    ).all()


def waiting_for_receipts(session: Session) -> int:
    """How many deposits were received and have no receipt yet (the job numbers them within a second)."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Deposit)
            .outerjoin(Receipt, Receipt.deposit_id == Deposit.id)
            .where(Deposit.state.in_(RECEIVED), Receipt.id.is_(None))
        )
        or 0
    )


def entries_and_confirmations(session: Session) -> tuple[int, int]:
    """How many entries the books hold, and how many payments WeChat confirmed."""
    entries = session.scalar(sa.select(sa.func.count()).select_from(LedgerEntry)) or 0
    return entries, session.scalar(sa.select(sa.func.count()).select_from(PaymentConfirmation)) or 0
