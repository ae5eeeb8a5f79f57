"""Every select over deposits that become contributions: what may be converted, the proposals, their lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.money import Fen
from payments import queries as payments
from payments.handovers import queries as handovers
from payments.models import Deposit
from payments.refunds.models import ConversionBatch, ConversionLine, DepositRefund, LineState
from payments.rules.deposit import DepositState, Purpose
from payments.rules.giving_back import LIVE


def _locking(statement: sa.Select[Any]) -> sa.Select[Any]:
    return for_update(statement).execution_options(populate_existing=True)


def convertible(session: Session, collection_id: int) -> list[tuple[int, Fen, int]]:
    """(deposit, amount, dwelling) of a collection's deposits that are held and not asked back, the oldest first; not of
    flats that changed hands, unless their payers left the deposit with them.
    """
    asked = sa.exists().where(DepositRefund.deposit_id == Deposit.id, DepositRefund.state.in_(LIVE))
    rows = session.execute(
        sa.select(Deposit.id, Deposit.amount_fen, Deposit.dwelling_id)
        .where(
            Deposit.collection_id == collection_id,
            Deposit.purpose == Purpose.DEPOSIT,
            Deposit.state == DepositState.PAID,
            ~asked,
            ~handovers.WAITS,
        )
        .order_by(Deposit.paid_at, Deposit.public_id)
    )
    return [(row.id, row.amount_fen, row.dwelling_id) for row in rows]


def batch_by_public_id(session: Session, public_id: str, *, lock: bool = False) -> ConversionBatch:
    """A proposal to convert. Raises NotFound."""
    statement = sa.select(ConversionBatch).where(ConversionBatch.public_id == public_id)
    found = session.scalar(_locking(statement) if lock else statement)
    if found is None:
        raise NotFound("no-such-conversion", "没有找到这次转为出资的方案。")
    return found


def batches_of_collection(session: Session, collection_id: int) -> Sequence[ConversionBatch]:
    """A collection's proposals, newest first."""
    return session.scalars(
        sa.select(ConversionBatch)
        .where(ConversionBatch.collection_id == collection_id)
        .order_by(ConversionBatch.made_at.desc())
    ).all()


def planned_lines(session: Session, batch_id: int) -> Sequence[str]:
    """Public ids of a proposal's lines still to be done."""
    return session.scalars(
        sa.select(ConversionLine.public_id)
        .where(ConversionLine.batch_id == batch_id, ConversionLine.state == LineState.PLANNED)
        .order_by(ConversionLine.public_id)
    ).all()


def locked_line(session: Session, public_id: str) -> tuple[ConversionLine, Deposit]:
    """A line of a proposal and its deposit, both locked, the deposit first."""
    deposit_id = session.scalars(
        sa.select(ConversionLine.deposit_id).where(ConversionLine.public_id == public_id)
    ).one()
    deposit = payments.deposit_by_id(session, deposit_id, lock=True)
    return session.scalars(_locking(sa.select(ConversionLine).where(ConversionLine.public_id == public_id))).one(), (
        deposit
    )


@dataclass(frozen=True)
class BatchSums:
    """What a proposal does, by state of its lines: how many, how much converted, how much sent back."""

    state: str
    many: int
    amount_fen: Fen
    rest_fen: Fen


def sums_of_batch(session: Session, batch_id: int) -> list[BatchSums]:
    """The sums of a proposal's lines by state."""
    rows = session.execute(
        sa.select(
            ConversionLine.state,
            sa.func.count(),
            sa.func.sum(ConversionLine.amount_fen),
            sa.func.sum(ConversionLine.rest_fen),
        )
        .where(ConversionLine.batch_id == batch_id)
        .group_by(ConversionLine.state)
    )
    return [BatchSums(state, many, int(amount), int(rest)) for state, many, amount, rest in rows]
