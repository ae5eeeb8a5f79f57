"""The selects that prove what two people decided about differences: each that moves the books has its entry."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from payments.models import Collection, LedgerAccount, LedgerEntry, LedgerPosting
from payments.reconciliation.models import BillDifference
from payments.rules.ledger import AccountKind, EntryKind
from payments.rules.reconcile import Decision, DifferenceState, Item

_CAME = sa.case(
    (BillDifference.item == Item.OTHER, BillDifference.theirs_fen),
    else_=sa.func.coalesce(BillDifference.ours_fen, 0) - sa.func.coalesce(BillDifference.theirs_fen, 0),
)
"""What a difference brought to the account at the service: a line as it says, a fee that was not booked less."""
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
    """(public_id, decision) of differences decided so without an entry of that amount."""
    at_service = (
        sa.select(LedgerEntry.reference, sa.func.sum(LedgerPosting.amount_fen).label("fen"))
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(
            LedgerEntry.kind.in_((EntryKind.SERVICE_CHARGE, EntryKind.HOLDER_MOVED)),
            LedgerAccount.kind == AccountKind.AT_WECHAT,
        )
        .group_by(LedgerEntry.reference)
        .subquery()
    )
    booked = sa.and_(BillDifference.state == DifferenceState.DECIDED, BillDifference.decision.in_(list(_AGAINST)))
    should = sa.case((booked, _CAME), else_=0)
    return session.execute(
        sa.select(BillDifference.public_id, BillDifference.decision)
        .outerjoin(at_service, at_service.c.reference == BillDifference.public_id)
        .where(sa.func.coalesce(at_service.c.fen, 0) != should)
    ).all()
