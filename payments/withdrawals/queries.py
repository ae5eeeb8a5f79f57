"""Every select of withdrawals, and those that prove them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.money import Fen
from payments.models import Collection, LedgerAccount, LedgerPosting
from payments.rules.bank_line import PartState
from payments.rules.ledger import AccountKind
from payments.statements.models import LinePart
from payments.withdrawals.models import Withdrawal, WithdrawalShare


def withdrawal_by_number(session: Session, channel: str, merchant_id: str, number: str) -> Withdrawal:
    """A withdrawal that is known, locked."""
    return session.scalars(
        for_update(
            sa.select(Withdrawal).where(
                Withdrawal.channel == channel, Withdrawal.merchant_id == merchant_id, Withdrawal.number == number
            )
        ).execution_options(populate_existing=True)
    ).one()


def not_entered(session: Session, merchant_id: str) -> Sequence[Withdrawal]:
    """Withdrawals of a merchant that the books do not hold yet, oldest first."""
    return session.scalars(
        sa.select(Withdrawal)
        .where(Withdrawal.merchant_id == merchant_id, Withdrawal.entered_at.is_(None), Withdrawal.bounced_at.is_(None))
        .order_by(Withdrawal.day, Withdrawal.number)
    ).all()


def locked_collections(session: Session, merchant_id: str) -> Sequence[Collection]:
    """The collections paid into a merchant's account, locked in a fixed order: a cap over what they have there."""
    return session.scalars(
        for_update(sa.select(Collection).where(Collection.merchant_id == merchant_id).order_by(Collection.id))
    ).all()


def at_service(session: Session, collection_ids: Sequence[int]) -> dict[int, Fen]:
    """Collection -> what it has at the payment service; those with nothing are missing."""
    rows = session.execute(
        sa.select(LedgerAccount.collection_id, sa.func.sum(LedgerPosting.amount_fen))
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .where(LedgerAccount.collection_id.in_(collection_ids), LedgerAccount.kind == AccountKind.AT_WECHAT)
        .group_by(LedgerAccount.collection_id)
    )
    return {row[0]: int(row[1]) for row in rows if row[1] > 0}


def shares_of(session: Session, withdrawal_id: int | None) -> Sequence[WithdrawalShare]:
    """What of a withdrawal was whose, in a fixed order."""
    return session.scalars(
        sa.select(WithdrawalShare)
        .where(WithdrawalShare.withdrawal_id == withdrawal_id)
        .order_by(WithdrawalShare.collection_id)
    ).all()


def _arrived() -> sa.Exists:
    live = LinePart.state.in_((PartState.PLANNED, PartState.DONE))
    return sa.exists().where(LinePart.withdrawal_id == Withdrawal.id, live)


def under_way(session: Session, merchants: Iterable[str], first: date, last: date) -> Sequence[Withdrawal]:
    """Withdrawals of some merchants and days that no statement shows yet, locked: one that bounces is none of them."""
    return session.scalars(
        for_update(
            sa.select(Withdrawal)
            .where(
                Withdrawal.merchant_id.in_(list(merchants)),
                Withdrawal.day.between(first, last),
                Withdrawal.entered_at.is_not(None),
                Withdrawal.bounced_at.is_(None),
                ~_arrived(),
            )
            .order_by(Withdrawal.day, Withdrawal.number)
        ).execution_options(populate_existing=True)
    ).all()


def may_have_bounced(session: Session, channel: str, merchant_id: str, amount_fen: Fen) -> Sequence[Withdrawal]:
    """Withdrawals of that amount that neither arrived nor bounced, locked, oldest first."""
    return session.scalars(
        for_update(
            sa.select(Withdrawal)
            .where(
                Withdrawal.channel == channel,
                Withdrawal.merchant_id == merchant_id,
                Withdrawal.amount_fen == amount_fen,
                Withdrawal.bounced_at.is_(None),
                ~_arrived(),
            )
            .order_by(Withdrawal.day, Withdrawal.number)
        ).execution_options(populate_existing=True)
    ).all()


def bounce_is_known(session: Session, channel: str, merchant_id: str, bounce_no: str) -> bool:
    """Did a withdrawal come back under this number?"""
    return (
        session.scalar(
            sa.select(Withdrawal.id).where(
                Withdrawal.channel == channel,
                Withdrawal.merchant_id == merchant_id,
                Withdrawal.bounce_no == bounce_no,
            )
        )
        is not None
    )


def facts() -> list[tuple[Any, AccountKind, int]]:
    """(sum by collection, account, sign) of what left the service, what of it bounced, and what reached the bank."""
    left = sa.select(Collection.public_id, sa.func.sum(WithdrawalShare.amount_fen)).join(
        Collection, Collection.id == WithdrawalShare.collection_id
    )
    came = left.join(LinePart, LinePart.withdrawal_id == WithdrawalShare.withdrawal_id).where(
        LinePart.state == PartState.DONE
    )
    back = left.join(Withdrawal, Withdrawal.id == WithdrawalShare.withdrawal_id).where(
        Withdrawal.bounced_at.is_not(None)
    )
    return [
        (back, AccountKind.AT_WECHAT, 1),
        (back, AccountKind.FROM_WECHAT, -1),
        (left, AccountKind.AT_WECHAT, -1),
        (left, AccountKind.FROM_WECHAT, 1),
        (came, AccountKind.FROM_WECHAT, -1),
        (came, AccountKind.AT_BANK, 1),
    ]


def apart(session: Session) -> Sequence[Any]:
    """(number, amount) of withdrawals that are entered and not shared to the fen, or shared and not entered."""
    held = (
        sa.select(WithdrawalShare.withdrawal_id, sa.func.sum(WithdrawalShare.amount_fen).label("fen"))
        .group_by(WithdrawalShare.withdrawal_id)
        .subquery()
    )
    should = sa.case((Withdrawal.entered_at.is_not(None), Withdrawal.amount_fen), else_=0)
    return session.execute(
        sa.select(Withdrawal.number, Withdrawal.amount_fen.label("amount"))
        .outerjoin(held, held.c.withdrawal_id == Withdrawal.id)
        .where(sa.func.coalesce(held.c.fen, 0) != should)
    ).all()
