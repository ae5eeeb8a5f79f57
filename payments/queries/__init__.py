"""Every select over deposits, attempts, receipts and the ledger."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import core, for_update, once
from kernel.errors import NotFound
from kernel.people.models import Account
from kernel.places.models import Place
from payments.models import (
    Collection,
    Deposit,
    LedgerAccount,
    PaymentAlarm,
    PaymentAttempt,
    PaymentConfirmation,
    PaymentNotice,
    Receipt,
    RefundIntent,
    table_of,
)
from payments.rules.attempt import OPEN
from payments.rules.deposit import RECEIVED, DepositState, Purpose
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


_COLLECTION = (
    sa.select(Collection)
    .where(Collection.estate_id == sa.bindparam("estate"))
    .order_by(Collection.closed_at.is_not(None), Collection.opened_at.desc())
    .limit(1)
)


def collection_of(session: Session, estate_id: int) -> Collection | None:
    """The estate's open collection, else the one opened last, or None."""
    return once(session, ("collection", estate_id), lambda: session.scalar(_COLLECTION, {"estate": estate_id}))


def collection_there(session: Session, estate_id: int) -> Collection:
    """The same. Raises NotFound where nothing was ever collected."""
    found = collection_of(session, estate_id)
    if found is None:
        raise NotFound("no-collection", "本小区还没有开始收款，所以还没有账目。开始时会在楼下张贴通知。")
    return found


def collections_of(session: Session, estate_ids: Sequence[int]) -> dict[int, Collection]:
    """Estate (inner id) -> its open collection, else the one opened last; those without one are left out."""
    found: dict[int, Collection] = {}
    for each in session.scalars(
        sa.select(Collection)
        .where(Collection.estate_id.in_(estate_ids))
        .order_by(Collection.closed_at.is_not(None), Collection.opened_at.desc())
    ):
        found.setdefault(each.estate_id, each)
    return found


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


_OF_TRADE_NO = sa.select(PaymentAttempt.deposit_id).where(PaymentAttempt.trade_no == sa.bindparam("trade_no"))
_DEPOSIT_OF_TRADE_NO = _locking(sa.select(Deposit).where(Deposit.id == _OF_TRADE_NO.scalar_subquery()))


def deposit_of_trade_no(session: Session, trade_no: str) -> Deposit | None:
    """The deposit that the attempt of a number is to pay, locked for this transaction; None for a strange number."""
    return session.scalar(_DEPOSIT_OF_TRADE_NO, {"trade_no": trade_no})


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
    PaymentAttempt.public_id == sa.bindparam("public_id")
)
_ATTEMPT_LOCKED = _locking(sa.select(PaymentAttempt).where(PaymentAttempt.id == sa.bindparam("attempt")))


def attempt_and_deposit(session: Session, public_id: str) -> tuple[PaymentAttempt, Deposit]:
    """An attempt and what it pays, locked for this transaction: the deposit first, as everybody does."""
    place = core(session).execute(_PLACE, {"public_id": public_id}).one()
    deposit = deposit_by_id(session, place.deposit_id, lock=True)
    return session.scalars(_ATTEMPT_LOCKED, {"attempt": place.id}).one(), deposit


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


_TOLD = (
    sa.select(PaymentAttempt, PaymentConfirmation.transaction_id, PaymentNotice.outcome)
    .outerjoin(PaymentConfirmation, PaymentConfirmation.attempt_id == PaymentAttempt.id)
    .outerjoin(
        PaymentNotice,
        sa.and_(
            PaymentNotice.channel == sa.bindparam("channel"),
            PaymentNotice.notice_id == sa.bindparam("notice"),
            PaymentNotice.facts_hash == sa.bindparam("digest"),
        ),
    )
    .where(PaymentAttempt.trade_no == sa.bindparam("trade_no"))
    .with_for_update(of=PaymentAttempt)
    .execution_options(populate_existing=True)
)


_OUTCOME = sa.select(PaymentNotice.outcome).where(
    PaymentNotice.channel == sa.bindparam("channel"),
    PaymentNotice.notice_id == sa.bindparam("notice"),
    PaymentNotice.facts_hash == sa.bindparam("digest"),
)


def outcome_of_notice(session: Session, notice: Mapping[str, str]) -> str | None:
    """What became of a notice (channel, notice, digest) that came before, or None."""
    return core(session).scalar(_OUTCOME, notice)


def told_before(
    session: Session, trade_no: str, notice: Mapping[str, str]
) -> tuple[PaymentAttempt, str | None, str | None]:
    """An attempt, locked; the gateway's number of the payment confirmed for it, if any; and what became of a notice
    (channel, notice, digest) if it came before. The caller holds the deposit's lock."""
    row = session.execute(_TOLD, {"trade_no": trade_no, **notice}).one()
    return row[0], row[1], row[2]


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


def attempt_by_channel(session: Session, deposit_id: int, channel: str) -> PaymentAttempt:
    """The one attempt by which a deposit came over a desk's channel."""
    return session.scalars(
        sa.select(PaymentAttempt).where(PaymentAttempt.deposit_id == deposit_id, PaymentAttempt.channel == channel)
    ).one()


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


# ----------------------------------------------------------------------------------------------------------- ledger


def lines_to_post(lines: int) -> sa.Select[Any]:
    """An entry's lines as rows (entry, account, fen), each into the account of its kind; to be inserted as they are.

    Binds ``entry``, ``collection`` and, counted from 0, ``kind_n`` and ``fen_n``.
    """
    accounts = table_of(LedgerAccount)
    kinds = [sa.bindparam(f"kind_{n}", type_=sa.String) for n in range(lines)]
    amounts = [sa.bindparam(f"fen_{n}", type_=sa.BigInteger) for n in range(lines)]
    whens = [(accounts.c.kind == kind, fen) for kind, fen in zip(kinds, amounts, strict=True)]
    return (
        sa.select(sa.bindparam("entry", type_=sa.BigInteger), accounts.c.id, sa.case(*whens))
        .where(accounts.c.collection_id == sa.bindparam("collection"), accounts.c.kind.in_(kinds))
        .order_by(accounts.c.id)  # everyone touches accounts in the same order, so nobody waits in a circle
    )


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
