"""Every select over deposits, attempts, receipts and the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import core, for_update
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.people.models import Account
from kernel.places.models import Dwelling, Place
from kernel.places.queries import households
from payments.models import (
    Collection,
    CollectionMode,
    Deposit,
    LedgerAccount,
    PaymentAlarm,
    PaymentAttempt,
    PaymentConfirmation,
    Receipt,
    RefundIntent,
)
from payments.refunds.models import ConversionLine, DepositRefund, LineState
from payments.rules.attempt import OPEN
from payments.rules.deposit import COUNTED, RECEIVED, DepositState, Purpose
from payments.rules.gate import Standing
from payments.rules.giving_back import BACK, OWED, Origin
from payments.rules.refund import OPEN as OPEN_REFUND
from payments.rules.refund import Reason


def _locking(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Lock the rows for this transaction and read them as they are now, whatever this session has read before."""
    return for_update(statement).execution_options(populate_existing=True)


# ------------------------------------------------------------------------------------------------------ collections


def open_collection(session: Session, estate_id: int) -> Collection | None:
    """The estate's collection that is open now, or None."""
    return session.scalar(
        sa.select(Collection).where(Collection.estate_id == estate_id, Collection.closed_at.is_(None))
    )


def collection_of(session: Session, estate_id: int) -> Collection | None:
    """The estate's open collection, else the one opened last, or None."""
    return session.scalar(
        sa.select(Collection)
        .where(Collection.estate_id == estate_id)
        .order_by(Collection.closed_at.is_not(None), Collection.opened_at.desc())
        .limit(1)
    )


# Statements of the callback's way are built once: building one costs more than running it.
_ACCOUNTS = sa.select(LedgerAccount.kind, LedgerAccount.id).where(
    LedgerAccount.collection_id == sa.bindparam("collection")
)


def accounts_of(session: Session, collection_id: int) -> dict[str, int]:
    """The ledger accounts of a collection: kind → inner id."""
    return {row.kind: row.id for row in session.execute(_ACCOUNTS, {"collection": collection_id})}


def estate_public_id(session: Session, estate_id: int) -> str:
    """The public id of an estate, for addresses."""
    return session.scalars(sa.select(Place.public_id).where(Place.id == estate_id)).one()


# --------------------------------------------------------------------------------------------------------- deposits


def _no_deposit() -> NotFound:
    return NotFound("no-such-deposit", "没有找到这笔诚意金。请从您家的页面重新进入。")


def deposit_of_payer(session: Session, public_id: str, account_id: int, *, lock: bool = False) -> Deposit:
    """The payer's own deposit. Raises NotFound, also for somebody else's."""
    statement = sa.select(Deposit).where(Deposit.public_id == public_id, Deposit.payer_account_id == account_id)
    found = session.scalar(_locking(statement) if lock else statement)
    if found is None:
        raise _no_deposit()
    return found


_DEPOSIT = sa.select(Deposit).where(Deposit.id == sa.bindparam("deposit"))
_DEPOSIT_LOCKED = _locking(_DEPOSIT)


def deposit_by_id(session: Session, deposit_id: int, *, lock: bool = False) -> Deposit:
    """A deposit by its inner id; locked for this transaction with ``lock``. Raises NotFound."""
    found = session.scalar(_DEPOSIT_LOCKED if lock else _DEPOSIT, {"deposit": deposit_id})
    if found is None:
        raise _no_deposit()
    return found


def deposit_by_public_id(session: Session, public_id: str) -> Deposit:
    """A deposit by its public id, for jobs. Raises NotFound."""
    found = session.scalar(sa.select(Deposit).where(Deposit.public_id == public_id))
    if found is None:
        raise _no_deposit()
    return found


def own_deposit(
    session: Session,
    *,
    collection_id: int,
    dwelling_id: int,
    account_id: int,
    lock: bool = False,
    purpose: Purpose = Purpose.DEPOSIT,
) -> Deposit | None:
    """What this payer pledged or paid for this dwelling, or None; of a contribution, what he is to pay."""
    statement = sa.select(Deposit).where(
        Deposit.collection_id == collection_id,
        Deposit.dwelling_id == dwelling_id,
        Deposit.payer_account_id == account_id,
        Deposit.purpose == purpose,
        Deposit.state != DepositState.VOIDED,
    )
    if purpose is Purpose.CONTRIBUTION:
        statement = statement.where(Deposit.state == DepositState.PLEDGED)
    return session.scalar(_locking(statement) if lock else statement)


def openid_of(session: Session, account_id: int | None) -> str:
    """The account's openid: who has to press the pay button."""
    return session.scalar(sa.select(Account.openid).where(Account.id == account_id)) or ""


