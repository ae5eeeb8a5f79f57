"""The selects that prove what went back and what was converted: each finds what does not hold."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from payments.models import Deposit, LedgerAccount, LedgerEntry, LedgerPosting
from payments.refunds.models import ConversionLine, DepositRefund, LineState
from payments.rules.deposit import DepositState, Purpose
from payments.rules.giving_back import BACK, OWED, Origin, RequestState
from payments.rules.ledger import AccountKind, EntryKind

Row = Any

_APPROVED = DepositRefund.state.in_(OWED | BACK)


def _entered(kind: EntryKind, account: AccountKind) -> sa.Subquery:
    """What each entry of a kind put into an account: (reference, fen)."""
    return (
        sa.select(LedgerEntry.reference, sa.func.sum(LedgerPosting.amount_fen).label("fen"))
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerEntry.kind == kind, LedgerAccount.kind == account)
        .group_by(LedgerEntry.reference)
        .subquery()
    )


def unentered(session: Session) -> Sequence[Row]:
    """(public_id, state, amount) of requests and conversions whose entries are not what they are: owed when approved by
    two, paid out when confirmed, converted when done; nothing else.
    """
    owed = _entered(EntryKind.REFUND_OWED, AccountKind.TO_REFUND)
    paid = _entered(EntryKind.REFUND_PAID_OUT, AccountKind.AT_BANK)
    done = _entered(EntryKind.CONVERTED, AccountKind.CONTRIBUTIONS)
    offline = DepositRefund.state == RequestState.REFUNDED_OFFLINE
    amount, line = DepositRefund.amount_fen, ConversionLine.amount_fen
    requests = (
        sa.select(DepositRefund.public_id, DepositRefund.state, amount.label("amount"))
        .outerjoin(owed, owed.c.reference == DepositRefund.public_id)
        .outerjoin(paid, paid.c.reference == DepositRefund.public_id)
        .where(
            sa.or_(
                sa.func.coalesce(owed.c.fen, 0) != sa.case((_APPROVED, -amount), else_=0),
                sa.func.coalesce(paid.c.fen, 0) != sa.case((offline, -amount), else_=0),
            )
        )
    )
    lines = (
        sa.select(ConversionLine.public_id, ConversionLine.state, line.label("amount"))
        .outerjoin(done, done.c.reference == ConversionLine.public_id)
        .where(sa.func.coalesce(done.c.fen, 0) != sa.case((ConversionLine.state == LineState.DONE, -line), else_=0))
    )
    return [*session.execute(requests), *session.execute(lines)]


def unfounded(session: Session) -> Sequence[Row]:
    """(reference, kind) of entries of returns and conversions that belong to none."""
    return session.execute(
        sa.select(LedgerEntry.reference, LedgerEntry.kind)
        .outerjoin(DepositRefund, DepositRefund.public_id == LedgerEntry.reference)
        .outerjoin(ConversionLine, ConversionLine.public_id == LedgerEntry.reference)
        .where(
            sa.or_(
                sa.and_(
                    LedgerEntry.kind.in_((EntryKind.REFUND_OWED, EntryKind.REFUND_PAID_OUT)), DepositRefund.id.is_(None)
                ),
                sa.and_(LedgerEntry.kind == EntryKind.CONVERTED, ConversionLine.id.is_(None)),
            )
        )
    ).all()


def deposits_apart(session: Session) -> Sequence[Row]:
    """(public_id, state) of deposits whose state is not what their requests and conversions say."""

    def with_request(*states: RequestState) -> sa.ColumnElement[bool]:
        return sa.exists().where(DepositRefund.deposit_id == Deposit.id, DepositRefund.state.in_(states))

    converted = sa.exists().where(ConversionLine.deposit_id == Deposit.id, ConversionLine.state == LineState.DONE)
    approved = with_request(*OWED, *BACK)
    says: list[tuple[tuple[DepositState, ...], sa.ColumnElement[bool]]] = [
        ((DepositState.PLEDGED, DepositState.PAID), sa.not_(sa.or_(approved, converted))),
        ((DepositState.CONVERTED,), converted),
        (
            (DepositState.REFUND_PENDING,),
            with_request(RequestState.SENDING, RequestState.TO_TRANSFER, RequestState.TRANSFERRED),
        ),
        (
            (DepositState.REFUND_FAILED,),
            with_request(RequestState.FAILED, RequestState.TO_TRANSFER, RequestState.TRANSFERRED),
        ),
        ((DepositState.REFUNDED,), with_request(RequestState.REFUNDED)),
        ((DepositState.REFUNDED_OFFLINE,), with_request(RequestState.REFUNDED_OFFLINE)),
    ]
    wrong = sa.or_(*(sa.and_(Deposit.state.in_(states), sa.not_(holds)) for states, holds in says))
    return session.execute(
        sa.select(Deposit.public_id, Deposit.state).where(Deposit.purpose == Purpose.DEPOSIT, wrong)
    ).all()


def beyond_paid(session: Session) -> Sequence[Row]:
    """(public_id, paid, gone) of deposits of which more was sent back and converted than was paid; or, once they left
    the state paid, not exactly what was paid. Of a contribution more than there was of it (of a void one: nothing was).
    """

    def back(of_origin: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return (
            sa.select(sa.func.coalesce(sa.func.sum(DepositRefund.amount_fen), 0))
            .where(DepositRefund.deposit_id == Deposit.id, _APPROVED, of_origin)
            .correlate(Deposit)
            .scalar_subquery()
        )

    turned = (
        sa.select(sa.func.coalesce(sa.func.sum(ConversionLine.amount_fen), 0))
        .where(ConversionLine.deposit_id == Deposit.id, ConversionLine.state == LineState.DONE)
        .correlate(Deposit)
        .scalar_subquery()
    )
    gone = back(DepositRefund.origin != Origin.SURPLUS) + turned
    surplus = back(DepositRefund.origin == Origin.SURPLUS)
    held = Deposit.state.in_((DepositState.PLEDGED, DepositState.PAID, DepositState.VOIDED))
    whole = sa.and_(Deposit.purpose == Purpose.CONTRIBUTION, Deposit.state == DepositState.PAID)
    contributed = sa.case((whole, Deposit.amount_fen), else_=turned)
    return session.execute(
        sa.select(Deposit.public_id, Deposit.amount_fen.label("paid"), (gone + surplus).label("gone")).where(
            sa.or_(gone != sa.case((held, 0), else_=Deposit.amount_fen), surplus > contributed)
        )
    ).all()
