"""What the workers' pages look up beyond the kernel's own queries. Everything starts from the places of a grant."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.places.models import Dwelling, DwellingUse, Place, PlaceKind
from kernel.places.queries import places_below
from kernel.places.rules import is_within, sort_key

_IN_ESTATES = frozenset({PlaceKind.BUILDING, PlaceKind.UNIT})


@dataclass(frozen=True)
class Count:
    """How far a building or an estate is: homes, and how many of them answered and paid."""

    homes: int
    answered: int
    paid: int


def estates_of(session: Session, places: Sequence[Place]) -> list[Place]:
    """The estates a worker goes to: at or under the granted places, or around a granted building; by name."""
    within = {code for place in places if place.kind in _IN_ESTATES for code in place.path.strip("/").split("/")}
    around = session.scalars(sa.select(Place).where(Place.code.in_(within), Place.kind == PlaceKind.ESTATE))
    granted = [place for place in places if place.kind not in _IN_ESTATES]
    found = {estate.id: estate for estate in (*around, *places_below(session, granted, PlaceKind.ESTATE))}
    return sorted(found.values(), key=lambda estate: sort_key(estate.name))


def buildings_of(session: Session, estate: Place, places: Sequence[Place]) -> list[Place]:
    """The buildings of an estate that lie within one of the granted places, 9栋 before 10栋."""
    return buildings_by_estate(session, [estate], places)[estate.id]


def buildings_by_estate(session: Session, estates: Sequence[Place], places: Sequence[Place]) -> dict[int, list[Place]]:
    """The same for several estates, by their inner ids."""
    found: dict[int, list[Place]] = {estate.id: [] for estate in estates}
    for each in session.scalars(sa.select(Place).where(Place.parent_id.in_(found), Place.kind == PlaceKind.BUILDING)):
        if each.parent_id is not None and any(is_within(each.path, place.path) for place in places):
            found[each.parent_id].append(each)
    return {estate_id: sorted(mine, key=lambda building: sort_key(building.name)) for estate_id, mine in found.items()}


def homes_of_estates(session: Session, estate_ids: Sequence[int]) -> Sequence[tuple[int, int, int]]:
    """(dwelling id, building id, estate id) of every home of some estates."""
    rows = session.execute(
        sa.select(Dwelling.id, Dwelling.building_id, Dwelling.estate_id).where(
            Dwelling.estate_id.in_(estate_ids), Dwelling.use == DwellingUse.HOME
        )
    )
    return [(row.id, row.building_id, row.estate_id) for row in rows]
