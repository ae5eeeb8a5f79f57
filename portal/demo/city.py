"""The place tree of the demo city, and the dwellings of the estates that get them."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import new_public_id, reading, transaction, use_case
from kernel.places.models import Dwelling, Place, PlaceKind
from kernel.places.rules import child_path, dwelling_label, sort_key
from portal.demo import Demo
from portal.demo.names import CITY_CODE, CITY_NAME, COMMUNITIES, DISTRICTS, NAMED, District, NamedEstate, estate_names

FLOORS, UNITS, DOORS = 7, 2, 2
A_BUILDING = FLOORS * UNITS * DOORS
FEWEST_IN_TAOYUAN = 3 * A_BUILDING
"""The story's household lives in 3栋2单元501."""


@dataclass(frozen=True)
class PlannedEstate:
    """An estate of a plan year: ``order`` counts within the district and year; ``of_unit``: once a unit's dormitory."""

    code: str
    name: str
    district: str
    plan_year: int
    order: int
    of_unit: bool
    named: NamedEstate | None = None


def planned_estates(demo: Demo) -> list[PlannedEstate]:
    """All estates of all plans, 161 of 2023 first, the named ones foremost; then the 420 of 2018 to 2022."""
    made: list[PlannedEstate] = []
    for district in DISTRICTS:
        made += _of_district(district, demo)
    return sorted(made, key=lambda each: (each.named is None, each.plan_year != 2023, each.plan_year))


def _of_district(district: District, demo: Demo) -> Iterator[PlannedEstate]:
    named = [each for each in NAMED if each.district == district.code]
    taken = {each.name for each in named}
    names = (pair for pair in estate_names(district) if pair[0] not in taken)
    for year, wanted in ((2023, district.planned), *_years_before(district)):
        mine = [each for each in named if each.plan_year == year]
        for order in range(wanted):
            if order < len(mine):
                each = mine[order]
                yield PlannedEstate(each.code, each.name, district.code, year, order, True, each)
            else:
                name, of_unit = next(names)
                yield PlannedEstate(f"{district.code}-{year}-{order + 1:03}", name, district.code, year, order, of_unit)


def _years_before(district: District) -> list[tuple[int, int]]:
    """The district's estates of 2018 to 2022, growing year by year; Qujiang's ten of 2022 are the report's."""
    if district.code == "440205":
        return [(2018, 5), (2019, 8), (2020, 11), (2021, 12), (2022, 10)]
    weights = (10, 16, 22, 26, 26)
    counts = [district.before * weight // 100 for weight in weights]
    counts[-1] += district.before - sum(counts)
    return [(2018 + year, count) for year, count in enumerate(counts)]


@use_case
def places(demo: Demo) -> str:
    """City, districts, streets, communities, and every estate that is or was in a plan."""
    with transaction() as session:
        city = _add(session, None, PlaceKind.CITY, CITY_CODE, CITY_NAME)
        communities: dict[tuple[str, str], Place] = {}
        for district in DISTRICTS:
            node = _add(session, city, PlaceKind.DISTRICT, district.code, district.name)
            for number, name in enumerate(district.streets, 1):
                street = _add(session, node, PlaceKind.STREET, f"{district.code}{number:03}", name)
                for count, community in enumerate(COMMUNITIES[name], 1):
                    code = f"{street.code}{count:03}"
                    communities[district.code, community] = _add(session, street, PlaceKind.COMMUNITY, code, community)
        of_district: dict[str, list[Place]] = {
            district.code: [place for (code, _), place in communities.items() if code == district.code]
            for district in DISTRICTS
        }
        chance = demo.random("estates")
        estates = planned_estates(demo)
        for estate in estates:
            named = estate.named
            parent = (
                communities[estate.district, named.community]
                if named
                else of_district[estate.district][estate.order % len(of_district[estate.district])]
            )
            facts = {
                "built_year": named.built_year if named else chance.randint(1975, 2000),
                "renovated": named.renovated if named else estate.plan_year < 2023,
            }
            _add(session, parent, PlaceKind.ESTATE, estate.code, estate.name, facts)
    return f"地方：{len(DISTRICTS)} 个县（市、区），{len(estates)} 个小区"


def _add(
    session: Session, parent: Place | None, kind: PlaceKind, code: str, name: str, facts: dict | None = None
) -> Place:
    place = Place(
        public_id=new_public_id(),
        parent_id=parent.id if parent else None,
        kind=kind,
        code=code,
        name=name,
        path=child_path(parent.path if parent else "", code),
        facts=facts or {},
    )
    session.add(place)
    session.flush()
    return place


def estates_with_dwellings(demo: Demo) -> list[tuple[PlannedEstate, int]]:
    """The estates that get dwellings, each with how many."""
    sized = []
    for estate in planned_estates(demo)[: demo.estates]:
        wanted = (estate.named and estate.named.households) or demo.households
        sized.append((estate, max(wanted, FEWEST_IN_TAOYUAN) if estate.code == "taoyuan-beixiang" else wanted))
    return sized


def dwellings(demo: Demo) -> str:
    """Buildings of two units and seven floors, two doors a floor, until each estate has its households."""
    made = sum(_fill(demo, estate, wanted) for estate, wanted in estates_with_dwellings(demo))
    return f"房屋：{demo.estates} 个小区，{made} 户"


@use_case
def _fill(demo: Demo, planned: PlannedEstate, wanted: int) -> int:
    chance = demo.random(f"areas:{planned.code}")
    with transaction() as session:
        estate = session.scalars(sa.select(Place).where(Place.code == planned.code)).one()
        rows = []
        floors = FLOORS + 1 if A_BUILDING < wanted <= A_BUILDING + UNITS * DOORS else FLOORS
        in_one = floors * UNITS * DOORS
        for number in range(1, -(-wanted // in_one) + 1):
            building = _add(
                session,
                estate,
                PlaceKind.BUILDING,
                f"{estate.code}-{number}",
                f"{number}栋",
                {"floors": floors, "has_lift": False, "number": number},
            )
            for place in range(min(in_one, wanted - (number - 1) * in_one)):
                floor, rest = divmod(place, UNITS * DOORS)
                unit, door = divmod(rest, DOORS)
                name, unit_name = f"{floor + 1}{door + 1:02}", str(unit + 1)
                rows.append(
                    {
                        "public_id": new_public_id(),
                        "estate_id": estate.id,
                        "building_id": building.id,
                        "unit": unit_name,
                        "floor": floor + 1,
                        "door": name,
                        "area_dm2": (5200 + 1400 * door + 600 * unit) + chance.randrange(0, 300),
                        "use": "home",
                        "label": dwelling_label(building.name, unit_name, name),
                        "sort_key": sort_key(building.name, unit_name, name),
                    }
                )
        session.execute(sa.insert(Dwelling), rows)
    return len(rows)


def is_empty() -> bool:
    """Does the current city have no place yet?"""
    return reading().scalar(sa.select(Place.id).limit(1)) is None
