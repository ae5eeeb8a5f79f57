"""Every select over doors that have not answered."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.places.models import Dwelling, DwellingUse
from surveys.questionnaires.standing.queries import has_not_answered


def not_answered(session: Session, campaign_id: int, building_id: int) -> Sequence[Dwelling]:
    """The homes of a building that have not answered, in the order one walks them."""
    return session.scalars(
        sa.select(Dwelling)
        .where(Dwelling.building_id == building_id, has_not_answered(campaign_id))
        .order_by(Dwelling.sort_key)
    ).all()


def homes(session: Session, building_id: int) -> int:
    """How many homes a building has."""
    statement = (
        sa.select(sa.func.count())
        .select_from(Dwelling)
        .where(Dwelling.building_id == building_id, Dwelling.use == DwellingUse.HOME)
    )
    return session.scalar(statement) or 0
