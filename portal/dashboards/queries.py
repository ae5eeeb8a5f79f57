"""What the dashboards look up beyond the queries of the packages they show."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.places.models import Dwelling, DwellingUse, Place, PlaceKind


@dataclass(frozen=True)
class Home:
    """A home as a board needs it: who lives there is not asked."""

    id: int
    building_id: int
    unit: str
    door: str
    floor: int | None


def homes(session: Session, building_ids: Sequence[int]) -> list[Home]:
    """The homes of some buildings in the order one walks them."""
    rows = session.execute(
        sa.select(Dwelling.id, Dwelling.building_id, Dwelling.unit, Dwelling.door, Dwelling.floor)
        .where(Dwelling.building_id.in_(building_ids), Dwelling.use == DwellingUse.HOME)
        .order_by(Dwelling.sort_key)
    )
    return [Home(*row) for row in rows]


def home_ids(session: Session, estate_ids: Sequence[int]) -> dict[int, set[int]]:
    """Estate -> the inner ids of its homes: the base of every rate of households."""
    found: dict[int, set[int]] = {estate_id: set() for estate_id in estate_ids}
    for estate_id, home in session.execute(
        sa.select(Dwelling.estate_id, Dwelling.id).where(
            Dwelling.estate_id.in_(estate_ids), Dwelling.use == DwellingUse.HOME
        )
    ):
        found[estate_id].add(home)
    return found


def estates_with_homes(session: Session, under: Place | None = None) -> Sequence[Place]:
    """The estates that have at least one home on the register, all or those under a place, by code."""
    statement = sa.select(Place).where(
        Place.kind == PlaceKind.ESTATE,
        sa.exists().where(Dwelling.estate_id == Place.id, Dwelling.use == DwellingUse.HOME),
    )
    if under is not None:
        statement = statement.where(Place.path.startswith(under.path, autoescape=True))
    return session.scalars(statement.order_by(Place.path)).all()


def districts(session: Session) -> Sequence[Place]:
    """All districts, by code."""
    return session.scalars(sa.select(Place).where(Place.kind == PlaceKind.DISTRICT).order_by(Place.code)).all()


def city_name(session: Session) -> str:
    """The city's name; "本市" before there is one."""
    return session.scalar(sa.select(Place.name).where(Place.kind == PlaceKind.CITY).limit(1)) or "本市"
