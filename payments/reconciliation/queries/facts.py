"""What the ledger says of a day at the payment service, to be compared with its bill."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import clock
from payments.fund_flow import queries as fees
from payments.fund_flow.models import ServiceFee
from payments.models import (
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    PaymentAttempt,
    PaymentConfirmation,
    RefundIntent,
)
from payments.rules.ledger import AccountKind
from payments.rules.reconcile import Fact, Item
from payments.rules.refund import IntentState

AT_ONCE = 2_000
"""Rows fetched from the database at a time."""
TOGETHER = 400
"""Numbers asked for at a time."""


def _payments(channel: str, merchant_id: str) -> sa.Select:
    """(number, fen, transaction id, paid at) of the ledger's lines at the service for a merchant's payments."""
    return (
        sa.select(
            PaymentAttempt.trade_no,
            LedgerPosting.amount_fen,
            PaymentConfirmation.transaction_id,
            sa.literal("SUCCESS").label("state"),
        )
        .select_from(PaymentConfirmation)
        .join(PaymentAttempt, PaymentAttempt.id == PaymentConfirmation.attempt_id)
        .join(LedgerEntry, LedgerEntry.reference == PaymentAttempt.trade_no)
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(
            PaymentAttempt.channel == channel,
            PaymentAttempt.merchant_id == merchant_id,
            LedgerAccount.kind == AccountKind.AT_WECHAT,
        )
    )


def _refunds(channel: str, merchant_id: str) -> sa.Select:
    """(number, fen, state) of a merchant's refunds; what the ledger sent away where it did."""
    sent = (
        sa.select(LedgerEntry.reference, sa.func.sum(-LedgerPosting.amount_fen).label("fen"))
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerAccount.kind == AccountKind.AT_WECHAT)
        .group_by(LedgerEntry.reference)
        .subquery()
    )
    return (
        sa.select(
            RefundIntent.refund_no,
            sa.func.coalesce(sent.c.fen, RefundIntent.amount_fen),
            sa.literal("").label("outside_id"),
            RefundIntent.state,
        )
        .join(PaymentAttempt, PaymentAttempt.id == RefundIntent.attempt_id)
        .outerjoin(sent, sent.c.reference == RefundIntent.refund_no)
        .where(PaymentAttempt.channel == channel, PaymentAttempt.merchant_id == merchant_id)
    )


def facts_of_day(session: Session, channel: str, merchant_id: str, day: date) -> Iterator[Fact]:
    """What the ledger says of a day, in no order, a few rows in memory at a time.

    A payment belongs to the day the service says it was paid; a refund done to the day it was wanted, which is the day
    the service lists it under unless it was unreachable then.
    """
    begin, end = clock.china_moment(day), clock.china_moment(day + timedelta(days=1))
    payments = _payments(channel, merchant_id).where(
        PaymentConfirmation.paid_at >= begin, PaymentConfirmation.paid_at < end
    )
    refunds = _refunds(channel, merchant_id).where(
        RefundIntent.wanted_at >= begin, RefundIntent.wanted_at < end, RefundIntent.state == IntentState.DONE
    )
    for item, statement in ((Item.PAYMENT, payments), (Item.REFUND, refunds)):
        for number, fen, outside_id, state in session.execute(statement.execution_options(yield_per=AT_ONCE)):
            yield Fact(item.value, number, int(fen), outside_id, state)
    for number, fen in fees.fees_of_day(session, channel, merchant_id, day):
        yield Fact(Item.FEE.value, number, fen)


def facts_by_number(
    session: Session, channel: str, merchant_id: str, item: str, numbers: Sequence[str]
) -> dict[str, Fact]:
    """What the ledger says of some numbers, whatever the day."""
    found: dict[str, Fact] = {}
    statement, column = _BY_NUMBER[Item(item)]
    for at in range(0, len(numbers), TOGETHER):
        rows = session.execute(statement(channel, merchant_id).where(column.in_(numbers[at : at + TOGETHER])))
        found |= {row[0]: Fact(item, row[0], int(row[1]), *row[2:]) for row in rows}
    return found


_BY_NUMBER: dict[Item, tuple[Callable[[str, str], sa.Select], Any]] = {
    Item.PAYMENT: (_payments, PaymentAttempt.trade_no),
    Item.REFUND: (_refunds, RefundIntent.refund_no),
    Item.FEE: (fees.fees, ServiceFee.number),
}
ANY_DAY = frozenset(_BY_NUMBER)
"""What is compared by number, whatever the day."""


def attempts_of(session: Session, channel: str, merchant_id: str, numbers: Sequence[str]) -> set[str]:
    """Which of some numbers are orders of ours."""
    found: set[str] = set()
    for at in range(0, len(numbers), TOGETHER):
        found |= set(
            session.scalars(
                sa.select(PaymentAttempt.trade_no).where(
                    PaymentAttempt.trade_no.in_(numbers[at : at + TOGETHER]),
                    PaymentAttempt.channel == channel,
                    PaymentAttempt.merchant_id == merchant_id,
                )
            )
        )
    return found


def refunds_of(session: Session, numbers: Sequence[str]) -> set[str]:
    """Which of some numbers are refunds of ours."""
    found: set[str] = set()
    for at in range(0, len(numbers), TOGETHER):
        wanted = numbers[at : at + TOGETHER]
        found |= set(session.scalars(sa.select(RefundIntent.refund_no).where(RefundIntent.refund_no.in_(wanted))))
    return found
