"""Every select of the register: what an estate holds today, and its door codes."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.people.models import Holding, Person, Tie
from kernel.places.models import DoorCode, Dwelling, Place, PlaceKind

_CHUNK = 500
"""Parameters a statement: SQLite takes 32,766, PostgreSQL 65,535; smaller lists plan faster."""


def lock_estate(session: Session, code: str) -> Place:
    """The estate with a code, locked, so that two imports stand in line. Raises NotFound."""
    return _estate(session.scalar(for_update(sa.select(Place).where(Place.code == code))), code)


def estate_by_code(session: Session, code: str) -> Place:
    """The estate with a code. Raises NotFound."""
    return _estate(session.scalar(sa.select(Place).where(Place.code == code)), code)


def _estate(found: Place | None, code: str) -> Place:
    if found is None or found.kind != PlaceKind.ESTATE:
        raise NotFound("no-such-estate", f"没有代号为“{code}”的小区。请核对 --estate 后面的代号。")
    return found


def buildings_of(session: Session, estate: Place) -> dict[str, Place]:
    """The estate's buildings by name."""
    rows = session.scalars(sa.select(Place).where(Place.parent_id == estate.id, Place.kind == PlaceKind.BUILDING))
    return {place.name: place for place in rows}


def unit_codes_of(session: Session, estate: Place) -> set[str]:
    """The codes of all units of an estate."""
    return set(
        session.scalars(
            sa.select(Place.code).where(
                Place.path.startswith(estate.path, autoescape=True), Place.kind == PlaceKind.UNIT
            )
        )
    )


def dwellings_with_building(session: Session, estate_id: int) -> Sequence[tuple[Dwelling, str]]:
    """The estate's dwellings, each with its building's name, in the order one walks them."""
    rows = session.execute(
        sa.select(Dwelling, Place.name)
        .join(Place, Place.id == Dwelling.building_id)
        .where(Dwelling.estate_id == estate_id)
        .order_by(Dwelling.sort_key)
    )
    return [(row.Dwelling, row.name) for row in rows]


def holdings_with_person(session: Session, estate_id: int) -> Sequence[tuple[Holding, Person]]:
    """All holdings of today in an estate, with their persons."""
    rows = session.execute(
        sa.select(Holding, Person)
        .join(Person, Person.id == Holding.person_id)
        .join(Dwelling, Dwelling.id == Holding.dwelling_id)
        .where(Dwelling.estate_id == estate_id, Holding.held_until.is_(None))
        .order_by(Holding.id)
    )
    return [(row.Holding, row.Person) for row in rows]


def persons_with_phones(session: Session, indexes: Sequence[bytes]) -> list[Person]:
    """All persons of the city who have one of the numbers (blind indexes)."""
    found: list[Person] = []
    for first in range(0, len(indexes), _CHUNK):
        part = indexes[first : first + _CHUNK]
        found += session.scalars(sa.select(Person).where(Person.phone_index.in_(part))).all()
    return found


def person_ids(session: Session, public_ids: Sequence[str]) -> dict[str, int]:
    """Inner ids of persons by public id."""
    found: dict[str, int] = {}
    for first in range(0, len(public_ids), _CHUNK):
        part = public_ids[first : first + _CHUNK]
        rows = session.execute(sa.select(Person.public_id, Person.id).where(Person.public_id.in_(part)))
        found.update((row.public_id, row.id) for row in rows)
    return found


def dwelling_ids(session: Session, estate_id: int) -> dict[str, int]:
    """Inner ids of an estate's dwellings by public id."""
    rows = session.execute(sa.select(Dwelling.public_id, Dwelling.id).where(Dwelling.estate_id == estate_id))
    return {row.public_id: row.id for row in rows}


def live_ties_of(session: Session, pairs: Iterable[tuple[int, int]]) -> list[Tie]:
    """Live ties that rest on (person, dwelling) pairs."""
    wanted = set(pairs)
    dwellings = sorted({dwelling_id for _, dwelling_id in wanted})
    found: list[Tie] = []
    for first in range(0, len(dwellings), _CHUNK):
        part = dwellings[first : first + _CHUNK]
        rows = session.scalars(sa.select(Tie).where(Tie.dwelling_id.in_(part), Tie.ended_at.is_(None)))
        found += [tie for tie in rows if (tie.person_id, tie.dwelling_id) in wanted]
    return found


def live_codes(session: Session, estate_id: int) -> dict[int, str]:
    """The codes that hold today, by dwelling (inner id); of several the newest."""
    rows = session.execute(
        sa.select(DoorCode.dwelling_id, DoorCode.code)
        .join(Dwelling, Dwelling.id == DoorCode.dwelling_id)
        .where(Dwelling.estate_id == estate_id, DoorCode.revoked_at.is_(None))
        .order_by(DoorCode.issued_at)
    )
    return {row.dwelling_id: row.code for row in rows}


def door_code(session: Session, code: str) -> tuple[DoorCode, Dwelling]:
    """A code, locked, with its dwelling. Raises NotFound."""
    row = session.execute(
        sa.select(DoorCode, Dwelling)
        .join(Dwelling, Dwelling.id == DoorCode.dwelling_id)
        .where(DoorCode.code == code)
        .with_for_update(of=DoorCode)
    ).one_or_none()
    if row is None:
        raise NotFound("unknown-door-code", f"没有编号 {code} 的门牌码。请逐个核对 10 位编号。")
    return row.DoorCode, row.Dwelling
