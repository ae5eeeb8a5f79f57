"""Every select over flats that changed hands between a deposit and its conversion.

A flat has changed hands when it had owners on the day of the payment, none of whom owns it today, and others do; nor
does whoever paid. A name put right in the roster looks the same: then the payer is asked once too often, and no money
moves without him.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.money import Fen
from kernel.people.models import Holding
from kernel.people.queries import OWNING
from kernel.places.models import Dwelling
from payments.handovers.models import HandoverWord
from payments.models import Deposit, Receipt
from payments.rules.deposit import DepositState, Purpose


def _owner(*conditions: sa.ColumnElement[bool]) -> sa.Exists:
    return sa.exists().where(Holding.dwelling_id == Deposit.dwelling_id, Holding.kind.in_(OWNING), *conditions)


def _owned_then(holding: type[Holding]) -> sa.ColumnElement[bool]:
    return sa.and_(
        holding.held_from <= Deposit.paid_at,
        sa.or_(holding.held_until.is_(None), holding.held_until > Deposit.paid_at),
    )


_TODAY = Holding.held_until.is_(None)
CHANGED_HANDS: sa.ColumnElement[bool] = sa.and_(
    Deposit.paid_at.is_not(None),
    _owner(_owned_then(Holding)),
    ~_owner(_owned_then(Holding), _TODAY),
    _owner(_TODAY),
    ~_owner(_TODAY, Holding.person_id == Deposit.payer_person_id),
)
"""Of a row of deposits: did its flat change hands since it was paid?"""
SAID: sa.ColumnElement[bool] = sa.exists().where(HandoverWord.deposit_id == Deposit.id)
"""Of a row of deposits: has its payer left it with the flat?"""
WAITS = sa.and_(CHANGED_HANDS, ~SAID)
"""Is it not converted until its payer says so?"""


def waits(session: Session, deposit_id: int) -> bool:
    """Does a deposit wait for its payer's word?"""
    return session.scalar(sa.select(Deposit.id).where(Deposit.id == deposit_id, WAITS)) is not None


def word_of(session: Session, deposit_id: int) -> HandoverWord | None:
    """What a payer said about a deposit, or None."""
    return session.get(HandoverWord, deposit_id)


@dataclass(frozen=True)
class Waiting:
    """A deposit that waits for its payer, as staff see it."""

    deposit: str
    label: str
    receipt: str | None
    amount_fen: Fen


def waiting_of(session: Session, collection_id: int) -> list[Waiting]:
    """A collection's deposits that wait for their payers, by door."""
    rows = session.execute(
        sa.select(Deposit.public_id, Dwelling.label, Receipt.number, Deposit.amount_fen)
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .outerjoin(Receipt, Receipt.deposit_id == Deposit.id)
        .where(Deposit.collection_id == collection_id, _HELD, WAITS)
        .order_by(Dwelling.sort_key, Deposit.public_id)
    )
    return [Waiting(*row) for row in rows]


_HELD = sa.and_(Deposit.purpose == Purpose.DEPOSIT, Deposit.state == DepositState.PAID)


def to_tell(session: Session) -> Sequence[Deposit]:
    """Every deposit held whose flat changed hands and whose payer said nothing."""
    return session.scalars(sa.select(Deposit).where(_HELD, WAITS).order_by(Deposit.id)).all()
