"""Every select over deposits asked back."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.people.models import Account
from kernel.people.queries import has_to_do_with, homes_among
from kernel.places.models import Dwelling
from payments import queries as payments
from payments.models import (
    Collection,
    Deposit,
    LedgerEntry,
    PaymentAlarm,
    PaymentAttempt,
    PaymentConfirmation,
    Receipt,
    RefundIntent,
)
from payments.refunds.models import ConversionLine, DepositRefund, LineState
from payments.rules.alarm import AlarmKind
from payments.rules.channel import Desk
from payments.rules.deposit import DepositState, Purpose
from payments.rules.giving_back import LIVE, Origin, RequestState
from payments.rules.ledger import EntryKind

_FIRST = (EntryKind.DEPOSIT_PAID, EntryKind.CONTRIBUTION_PAID)
"""How the payment that was credited is entered; a second one is entered otherwise."""


def _locking(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Lock the rows for this transaction and read them as they are now, whatever this session has read before."""
    return for_update(statement).execution_options(populate_existing=True)


def _no_request() -> NotFound:
    return NotFound("no-such-request", "没有找到这笔退还申请。")


# --------------------------------------------------------------------------------------------------------- requests


def locked_request(session: Session, public_id: str, *, payer: int | None = None) -> tuple[DepositRefund, Deposit]:
    """A request and its deposit, both locked, the deposit first as everybody does. ``payer``: the account (inner id)
    whose it has to be. Raises NotFound.
    """
    deposit_id = session.scalar(sa.select(DepositRefund.deposit_id).where(DepositRefund.public_id == public_id))
    if deposit_id is None:
        raise _no_request()
    deposit = payments.deposit_by_id(session, deposit_id, lock=True)
    if payer not in (None, deposit.payer_account_id):
        raise _no_request()
    request = session.scalars(_locking(sa.select(DepositRefund).where(DepositRefund.public_id == public_id))).one()
    return request, deposit


def lock_for_surplus(session: Session, public_id: str) -> None:
    """Lock the collection a request for surplus is of, the parent of the cap over what is not spent; always before the
    payment. Nothing for other requests.
    """
    collection = sa.select(Deposit.collection_id).join(DepositRefund, DepositRefund.deposit_id == Deposit.id)
    wanted = collection.where(DepositRefund.public_id == public_id, DepositRefund.origin == Origin.SURPLUS)
    session.execute(_locking(sa.select(Collection.id).where(Collection.id == wanted.scalar_subquery())))


def request_of_intent(session: Session, intent_id: int) -> tuple[DepositRefund, Deposit] | None:
    """The request a refund belongs to, and its deposit, both locked; None for a refund nobody asked for."""
    row = session.execute(
        sa.select(DepositRefund.id, DepositRefund.deposit_id).where(DepositRefund.intent_id == intent_id)
    ).one_or_none()
    if row is None:
        return None
    deposit = payments.deposit_by_id(session, row.deposit_id, lock=True)
    return session.scalars(_locking(sa.select(DepositRefund).where(DepositRefund.id == row.id))).one(), deposit


def live_request(session: Session, deposit_id: int) -> DepositRefund | None:
    """The deposit's one request that is not over, or None."""
    return session.scalar(
        sa.select(DepositRefund).where(DepositRefund.deposit_id == deposit_id, DepositRefund.state.in_(LIVE))
    )


def last_request(session: Session, deposit_id: int) -> DepositRefund | None:
    """The deposit's request that is not over, else the one asked last, or None."""
    return session.scalar(
        sa.select(DepositRefund)
        .where(DepositRefund.deposit_id == deposit_id)
        .order_by(DepositRefund.state.in_(LIVE).desc(), DepositRefund.asked_at.desc())
        .limit(1)
    )


def requests_of_deposit(
    session: Session, deposit_id: int, *, origin: Origin | None = None
) -> list[tuple[RequestState, Fen]]:
    """(state, amount) of every request of a deposit, or of those of one origin."""
    statement = sa.select(DepositRefund.state, DepositRefund.amount_fen).where(DepositRefund.deposit_id == deposit_id)
    rows = session.execute(statement if origin is None else statement.where(DepositRefund.origin == origin))
    return [(RequestState(row.state), row.amount_fen) for row in rows]