# --------------------------------------------------------------------------------------------------------- attempts


def attempt_by_public_id(session: Session, public_id: str, *, lock: bool = False) -> PaymentAttempt | None:
    """An attempt by its public id, or None."""
    statement = sa.select(PaymentAttempt).where(PaymentAttempt.public_id == public_id)
    return session.scalar(_locking(statement) if lock else statement)


_PLACE = sa.select(PaymentAttempt.id, PaymentAttempt.deposit_id).where(
    PaymentAttempt.trade_no == sa.bindparam("trade_no")
)


def place_of_trade_no(session: Session, trade_no: str) -> tuple[int, int] | None:
    """(attempt's, deposit's) inner ids for the number the gateway knows, or None: what to lock, in the right order."""
    row = core(session).execute(_PLACE, {"trade_no": trade_no}).one_or_none()
    return (row.id, row.deposit_id) if row else None


def attempt_by_trade_no(session: Session, trade_no: str, *, lock: bool = False) -> PaymentAttempt | None:
    """An attempt by the number the gateway knows, or None."""
    statement = sa.select(PaymentAttempt).where(PaymentAttempt.trade_no == trade_no)
    return session.scalar(_locking(statement) if lock else statement)


_OPEN_ATTEMPT = sa.select(PaymentAttempt.id).where(
    PaymentAttempt.deposit_id == sa.bindparam("deposit"),
    PaymentAttempt.state.in_(OPEN),
    PaymentAttempt.id != sa.bindparam("but"),
)


def open_attempt(session: Session, deposit_id: int, *, but: int | None = None) -> PaymentAttempt | None:
    """The deposit's one attempt that can still be paid, or None; ``but``: an attempt not meant."""
    found = session.scalar(_OPEN_ATTEMPT, {"deposit": deposit_id, "but": but or 0})
    return session.get_one(PaymentAttempt, found) if found else None


def last_attempt(session: Session, deposit_id: int) -> PaymentAttempt | None:
    """The deposit's attempt begun last, or None."""
    return session.scalar(
        sa.select(PaymentAttempt)
        .where(PaymentAttempt.deposit_id == deposit_id)
        .order_by(PaymentAttempt.begun_at.desc())
        .limit(1)
    )


_TRANSACTION = sa.select(PaymentConfirmation.transaction_id).where(
    PaymentConfirmation.attempt_id == sa.bindparam("attempt")
)


def confirmed_transaction(session: Session, attempt_id: int) -> str | None:
    """The gateway's number of the payment confirmed for an attempt, or None."""
    return core(session).scalar(_TRANSACTION, {"attempt": attempt_id})


def first_confirmation(session: Session, deposit_id: int) -> PaymentConfirmation | None:
    """The confirmation heard first for any attempt of a deposit, or None."""
    return session.scalar(
        sa.select(PaymentConfirmation)
        .join(PaymentAttempt, PaymentAttempt.id == PaymentConfirmation.attempt_id)
        .where(PaymentAttempt.deposit_id == deposit_id)
        .order_by(PaymentConfirmation.at)
        .limit(1)
    )


# ---------------------------------------------------------------------------------------------------------- refunds


def intent_by_number(session: Session, refund_no: str, *, lock: bool = False) -> RefundIntent | None:
    """A refund by its number, or None."""
    statement = sa.select(RefundIntent).where(RefundIntent.refund_no == refund_no)
    return session.scalar(_locking(statement) if lock else statement)


def parts_of_attempt(session: Session, attempt_id: int) -> int:
    """How many parts of an attempt's money were to go back; a second payment, which goes back whole, is none."""
    parts = sa.select(sa.func.count()).where(
        RefundIntent.attempt_id == attempt_id, RefundIntent.reason != Reason.SECOND_PAYMENT
    )
    return session.scalar(parts) or 0


def open_refunds(session: Session) -> int:
    """How many refunds are on their way."""
    return session.scalar(sa.select(sa.func.count()).where(RefundIntent.state.in_(OPEN_REFUND))) or 0


def open_alarms(session: Session) -> dict[str, int]:
    """Alarms nobody has settled yet: kind → how many."""
    rows = session.execute(
        sa.select(PaymentAlarm.kind, sa.func.count().label("many"))
        .where(PaymentAlarm.settled_at.is_(None))
        .group_by(PaymentAlarm.kind)
    )
    return {row.kind: row.many for row in rows}


# --------------------------------------------------------------------------------------------------------- receipts


def receipt_of(session: Session, deposit_id: int) -> Receipt | None:
    """The receipt of a deposit, or None while it is being numbered."""
    return session.scalar(sa.select(Receipt).where(Receipt.deposit_id == deposit_id))


