"""Every select over dated bases."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.places.models import Dwelling
from payments.gates.models import GateBase, GateState


def base_by_public_id(session: Session, public_id: str, *, lock: bool = False) -> GateBase:
    """A base. Raises NotFound."""
    statement: sa.Select[Any] = sa.select(GateBase).where(GateBase.public_id == public_id)
    if lock:
        statement = for_update(statement).execution_options(populate_existing=True)
    found = session.scalar(statement)
    if found is None:
        raise NotFound("no-such-base", "没有找到这一次基数。请刷新页面。")
    return found


def bases_of(session: Session, collection_id: int) -> Sequence[GateBase]:
    """A collection's bases, the latest date first."""
    return session.scalars(
        sa.select(GateBase)
        .where(GateBase.collection_id == collection_id)
        .order_by(GateBase.as_of.desc(), GateBase.id.desc())
    ).all()


def current_bases(session: Session, collection_ids: Sequence[int]) -> dict[int, GateBase]:
    """Collection (inner id) → its adopted base with the latest date; left out where the register counts."""
    found: dict[int, GateBase] = {}
    for each in session.scalars(
        sa.select(GateBase)
        .where(GateBase.collection_id.in_(collection_ids), GateBase.state == GateState.ADOPTED)
        .order_by(GateBase.as_of.desc(), GateBase.id.desc())
    ):
        found.setdefault(each.collection_id, each)
    return found


def area_of(session: Session, estate_id: int) -> int:
    """The area of an estate's homes on the register, in 0.01 ㎡."""
    area = sa.select(sa.func.coalesce(sa.func.sum(Dwelling.area_dm2), 0))
    return int(session.scalar(area.where(Dwelling.estate_id == estate_id, Dwelling.use == "home")) or 0)
