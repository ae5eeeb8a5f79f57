"""The selects that prove what two people decided about differences: each that moves the books has its entry."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from payments.fund_flow import queries as fees
from payments.fund_flow.models import ServiceFee
from payments.models import Collection, LedgerAccount, LedgerEntry, LedgerPosting
from payments.reconciliation.models import BillDifference, DifferenceReversal, ReconciledDay
from payments.rules.ledger import AccountKind, EntryKind
from payments.rules.reconcile import Decision, DifferenceState, Item

_CAME = sa.case(
    (BillDifference.item == Item.OTHER, BillDifference.theirs_fen),
    else_=sa.func.coalesce(BillDifference.ours_fen, 0) - sa.func.coalesce(BillDifference.theirs_fen, 0),
)
"""What a difference brought to the account at the service: a line as it says, a fee that was not booked less."""
_KINDS = (
    EntryKind.SERVICE_CHARGE,
    EntryKind.SERVICE_CHARGE_UNDONE,
    EntryKind.HOLDER_MOVED,
    EntryKind.HOLDER_UNDONE,
)
_AGAINST = {Decision.CHARGE: AccountKind.WECHAT_FEES, Decision.HOLDER: AccountKind.HOLDER_FUNDS}


def facts() -> list[tuple[Any, AccountKind, int]]:
    """(sum by collection, account, sign) of differences that were decided to be charges or the holder's own money."""
    made: list[tuple[Any, AccountKind, int]] = []
    for decision, account in _AGAINST.items():
        came = (
            sa.select(Collection.public_id, sa.func.sum(_CAME))
            .join(Collection, Collection.id == BillDifference.collection_id)
            .where(BillDifference.state == DifferenceState.DECIDED, BillDifference.decision == decision)
        )
        made += [(came, AccountKind.AT_WECHAT, 1), (came, account, -1)]
    return made


def apart(session: Session) -> Sequence[Any]:
    """(public_id, decision) of differences decided so without entries of that amount in all, or not so with some: what
    was taken back, and decided again, is entered under the reversals' names.
    """
    names = sa.union_all(
        sa.select(BillDifference.public_id.label("name"), BillDifference.id.label("difference_id")),
        sa.select(DifferenceReversal.public_id, DifferenceReversal.difference_id),
    ).subquery()
    at_service = (
        sa.select(names.c.difference_id, sa.func.sum(LedgerPosting.amount_fen).label("fen"))
        .select_from(LedgerEntry)
        .join(names, names.c.name == LedgerEntry.reference)
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerEntry.kind.in_(_KINDS), LedgerAccount.kind == AccountKind.AT_WECHAT)
        .group_by(names.c.difference_id)
        .subquery()
    )
    booked = sa.and_(BillDifference.state == DifferenceState.DECIDED, BillDifference.decision.in_(list(_AGAINST)))
    should = sa.case((booked, _CAME), else_=0)
    return session.execute(
        sa.select(BillDifference.public_id, BillDifference.decision)
        .outerjoin(at_service, at_service.c.difference_id == BillDifference.id)
        .where(sa.func.coalesce(at_service.c.fen, 0) != should)
    ).all()


def told_twice(session: Session) -> Sequence[Any]:
    """(number) of fees two people booked by hand that a fund-flow bill tells as well: in the books twice."""
    theirs = sa.and_(ServiceFee.channel == ReconciledDay.channel, ServiceFee.merchant_id == ReconciledDay.merchant_id)
    told = (
        sa.select(sa.func.coalesce(sa.func.sum(ServiceFee.amount_fen), 0))
        .where(theirs, ServiceFee.number == BillDifference.number)
        .scalar_subquery()
    )
    by_line = sa.exists().where(theirs, fees.tells(BillDifference.number))
    return session.execute(
        sa.select(BillDifference.number)
        .join(ReconciledDay, ReconciledDay.id == BillDifference.day_id)
        .where(
            BillDifference.state == DifferenceState.DECIDED,
            BillDifference.decision == Decision.CHARGE,
            sa.or_(
                sa.and_(BillDifference.item == Item.FEE, told != sa.func.coalesce(BillDifference.ours_fen, 0)),
                sa.and_(BillDifference.item == Item.OTHER, by_line),
            ),
        )
    ).all()
