"""Every select of batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.places.models import Dwelling
from payments.models import (
    Collection,
    Deposit,
    LedgerAccount,
    LedgerPosting,
    PaymentAlarm,
    PaymentAttempt,
    PaymentConfirmation,
    Receipt,
)
from payments.refunds.batches.models import RefundBatch, RefundBatchLine
from payments.refunds.models import DepositRefund
from payments.refunds.queries import converted_fen, requests_of_deposit
from payments.rules.alarm import AlarmKind
from payments.rules.batch import LineState, Payment
from payments.rules.deposit import DepositState, Purpose
from payments.rules.giving_back import BACK, LIVE, OWED, Origin, refundable
from payments.rules.ledger import AccountKind
from payments.rules.spending import SpendingState
from payments.rules.two_people import ProposalState
from payments.spending.models import Spending


def batch_by_public_id(session: Session, public_id: str, *, lock: bool = False) -> RefundBatch:
    """A batch. Raises NotFound."""
    statement = sa.select(RefundBatch).where(RefundBatch.public_id == public_id)
    found = session.scalar(for_update(statement).execution_options(populate_existing=True) if lock else statement)
    if found is None:
        raise NotFound("no-such-batch", "没有找到这批退款。")
    return found


def batches_of(session: Session, estate_id: int, *, limit: int = 20) -> Sequence[RefundBatch]:
    """An estate's batches, newest first."""
    return session.scalars(
        sa.select(RefundBatch)
        .join(Collection, Collection.id == RefundBatch.collection_id)
        .where(Collection.estate_id == estate_id, RefundBatch.state != ProposalState.SENT_BACK)
        .order_by(RefundBatch.proposed_at.desc())
        .limit(limit)
    ).all()


def deposits_held(session: Session, collection_id: int) -> list[Payment]:
    """A collection's deposits that are held and that nobody asked back, whole, in a fixed order."""
    asked = sa.exists().where(DepositRefund.deposit_id == Deposit.id, DepositRefund.state.in_(LIVE))
    rows = session.execute(
        sa.select(Deposit.id, Deposit.dwelling_id, Deposit.amount_fen, Dwelling.area_dm2)
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .where(
            Deposit.collection_id == collection_id,
            Deposit.purpose == Purpose.DEPOSIT,
            Deposit.state == DepositState.PAID,
            ~asked,
        )
        .order_by(Dwelling.sort_key, Deposit.public_id)
    )
    return [Payment(*row) for row in rows]


def contributions_held(session: Session, collection_id: int) -> list[Payment]:
    """A collection's payments that are contributions, with what of each is left, in a fixed order."""
    rows = session.execute(
        sa.select(Deposit, Dwelling.area_dm2)
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .where(
            Deposit.collection_id == collection_id,
            sa.or_(
                sa.and_(Deposit.purpose == Purpose.CONTRIBUTION, Deposit.state == DepositState.PAID),
                Deposit.state == DepositState.CONVERTED,
            ),
        )
        .order_by(Dwelling.sort_key, Deposit.public_id)
    ).all()
    made = []
    for deposit, area in rows:
        whole = deposit.purpose == Purpose.CONTRIBUTION
        paid = deposit.amount_fen if whole else converted_fen(session, deposit.id)
        made.append(
            Payment(
                deposit.id,
                deposit.dwelling_id,
                refundable(paid, requests_of_deposit(session, deposit.id, origin=Origin.SURPLUS)),
                area,
            )
        )
    return [one for one in made if one.left_fen > 0]


def paid_both_ways(session: Session, collection_id: int) -> set[int]:
    """Deposits of a collection that came a second time by another way, as nobody has settled yet."""
    return set(
        session.scalars(
            sa.select(Deposit.id)
            .join(PaymentAlarm, PaymentAlarm.reference == Deposit.public_id)
            .where(
                Deposit.collection_id == collection_id,
                PaymentAlarm.kind == AlarmKind.PAID_BOTH_WAYS,
                PaymentAlarm.settled_at.is_(None),
            )
        )
    )


def surplus_released_since(session: Session, deposit_id: int, moment: datetime) -> bool:
    """Was surplus of a payment approved by two since a moment, whether or not it has arrived?"""
    found = sa.select(DepositRefund.id).where(
        DepositRefund.deposit_id == deposit_id,
        DepositRefund.origin == Origin.SURPLUS,
        DepositRefund.state.in_(OWED | BACK),
        DepositRefund.second_at >= moment,
    )
    return session.scalar(found.limit(1)) is not None


