"""Every select of the service's fees, and those that prove them."""

from collections.abc import Collection as AnyOf
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from payments.fund_flow.models import ServiceFee
from payments.models import (
    Collection,
    Deposit,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    PaymentAttempt,
    PaymentConfirmation,
    RefundIntent,
)
from payments.rules.ledger import AccountKind, EntryKind

AT_ONCE = 2_000


def owners(session: Session, channel: str, merchant_id: str, told: AnyOf[str]) -> dict[str, tuple[str, int]]:
    """A number a bill tells (our payment, our refund, the service's transaction) -> (number of ours, collection)."""
    base = (
        sa.select(PaymentAttempt.trade_no, Deposit.collection_id)
        .join(Deposit, Deposit.id == PaymentAttempt.deposit_id)
        .where(PaymentAttempt.channel == channel, PaymentAttempt.merchant_id == merchant_id)
    )
    refunds = base.with_only_columns(RefundIntent.refund_no, Deposit.collection_id, RefundIntent.refund_no)
    wanted = (
        base.add_columns(PaymentConfirmation.transaction_id)
        .join(PaymentConfirmation, PaymentConfirmation.attempt_id == PaymentAttempt.id)
        .where(PaymentConfirmation.transaction_id.in_(told)),
        base.add_columns(PaymentAttempt.trade_no).where(PaymentAttempt.trade_no.in_(told)),
        refunds.join(RefundIntent, RefundIntent.attempt_id == PaymentAttempt.id).where(
            RefundIntent.refund_no.in_(told)
        ),
    )
    found: dict[str, tuple[str, int]] = {}
    for statement in wanted:
        found |= {number: (ours, collection_id) for ours, collection_id, number in session.execute(statement)}
    return found


def fees(channel: str, merchant_id: str) -> sa.Select:
    """(number, fen) of what a merchant's payments cost and its refunds gave back."""
    return (
        sa.select(ServiceFee.number, sa.func.sum(ServiceFee.amount_fen))
        .where(ServiceFee.channel == channel, ServiceFee.merchant_id == merchant_id)
        .group_by(ServiceFee.number)
    )


def tells(number: str | sa.SQLColumnExpression[str]) -> sa.ColumnElement[bool]:
    """Is a line of a bill known by this number of the service's?"""
    return sa.or_(ServiceFee.flow_no == number, ServiceFee.service_no == number)


def fees_of_day(session: Session, channel: str, merchant_id: str, day: date) -> Iterator[tuple[str, int]]:
    """(number, fen) of the fees that bills of a day told, a few in memory at a time."""
    statement = fees(channel, merchant_id).where(ServiceFee.day == day).execution_options(yield_per=AT_ONCE)
    for number, fen in session.execute(statement):
        yield number, int(fen)


# ------------------------------------------------------------------------------------------------------------- proving


def facts() -> list[tuple[Any, AccountKind, int]]:
    """(sum by collection, account, sign) of the service's fees."""
    taken = sa.select(Collection.public_id, sa.func.sum(ServiceFee.amount_fen)).join(
        Collection, Collection.id == ServiceFee.collection_id
    )
    return [(taken, AccountKind.WECHAT_FEES, 1), (taken, AccountKind.AT_WECHAT, -1)]


def apart(session: Session) -> Sequence[Any]:
    """(booking, fees, entered) of entries of fees that hold another sum than their lines, or lines without an entry."""
    told = (
        sa.select(ServiceFee.booking, sa.func.sum(ServiceFee.amount_fen).label("fen"))
        .group_by(ServiceFee.booking)
        .subquery()
    )
    entered = (
        sa.select(LedgerEntry.reference, sa.func.sum(LedgerPosting.amount_fen).label("fen"))
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(
            LedgerEntry.kind.in_((EntryKind.SERVICE_FEE, EntryKind.SERVICE_FEE_BACK)),
            LedgerAccount.kind == AccountKind.WECHAT_FEES,
        )
        .group_by(LedgerEntry.reference)
        .subquery()
    )
    either = sa.union(sa.select(told.c.booking), sa.select(entered.c.reference)).subquery()
    fees_fen, entered_fen = sa.func.coalesce(told.c.fen, 0), sa.func.coalesce(entered.c.fen, 0)
    return session.execute(
        sa.select(either.c.booking, fees_fen.label("fees"), entered_fen.label("entered"))
        .select_from(either)
        .outerjoin(told, told.c.booking == either.c.booking)
        .outerjoin(entered, entered.c.reference == either.c.booking)
        .where(fees_fen != entered_fen)
    ).all()
