"""Payments that may be the same money come twice."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.people.models import Account
from payments.models import Deposit, PaymentAlarm
from payments.rules.alarm import AlarmKind
from payments.rules.deposit import COUNTED

NEAR = timedelta(days=31)
"""Twins are paid within so long of each other."""


def payer_person(session: Session, deposit: Deposit) -> int | None:
    """The person who paid, as far as it is known; None for somebody only named."""
    if deposit.payer_person_id is not None:
        return deposit.payer_person_id
    return session.scalar(sa.select(Account.person_id).where(Account.id == deposit.payer_account_id))


def is_asked_about(session: Session, deposits: Sequence[Deposit]) -> bool:
    """Is there an alarm that one of some deposits was paid both ways?"""
    references = [one.public_id for one in deposits]
    asked = sa.select(PaymentAlarm.id).where(
        PaymentAlarm.kind == AlarmKind.PAID_BOTH_WAYS, PaymentAlarm.reference.in_(references)
    )
    return session.scalar(asked.limit(1)) is not None


def twins_of(session: Session, deposit: Deposit) -> Sequence[Deposit]:
    """Other payments that count for the same household, of the same purpose and amount, near in time."""
    if deposit.paid_at is None:
        return []
    return session.scalars(
        sa.select(Deposit).where(
            Deposit.dwelling_id == deposit.dwelling_id,
            Deposit.collection_id == deposit.collection_id,
            Deposit.purpose == deposit.purpose,
            Deposit.amount_fen == deposit.amount_fen,
            Deposit.state.in_(COUNTED),
            Deposit.id != deposit.id,
            Deposit.paid_at.between(deposit.paid_at - NEAR, deposit.paid_at + NEAR),
        )
    ).all()
