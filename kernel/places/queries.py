"""Every select over places, dwellings and door codes."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.errors import Gone, NotFound
from kernel.places.models import DoorCode, Dwelling, Place
from kernel.places.rules import is_within as path_is_within


def place_by_code(session: Session, code: str) -> Place:
    """The place with a code. Raises NotFound."""
    return _found(session.scalar(sa.select(Place).where(Place.code == code)))


def place_by_public_id(session: Session, public_id: str) -> Place:
    """The place with a public id. Raises NotFound."""
    return _found(session.scalar(sa.select(Place).where(Place.public_id == public_id)))


def place_named(session: Session, name: str) -> Place:
    """The place with a public id, or with the code people know it by: addresses are typed, too. Raises NotFound."""
    return _found(session.scalar(sa.select(Place).where(sa.or_(Place.public_id == name, Place.code == name))))


def place_by_id(session: Session, place_id: int) -> Place:
    """The place with an inner id. Raises NotFound."""
    return _found(session.get(Place, place_id))


def places_by_id(session: Session, ids: Iterable[int]) -> dict[int, Place]:
    """Several places by their inner ids, in one question."""
    return {place.id: place for place in session.scalars(sa.select(Place).where(Place.id.in_(list(ids))))}


def _found(place: Place | None) -> Place:
    if place is None:
        raise NotFound("no-such-place", "没有找到这个小区或地方。请核对编号。")
    return place


def children(session: Session, place: Place) -> Sequence[Place]:
    """The places right under one, in the order of their codes."""
    return session.scalars(sa.select(Place).where(Place.parent_id == place.id).order_by(Place.code)).all()


def places_under(session: Session, place: Place, kind: str) -> Sequence[Place]:
    """All places of a kind at or under one, in the order of their paths."""
    return places_below(session, [place], kind)


def places_below(session: Session, places: Sequence[Place], kind: str) -> Sequence[Place]:
    """All places of a kind at or under some, each once, in the order of their paths."""
    within = sa.or_(sa.false(), *(Place.path.startswith(place.path, autoescape=True) for place in places))
    return session.scalars(sa.select(Place).where(within, Place.kind == kind).order_by(Place.path)).all()


def ancestors(session: Session, place: Place) -> Sequence[Place]:
    """The chain from the top down to the place itself."""
    codes = place.path.strip("/").split("/")
    found = session.scalars(sa.select(Place).where(Place.code.in_(codes))).all()
    return sorted(found, key=lambda each: len(each.path))


def is_within(place: Place, ancestor: Place) -> bool:
    """Whether a place is the ancestor or lies under it."""
    return path_is_within(place.path, ancestor.path)


def dwelling_by_public_id(session: Session, public_id: str) -> Dwelling:
    """The dwelling with a public id. Raises NotFound."""
    return _found_dwelling(session.scalar(sa.select(Dwelling).where(Dwelling.public_id == public_id)))


def dwelling_by_id(session: Session, dwelling_id: int) -> Dwelling:
    """The dwelling with an inner id. Raises NotFound."""
    return _found_dwelling(session.get(Dwelling, dwelling_id))


def dwellings_by_id(session: Session, ids: Iterable[int]) -> dict[int, Dwelling]:
    """Several dwellings by their inner ids, in one question."""
    return {each.id: each for each in session.scalars(sa.select(Dwelling).where(Dwelling.id.in_(list(ids))))}


def _found_dwelling(dwelling: Dwelling | None) -> Dwelling:
    if dwelling is None:
        raise NotFound("no-such-dwelling", "没有找到这一户。请重新扫门口的二维码。")
    return dwelling


def dwelling_by_door_code(session: Session, code: str) -> Dwelling:
    """The dwelling a label leads to. Raises NotFound for an unknown code, Gone for a revoked one."""
    row = session.execute(
        sa.select(Dwelling, DoorCode.revoked_at)
        .join(DoorCode, DoorCode.dwelling_id == Dwelling.id)
        .where(DoorCode.code == code)
    ).one_or_none()
    if row is None:
        raise NotFound("unknown-door-code", "没有这个门牌码。请对着门上的码重新扫，或逐个核对 10 位编号。")
    if row.revoked_at is not None:
        raise Gone("revoked-door-code", "这张门牌码已经作废。请扫新贴的码，或请社区工作人员补一张。")
    return row.Dwelling


def door_code_of(session: Session, dwelling_id: int) -> str | None:
    """The newest code of a dwelling that still holds."""
    return session.scalar(
        sa.select(DoorCode.code)
        .where(DoorCode.dwelling_id == dwelling_id, DoorCode.revoked_at.is_(None))
        .order_by(DoorCode.issued_at.desc())
        .limit(1)
    )


def dwellings_of_estate(session: Session, estate_id: int) -> Sequence[Dwelling]:
    """All dwellings of an estate in the order one walks them."""
    return session.scalars(sa.select(Dwelling).where(Dwelling.estate_id == estate_id).order_by(Dwelling.sort_key)).all()


def dwellings_of_building(session: Session, building_id: int) -> Sequence[Dwelling]:
    """All dwellings of a building in the order one walks them."""
    return session.scalars(
        sa.select(Dwelling).where(Dwelling.building_id == building_id).order_by(Dwelling.sort_key)
    ).all()


def households_by_estate(session: Session, estate_ids: Sequence[int]) -> dict[int, int]:
    """The same of several estates, by inner id; those without a home are left out."""
    rows = session.execute(
        sa.select(Dwelling.estate_id, sa.func.count())
        .where(Dwelling.estate_id.in_(estate_ids), Dwelling.use == "home")
        .group_by(Dwelling.estate_id)
    )
    return {row[0]: row[1] for row in rows}


def households(session: Session, estate_id: int) -> int:
    """How many homes an estate has: the base of every rate of households."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Dwelling)
            .where(Dwelling.estate_id == estate_id, Dwelling.use == "home")
        )
        or 0
    )
