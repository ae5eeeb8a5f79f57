"""Every select over who has answered and who has not, by what the register knows."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.people.models import Holding, HoldingKind
from kernel.places.models import Dwelling, DwellingUse
from surveys.questionnaires.models import ValidResponse
from surveys.questionnaires.rules.coverage import Group


def coverage_groups(session: Session, campaign_id: int, estate_ids: Sequence[int]) -> list[Group]:
    """Homes of some estates by floor and registered tenancy, and how many of each have a valid response."""
    let = sa.exists().where(
        Holding.dwelling_id == Dwelling.id, Holding.kind == HoldingKind.TENANT, Holding.held_until.is_(None)
    )
    homes = (
        sa.select(Dwelling.id, Dwelling.floor, let.label("let"))
        .where(Dwelling.estate_id.in_(estate_ids), Dwelling.use == DwellingUse.HOME)
        .subquery()
    )
    rows = session.execute(
        sa.select(homes.c.floor, homes.c.let, sa.func.count(ValidResponse.response_id), sa.func.count())
        .select_from(homes)
        .outerjoin(
            ValidResponse,
            sa.and_(ValidResponse.campaign_id == campaign_id, ValidResponse.dwelling_id == homes.c.id),
        )
        .group_by(homes.c.floor, homes.c.let)
    )
    return [Group(row[0], bool(row[1]), row[2], row[3]) for row in rows]
