"""Every select of decisions that were taken back."""

from collections.abc import Collection as AnyOf
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from payments.fund_flow import queries as fees
from payments.fund_flow.models import ServiceFee
from payments.reconciliation.models import BillDifference, DifferenceReversal, ReconciledDay
from payments.rules.reconcile import Decision, DifferenceState, Item, ReversalState

TAKEN_BACK = (ReversalState.DECIDED, ReversalState.TOLD)


def reversal_by_public_id(session: Session, public_id: str) -> DifferenceReversal:
    """A reversal. Raises NotFound."""
    found = session.scalar(sa.select(DifferenceReversal).where(DifferenceReversal.public_id == public_id))
    if found is None:
        raise NotFound("no-such-reversal", "没有找到这条撤销申请。")
    return found


def difference_id_of(session: Session, reversal: DifferenceReversal) -> str:
    """The public id of the difference a reversal is about."""
    return session.scalars(sa.select(BillDifference.public_id).where(BillDifference.id == reversal.difference_id)).one()


def reversals_of(session: Session, difference_ids: Iterable[int]) -> dict[int, list[DifferenceReversal]]:
    """Difference -> its reversals that were not sent back, oldest first."""
    found: dict[int, list[DifferenceReversal]] = {}
    for one in session.scalars(
        sa.select(DifferenceReversal)
        .where(
            DifferenceReversal.difference_id.in_(list(difference_ids)),
            DifferenceReversal.state != ReversalState.SENT_BACK,
        )
        .order_by(DifferenceReversal.id)
    ):
        found.setdefault(one.difference_id, []).append(one)
    return found


def waiting_of(session: Session, difference_id: int) -> Sequence[DifferenceReversal]:
    """A difference's reversals nobody has decided about: one, or none."""
    return session.scalars(
        sa.select(DifferenceReversal).where(
            DifferenceReversal.difference_id == difference_id, DifferenceReversal.state == ReversalState.PROPOSED
        )
    ).all()


def last_reversal(session: Session, difference_id: int) -> str | None:
    """The public id of what took a difference's decision back last, or None."""
    return session.scalar(
        sa.select(DifferenceReversal.public_id)
        .where(DifferenceReversal.difference_id == difference_id, DifferenceReversal.state.in_(TAKEN_BACK))
        .order_by(DifferenceReversal.decided_at.desc(), DifferenceReversal.id.desc())
        .limit(1)
    )


def booked_by_numbers(
    session: Session, channel: str, merchant_id: str, numbers: AnyOf[str]
) -> Sequence[BillDifference]:
    """A merchant's differences under some numbers that two people booked as charges, locked."""
    statement = (
        sa.select(BillDifference)
        .join(ReconciledDay, ReconciledDay.id == BillDifference.day_id)
        .where(
            ReconciledDay.channel == channel,
            ReconciledDay.merchant_id == merchant_id,
            BillDifference.number.in_(list(numbers)),
            BillDifference.state == DifferenceState.DECIDED,
            BillDifference.decision == Decision.CHARGE,
        )
        .order_by(BillDifference.id)
    )
    return session.scalars(for_update(statement).execution_options(populate_existing=True)).all()


def is_told(session: Session, day: ReconciledDay, found: BillDifference) -> bool:
    """Has a fund-flow bill told the fee a difference is about, since it was found?"""
    theirs = sa.and_(ServiceFee.channel == day.channel, ServiceFee.merchant_id == day.merchant_id)
    if found.item == Item.FEE:
        told = sa.select(sa.func.coalesce(sa.func.sum(ServiceFee.amount_fen), 0))
        return session.scalar(told.where(theirs, ServiceFee.number == found.number)) != (found.ours_fen or 0)
    return bool(session.scalar(sa.select(sa.exists().where(theirs, fees.tells(found.number)))))
