"""The tables of places, dwellings and door codes."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import JsonDoc, Model, UTCDateTime, big_id, fk, one_of, public_id


class PlaceKind(StrEnum):
    """The levels of the place tree, from the top (GB/T 2260 down to the community, then ours)."""

    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    ESTATE = "estate"
    BUILDING = "building"
    UNIT = "unit"


class DwellingUse(StrEnum):
    """What a 专有部分 is used for; parking spaces count in a vote only when its notice says so."""

    HOME = "home"
    SHOP = "shop"
    PARKING = "parking"


class Place(Model):
    """A node of the tree. ``path`` is the chain of codes from the top, ``/440200/440203/…/``: within = prefix."""

    __tablename__ = "place"
    __table_args__ = (
        sa.UniqueConstraint("code", name="place_code_key"),
        sa.Index("place_path_idx", "path"),
        sa.Index("place_parent_id_idx", "parent_id"),
        one_of("kind", PlaceKind, "place"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    parent_id: Mapped[int | None] = mapped_column(fk("place.id"))
    kind: Mapped[str] = mapped_column(sa.String(24))
    code: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(80))
    path: Mapped[str] = mapped_column(sa.String(400))
    facts: Mapped[dict[str, Any]] = mapped_column(JsonDoc, default=dict)
    """estate: built_year, renovated; building: floors, has_lift, number"""


class Dwelling(Model):
    """专有部分: a flat, shop or parking space; what answers, votes and money hang on. ``area_dm2``: 0.01 ㎡."""

    __tablename__ = "dwelling"
    __table_args__ = (
        sa.UniqueConstraint("building_id", "unit", "door", name="dwelling_one_door_key"),
        sa.CheckConstraint("area_dm2 IS NULL OR area_dm2 > 0", name="dwelling_area_positive"),
        sa.Index("dwelling_estate_id_idx", "estate_id", "sort_key"),
        one_of("use", DwellingUse, "dwelling"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    estate_id: Mapped[int] = mapped_column(fk("place.id"))
    building_id: Mapped[int] = mapped_column(fk("place.id"))
    unit: Mapped[str] = mapped_column(sa.String(16), default="")
    floor: Mapped[int | None] = mapped_column(sa.Integer)
    door: Mapped[str] = mapped_column(sa.String(16))
    area_dm2: Mapped[int | None] = mapped_column(sa.BigInteger)
    use: Mapped[str] = mapped_column(sa.String(24), default=DwellingUse.HOME)
    label: Mapped[str] = mapped_column(sa.String(60))
    """as people say it: 3栋2单元501"""
    sort_key: Mapped[str] = mapped_column(sa.String(60), default="")
    """numbers padded, so that 10栋 comes after 9栋"""


class DoorCode(Model):
    """The code on a door label: a locator, never a key. Revoked codes stay, so that an old label can be told apart."""

    __tablename__ = "door_code"

    code: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"), index=True)
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