def total_of(session: Session, requests: Sequence[str]) -> Fen:
    """What some requests come to together, whatever their states."""
    return int(
        session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(DepositRefund.amount_fen), 0)).where(
                DepositRefund.public_id.in_(requests)
            )
        )
        or 0
    )


def converted_fen(session: Session, deposit_id: int) -> Fen:
    """What of a deposit became a contribution."""
    return int(
        session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(ConversionLine.amount_fen), 0)).where(
                ConversionLine.deposit_id == deposit_id, ConversionLine.state == LineState.DONE
            )
        )
        or 0
    )


def intent_of(session: Session, intent_id: int | None) -> RefundIntent | None:
    """The refund as the service is asked for it, or None."""
    return session.get(RefundIntent, intent_id, populate_existing=True) if intent_id is not None else None


def credited_payment(session: Session, deposit_id: int) -> tuple[PaymentAttempt, PaymentConfirmation] | None:
    """The payment a deposit was credited with (never the second one), or None when it came by no service."""
    row = session.execute(
        sa.select(PaymentAttempt, PaymentConfirmation)
        .join(PaymentConfirmation, PaymentConfirmation.attempt_id == PaymentAttempt.id)
        .join(
            LedgerEntry,
            sa.and_(LedgerEntry.reference == PaymentAttempt.trade_no, LedgerEntry.kind.in_(_FIRST)),
        )
        .where(PaymentAttempt.deposit_id == deposit_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def estate_id_of(session: Session, deposit: Deposit) -> int:
    """The estate a deposit was paid for."""
    return session.scalars(sa.select(Collection.estate_id).where(Collection.id == deposit.collection_id)).one()


def is_own(session: Session, deposit: Deposit, person_id: int) -> bool:
    """Is a deposit this person's own affair: he or his account paid it, or it is for a dwelling he has to do with?"""
    account = session.scalar(sa.select(Account.person_id).where(Account.id == deposit.payer_account_id))
    return has_to_do_with(session, person_id, deposit.dwelling_id, payers=(deposit.payer_person_id, account))


def deposit_of_receipt(session: Session, estate_id: int, number: str) -> Deposit:
    """The deposit a receipt of this estate stands for, locked. Raises NotFound."""
    found = session.scalar(
        sa.select(Receipt.deposit_id)
        .join(Collection, Collection.id == Receipt.collection_id)
        .where(Collection.estate_id == estate_id, Receipt.number == number)
    )
    if found is None:
        raise NotFound("no-such-receipt", "本小区没有这个收据编号。请对着收据再核对一遍。")
    return payments.deposit_by_id(session, found, lock=True)


# ------------------------------------------------------------------------------------------------------------ lists


@dataclass(frozen=True)
class Line:
    """A request with what staff need beside it. ``paid_at``: when the service confirmed it, None for other channels."""

    request: DepositRefund
    deposit: Deposit
    label: str
    receipt: str | None
    paid_at: datetime | None
    payer_account_person: int | None


_CREDITED = (
    sa.select(PaymentAttempt.deposit_id, PaymentConfirmation.paid_at)
    .join(PaymentConfirmation, PaymentConfirmation.attempt_id == PaymentAttempt.id)
    .join(
        LedgerEntry,
        sa.and_(LedgerEntry.reference == PaymentAttempt.trade_no, LedgerEntry.kind.in_(_FIRST)),
    )
    .where(PaymentAttempt.channel.not_in(list(Desk)))
    .subquery()
)


def _lines() -> sa.Select[Any]:
    return (
        sa.select(DepositRefund, Deposit, Dwelling.label, Receipt.number, _CREDITED.c.paid_at, Account.person_id)
        .join(Deposit, Deposit.id == DepositRefund.deposit_id)
        .join(Collection, Collection.id == Deposit.collection_id)
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .outerjoin(Account, Account.id == Deposit.payer_account_id)
        .outerjoin(Receipt, Receipt.deposit_id == Deposit.id)
        .outerjoin(_CREDITED, _CREDITED.c.deposit_id == Deposit.id)
    )


def own_among(session: Session, lines: Sequence[Line], himself: AbstractSet[int]) -> set[int]:
    """Which of some requests (inner ids) are about a person's own money, as ``is_own`` says of one deposit;
    ``himself``: all the names he goes by.
    """
    homes = homes_among(session, himself, {line.deposit.dwelling_id for line in lines})
    return {
        line.request.id
        for line in lines
        if line.deposit.dwelling_id in homes
        or not himself.isdisjoint((line.deposit.payer_person_id, line.payer_account_person))
    }


def requests_of_estate(session: Session, estate_id: int, *, limit: int = 500) -> list[Line]:
    """An estate's requests: those not over first, oldest first; then the ones that are, newest first."""
    live = session.execute(
        _lines()
        .where(Collection.estate_id == estate_id, DepositRefund.state.in_(LIVE))
        .order_by(DepositRefund.asked_at, DepositRefund.public_id)
        .limit(limit)
    )
    over = session.execute(
        _lines()
        .where(Collection.estate_id == estate_id, DepositRefund.state.not_in(LIVE))
        .order_by(DepositRefund.asked_at.desc(), DepositRefund.public_id)
        .limit(100)
    )
    return [Line(*row) for row in (*live, *over)]


def transfers_of_estates(session: Session, estate_ids: Sequence[int]) -> list[tuple[Line, int]]:
    """(request, estate) of every request of some estates that a cashier can execute now, oldest first."""
    rows = session.execute(
        _lines()
        .add_columns(Collection.estate_id)
        .where(
            Collection.estate_id.in_(estate_ids),
            DepositRefund.state == RequestState.TO_TRANSFER,
            DepositRefund.payee_sealed.is_not(None),
        )
        .order_by(DepositRefund.asked_at, DepositRefund.public_id)
    )
    return [(Line(*row[:-1]), row[-1]) for row in rows]


def estates_collecting(session: Session) -> Sequence[int]:
    """Inner ids of all estates that collect or collected."""
    return session.scalars(sa.select(Collection.estate_id).distinct()).all()


def counts_of_estates(session: Session, estate_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """(estate, request state) → how many requests."""
    rows = session.execute(
        sa.select(Collection.estate_id, DepositRefund.state, sa.func.count().label("many"))
        .join(Deposit, Deposit.id == DepositRefund.deposit_id)
        .join(Collection, Collection.id == Deposit.collection_id)
        .where(Collection.estate_id.in_(estate_ids))
        .group_by(Collection.estate_id, DepositRefund.state)
    )
    return {(row.estate_id, row.state): row.many for row in rows}


# ------------------------------------------------------------------------------------------------------------ aging


@dataclass(frozen=True)
class Aging:
    """A deposit still held whose way back by the service closes soon, or has closed."""

    deposit: str
    label: str
    receipt: str | None
    amount_fen: Fen
    paid_at: datetime


def aging(session: Session, before: datetime, *, estate_id: int | None = None) -> list[Aging]:
    """Deposits held that were paid at or before a moment, oldest first; of one estate, or of all not yet warned of."""
    statement = (
        sa.select(Deposit.public_id, Dwelling.label, Receipt.number, Deposit.amount_fen, _CREDITED.c.paid_at)
        .join(_CREDITED, _CREDITED.c.deposit_id == Deposit.id)
        .join(Collection, Collection.id == Deposit.collection_id)
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .outerjoin(Receipt, Receipt.deposit_id == Deposit.id)
        .where(
            Deposit.state == DepositState.PAID,
            Deposit.purpose == Purpose.DEPOSIT,
            _CREDITED.c.paid_at <= before,
        )
        .order_by(_CREDITED.c.paid_at, Deposit.public_id)
    )
    if estate_id is not None:
        return [Aging(*row) for row in session.execute(statement.where(Collection.estate_id == estate_id))]
    warned = sa.exists().where(
        PaymentAlarm.kind == AlarmKind.REFUND_ROAD_ENDS, PaymentAlarm.reference == Deposit.public_id
    )
    return [Aging(*row) for row in session.execute(statement.where(~warned).limit(1000))]