def receipt_by_code(session: Session, code: str) -> tuple[Receipt, Deposit] | None:
    """The receipt a printed code stands for, and what it was given for; None for any other text."""
    row = session.execute(
        sa.select(Receipt, Deposit).join(Deposit, Deposit.id == Receipt.deposit_id).where(Receipt.public_id == code)
    ).one_or_none()
    return (row[0], row[1]) if row else None


# ----------------------------------------------------------------------------------------------------------- boards


_SENT_BACK = (
    sa.select(sa.func.sum(ConversionLine.rest_fen))
    .where(ConversionLine.deposit_id == Deposit.id, ConversionLine.state == LineState.DONE)
    .correlate(Deposit)
    .scalar_subquery()
)
_SURPLUS_BACK = (
    sa.select(sa.func.sum(DepositRefund.amount_fen))
    .where(
        DepositRefund.deposit_id == Deposit.id,
        DepositRefund.origin == Origin.SURPLUS,
        DepositRefund.state.in_(OWED | BACK),
    )
    .correlate(Deposit)
    .scalar_subquery()
)
COUNTED_FEN = Deposit.amount_fen - sa.func.coalesce(_SENT_BACK, 0) - sa.func.coalesce(_SURPLUS_BACK, 0)
"""What of a deposit in a counted state counts: of one converted in part, the part; without what was too much."""

COUNTS = sa.and_(
    Deposit.state.in_(COUNTED),
    sa.or_(
        Deposit.purpose == Purpose.DEPOSIT,
        Deposit.collection_id.in_(sa.select(Collection.id).where(Collection.mode == CollectionMode.ONE_SHOT)),
    ),
)
"""What a gate counts: deposits; where all is collected once, the contributions."""


@dataclass(frozen=True)
class EstateTotals:
    """Figures of one estate: ``households`` all homes, ``paid_households`` and ``paid_fen`` paid or converted."""

    households: int
    paid_households: int
    paid_fen: Fen

    @property
    def standing(self) -> Standing:
        """The same, to be measured against the gate."""
        return Standing(self.households, self.paid_households, self.paid_fen)


def paid_dwellings(session: Session, estate_id: int) -> set[int]:
    """Inner ids of the estate's dwellings for which a deposit is paid or converted, by whomever."""
    return set(
        session.scalars(
            sa.select(Deposit.dwelling_id)
            .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
            .where(Dwelling.estate_id == estate_id, COUNTS)
        )
    )


def estate_totals(session: Session, estate_id: int) -> EstateTotals:
    """How far an estate has come."""
    row = session.execute(
        sa.select(
            sa.func.count(sa.distinct(Deposit.dwelling_id)).label("dwellings"),
            sa.func.coalesce(sa.func.sum(COUNTED_FEN), 0).label("fen"),
        )
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .where(Dwelling.estate_id == estate_id, COUNTS)
    ).one()
    return EstateTotals(households(session, estate_id), row.dwellings, int(row.fen))


@dataclass(frozen=True)
class BuildingSum:
    """What a building's households paid together."""

    building: str
    dwellings: int
    paid_households: int
    paid_fen: Fen


def building_sums(session: Session, collection: Collection) -> Sequence[BuildingSum]:
    """Every building's households and what they paid into a collection, in the order of the buildings' names."""
    paid = (
        sa.select(
            Dwelling.building_id,
            sa.func.count(sa.distinct(Deposit.dwelling_id)).label("many"),
            sa.func.sum(COUNTED_FEN).label("fen"),
        )
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        # By way of the estate's homes: what it costs then goes by the estate, not by the city's ledger.
        .where(Dwelling.estate_id == collection.estate_id, Deposit.collection_id == collection.id, COUNTS)
        .group_by(Dwelling.building_id)
        .subquery()
    )
    homes = (
        sa.select(Dwelling.building_id, sa.func.count().label("many"))
        .where(Dwelling.estate_id == collection.estate_id, Dwelling.use == "home")
        .group_by(Dwelling.building_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(Place.name, homes.c.many, sa.func.coalesce(paid.c.many, 0), sa.func.coalesce(paid.c.fen, 0))
        .join(homes, homes.c.building_id == Place.id)
        .outerjoin(paid, paid.c.building_id == Place.id)
        .order_by(Place.code)
    )
    return [BuildingSum(name, many, paid_many, int(fen)) for name, many, paid_many, fen in rows]


def received_of_dwelling(session: Session, dwelling_id: int) -> int:
    """How many deposits came in for a dwelling, by whomever."""
    return (
        session.scalar(
            sa.select(sa.func.count()).where(
                Deposit.dwelling_id == dwelling_id,
                Deposit.purpose == Purpose.DEPOSIT,
                Deposit.state.in_(RECEIVED),
            )
        )
        or 0
    )