def not_spent(session: Session, collection_id: int) -> Fen:
    """What the books still hold as contributions and nobody approved to be spent; never below 0."""
    held = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(LedgerPosting.amount_fen), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerAccount.collection_id == collection_id, LedgerAccount.kind == AccountKind.CONTRIBUTIONS)
    )
    approved = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Spending.amount_fen), 0)).where(
            Spending.collection_id == collection_id, Spending.state == SpendingState.APPROVED
        )
    )
    return max(0, -int(held or 0) - int(approved or 0))


def paid_when(session: Session, deposit_ids: Sequence[int]) -> dict[int, tuple[str, datetime]]:
    """Deposit -> (channel, when) of its first confirmed payment."""
    found: dict[int, tuple[str, datetime]] = {}
    for at in range(0, len(deposit_ids), 400):
        rows = session.execute(
            sa.select(PaymentAttempt.deposit_id, PaymentConfirmation.channel, PaymentConfirmation.paid_at)
            .join(PaymentConfirmation, PaymentConfirmation.attempt_id == PaymentAttempt.id)
            .where(PaymentAttempt.deposit_id.in_(deposit_ids[at : at + 400]))
            .order_by(PaymentConfirmation.at.desc())
        )
        found |= {row.deposit_id: (row.channel, row.paid_at) for row in rows}
    return found


def doors_of(session: Session, deposit_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Deposit -> (its public id, the door it was paid for)."""
    found: dict[int, tuple[str, str]] = {}
    for at in range(0, len(deposit_ids), 400):
        rows = session.execute(
            sa.select(Deposit.id, Deposit.public_id, Dwelling.label)
            .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
            .where(Deposit.id.in_(deposit_ids[at : at + 400]))
        )
        found |= {row[0]: (row[1], row[2]) for row in rows}
    return found


def next_lines(session: Session, batch_id: int, *, failed: bool) -> Sequence[RefundBatchLine]:
    """Lines still to release, in a fixed order; with ``failed`` those that failed before instead."""
    state = LineState.FAILED if failed else LineState.PLANNED
    return session.scalars(
        sa.select(RefundBatchLine)
        .where(RefundBatchLine.batch_id == batch_id, RefundBatchLine.state == state)
        .order_by(RefundBatchLine.public_id)
    ).all()


def line_of(session: Session, public_id: str) -> tuple[RefundBatchLine, RefundBatch]:
    """A line, locked, and its batch."""
    found = session.scalars(
        for_update(sa.select(RefundBatchLine).where(RefundBatchLine.public_id == public_id)).execution_options(
            populate_existing=True
        )
    ).one()
    return found, session.get_one(RefundBatch, found.batch_id)


def counts(session: Session, batch_id: int) -> dict[str, tuple[int, Fen]]:
    """State -> (how many lines, how much)."""
    rows = session.execute(
        sa.select(RefundBatchLine.state, sa.func.count(), sa.func.sum(RefundBatchLine.amount_fen))
        .where(RefundBatchLine.batch_id == batch_id)
        .group_by(RefundBatchLine.state)
    )
    return {state: (many, int(fen)) for state, many, fen in rows}


def refund_states(session: Session, batch_id: int) -> dict[str, int]:
    """Request state -> how many of a batch's released lines."""
    rows = session.execute(
        sa.select(DepositRefund.state, sa.func.count())
        .join(RefundBatchLine, RefundBatchLine.request_id == DepositRefund.id)
        .where(RefundBatchLine.batch_id == batch_id)
        .group_by(DepositRefund.state)
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True)
class LineRow:
    """One payment of a batch as staff read it."""

    deposit_id: int
    door: str
    receipt: str | None
    amount_fen: Fen
    state: str
    bank_why: str | None
    problem: str


def lines_of(session: Session, batch_id: int, *, to_tell_only: bool) -> list[LineRow]:
    """A batch's payments as one walks the doors; ``to_tell_only``: those that failed or whose road was chosen."""
    statement = (
        sa.select(
            Deposit.id,
            Dwelling.label,
            Receipt.number,
            RefundBatchLine.amount_fen,
            RefundBatchLine.state,
            RefundBatchLine.bank_why,
            sa.func.coalesce(RefundBatchLine.problem, ""),
        )
        .join(Deposit, Deposit.id == RefundBatchLine.deposit_id)
        .join(Dwelling, Dwelling.id == Deposit.dwelling_id)
        .outerjoin(Receipt, Receipt.deposit_id == Deposit.id)
        .where(RefundBatchLine.batch_id == batch_id)
        .order_by(Dwelling.sort_key, Deposit.id)
    )
    if to_tell_only:
        statement = statement.where(
            sa.or_(RefundBatchLine.state == LineState.FAILED, RefundBatchLine.bank_why.is_not(None))
        )
    return [LineRow(*row) for row in session.execute(statement)]
