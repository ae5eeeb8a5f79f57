"""Every select over doors that have not answered."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.places.models import Dwelling, DwellingUse
from surveys.questionnaires.models import ValidResponse


def not_answered(session: Session, campaign_id: int, building_id: int) -> Sequence[Dwelling]:
    """The homes of a building without a response that counts, in the order one walks them."""
    answered = sa.select(ValidResponse.dwelling_id).where(ValidResponse.campaign_id == campaign_id)
    return session.scalars(
        sa.select(Dwelling)
        .where(Dwelling.building_id == building_id, Dwelling.use == DwellingUse.HOME, Dwelling.id.not_in(answered))
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
