"""Every select of differences of cash boxes."""

from collections.abc import Collection as Some
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from payments.cash_desk.differences.models import CashDifference
from payments.cash_desk.differences.rules import OPEN
from payments.cash_desk.models import CashBox


def locked(session: Session, public_id: str) -> tuple[CashDifference, CashBox]:
    """A difference, locked, and its box. Raises NotFound."""
    statement = sa.select(CashDifference).where(CashDifference.public_id == public_id)
    found = session.scalar(for_update(statement).execution_options(populate_existing=True))
    if found is None:
        raise NotFound("no-such-difference", "没有找到这笔长短款。")
    return found, session.get_one(CashBox, found.box_id)


def of_collections(
    session: Session, collection_ids: Some[int], *, limit: int = 60
) -> Sequence[tuple[CashDifference, CashBox]]:
    """The differences of some collections' boxes: those that wait first, then the newest."""
    rows = session.execute(
        sa.select(CashDifference, CashBox)
        .join(CashBox, CashBox.id == CashDifference.box_id)
        .where(CashBox.collection_id.in_(list(collection_ids)))
        .order_by(CashDifference.state.not_in(list(OPEN)), CashBox.closed_at.desc(), CashDifference.public_id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def waiting_of(session: Session, collection_ids: Some[int]) -> int:
    """How many differences of some collections nobody has decided about."""
    statement = (
        sa.select(sa.func.count())
        .select_from(CashDifference)
        .join(CashBox, CashBox.id == CashDifference.box_id)
        .where(CashBox.collection_id.in_(list(collection_ids)), CashDifference.state.in_(list(OPEN)))
    )
    return session.scalar(statement) or 0
