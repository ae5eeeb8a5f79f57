"""What the residents' pages look up beyond the kernel's own queries."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from kernel.people.models import Tie
from kernel.places.models import Dwelling, Place


@dataclass(frozen=True)
class Home:
    """One dwelling an account speaks for, with the names people know it by."""

    tie: Tie
    dwelling: Dwelling
    estate: Place
    building: Place


def homes_of(session: Session, account_id: int) -> list[Home]:
    """The dwellings an account has a live tie to, the oldest tie first."""
    estate, building = aliased(Place), aliased(Place)
    rows = session.execute(
        sa.select(Tie, Dwelling, estate, building)
        .join(Dwelling, Dwelling.id == Tie.dwelling_id)
        .join(estate, estate.id == Dwelling.estate_id)
        .join(building, building.id == Dwelling.building_id)
        .where(Tie.account_id == account_id, Tie.ended_at.is_(None))
        .order_by(Tie.since, Tie.id)
    )
    return [Home(*row) for row in rows]


def where_is(session: Session, dwelling: Dwelling) -> tuple[Place, Place]:
    """The estate and the building of a dwelling."""
    return session.get_one(Place, dwelling.estate_id), session.get_one(Place, dwelling.building_id)


def own_tie(session: Session, account_id: int, public_id: str) -> Tie | None:
    """The account's live tie with a public id, or None."""
    return session.scalar(
        sa.select(Tie).where(Tie.public_id == public_id, Tie.account_id == account_id, Tie.ended_at.is_(None))
    )
