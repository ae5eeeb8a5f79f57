"""Every select of alarms and their settlements."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.places.models import Place
from payments.alarms.models import AlarmSettlement
from payments.cash_desk.models import CashBox
from payments.models import Collection, Deposit, PaymentAlarm, PaymentAttempt, RefundIntent
from payments.rules.alarm import AlarmKind, SettlementState
from payments.withdrawals.models import Withdrawal


def alarm_by_public_id(session: Session, public_id: str) -> PaymentAlarm:
    """An alarm, locked. Raises NotFound."""
    found = session.scalar(
        for_update(sa.select(PaymentAlarm).where(PaymentAlarm.public_id == public_id)).execution_options(
            populate_existing=True
        )
    )
    if found is None:
        raise NotFound("no-such-alarm", "没有找到这条提醒。")
    return found


def settlement_by_public_id(session: Session, public_id: str) -> AlarmSettlement:
    """A settlement. Raises NotFound."""
    found = session.scalar(sa.select(AlarmSettlement).where(AlarmSettlement.public_id == public_id))
    if found is None:
        raise NotFound("no-such-settlement", "没有找到这条处理意见。")
    return found


def alarm_public_id(session: Session, settlement: AlarmSettlement) -> str:
    """The alarm a settlement is about."""
    return session.scalars(sa.select(PaymentAlarm.public_id).where(PaymentAlarm.id == settlement.alarm_id)).one()


def open_alarms(session: Session, *, limit: int = 500) -> Sequence[PaymentAlarm]:
    """Alarms nobody settled, oldest first."""
    return session.scalars(
        sa.select(PaymentAlarm)
        .where(PaymentAlarm.settled_at.is_(None))
        .order_by(PaymentAlarm.raised_at, PaymentAlarm.public_id)
        .limit(limit)
    ).all()


def settled_alarms(session: Session, *, limit: int = 30) -> Sequence[PaymentAlarm]:
    """Alarms settled last, newest first; those that settled themselves included."""
    return session.scalars(
        sa.select(PaymentAlarm)
        .where(PaymentAlarm.settled_at.is_not(None))
        .order_by(PaymentAlarm.settled_at.desc())
        .limit(limit)
    ).all()


def settlements_of(session: Session, alarm_ids: Iterable[int]) -> dict[int, AlarmSettlement]:
    """Alarm -> what stands about it."""
    found = session.scalars(
        sa.select(AlarmSettlement).where(
            AlarmSettlement.alarm_id.in_(list(alarm_ids)), AlarmSettlement.state != SettlementState.SENT_BACK
        )
    )
    return {one.alarm_id: one for one in found}


def estates_of(session: Session, references: Sequence[str]) -> dict[str, Place]:
    """Reference -> the estate it belongs to, for payments, refunds, deposits and boxes of ours; others are missing."""
    found: dict[str, Place] = {}
    base = (
        sa.select(Place)
        .join(Collection, Collection.estate_id == Place.id)
        .join(Deposit, Deposit.collection_id == Collection.id)
    )
    statements = (
        base.add_columns(PaymentAttempt.trade_no)
        .join(PaymentAttempt, PaymentAttempt.deposit_id == Deposit.id)
        .where(PaymentAttempt.trade_no.in_(references)),
        base.add_columns(RefundIntent.refund_no)
        .join(PaymentAttempt, PaymentAttempt.deposit_id == Deposit.id)
        .join(RefundIntent, RefundIntent.attempt_id == PaymentAttempt.id)
        .where(RefundIntent.refund_no.in_(references)),
        base.add_columns(Deposit.public_id).where(Deposit.public_id.in_(references)),
        sa.select(Place, CashBox.public_id)
        .join(Collection, Collection.estate_id == Place.id)
        .join(CashBox, CashBox.collection_id == Collection.id)
        .where(CashBox.public_id.in_(references)),
    )
    for statement in statements:
        found |= {reference: place for place, reference in session.execute(statement)}
    return found


def estates_of_merchants(session: Session, alarms: Sequence[PaymentAlarm]) -> dict[str, list[Place]]:
    """Reference -> the estates whose collections use the merchant a withdrawal was taken from, or a notice was about
    that is about no payment of ours. Notices about a merchant nobody collects through are missing.
    """
    of_merchant = (AlarmKind.WITHDRAWN_BEYOND, AlarmKind.WITHDRAWAL_BOUNCED)
    numbers = [one.reference for one in alarms if one.kind in of_merchant]
    found: dict[str, list[Place]] = {number: [] for number in numbers}
    for number, place in session.execute(
        sa.select(Withdrawal.number, Place)
        .join(Collection, Collection.merchant_id == Withdrawal.merchant_id)
        .join(Place, Place.id == Collection.estate_id)
        .where(Withdrawal.number.in_(numbers))
        .order_by(Place.code)
    ):
        found[number].append(place)
    of_nobody = {one.reference: one.merchant_id for one in alarms if one.merchant_id}
    theirs: dict[str, list[Place]] = {}
    for merchant_id, place in session.execute(
        sa.select(Collection.merchant_id, Place)
        .join(Place, Place.id == Collection.estate_id)
        .where(Collection.merchant_id.in_(list(of_nobody.values())))
        .order_by(Place.code)
    ):
        theirs.setdefault(merchant_id, []).append(place)
    return found | {name: theirs[merchant] for name, merchant in of_nobody.items() if merchant in theirs}


def collectors_of(session: Session, references: Sequence[str]) -> dict[str, int]:
    """Box -> the person who holds it, for references that are boxes."""
    rows = session.execute(sa.select(CashBox.public_id, CashBox.collector_id).where(CashBox.public_id.in_(references)))
    return {row[0]: row[1] for row in rows}
