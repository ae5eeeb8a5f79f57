"""Every select over app passwords, and over what one worker's app may fetch."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.errors import NotFound
from kernel.people.models import Account
from kernel.places.models import DoorCode, Dwelling, Place, PlaceKind
from kernel.places.rules import is_within
from surveys.questionnaires.models import Campaign, CampaignPlace
from surveys.questionnaires.openrosa.models import OpenrosaPassword
from surveys.questionnaires.rules.lifecycle import State


def live_passwords(session: Session, account_id: int) -> Sequence[OpenrosaPassword]:
    """The passwords of an account that were not taken back, oldest first; some may have run out."""
    return session.scalars(
        sa.select(OpenrosaPassword)
        .where(OpenrosaPassword.account_id == account_id, OpenrosaPassword.revoked_at.is_(None))
        .order_by(OpenrosaPassword.made_at, OpenrosaPassword.slot)
    ).all()


def password_of(session: Session, account_id: int, public_id: str) -> OpenrosaPassword:
    """A password by its public id, for the account it belongs to. Raises NotFound."""
    found = session.scalar(
        sa.select(OpenrosaPassword).where(
            OpenrosaPassword.public_id == public_id, OpenrosaPassword.account_id == account_id
        )
    )
    if found is None:
        raise NotFound("no-such-app-password", "没有找到这个应用密码。")
    return found


def password_by_username(session: Session, username: str) -> tuple[OpenrosaPassword, Account] | None:
    """A password that was not taken back and its account, by the name typed into the app; None for none."""
    row = session.execute(
        sa.select(OpenrosaPassword, Account)
        .join(Account, Account.id == OpenrosaPassword.account_id)
        .where(OpenrosaPassword.username == username, OpenrosaPassword.revoked_at.is_(None))
    ).one_or_none()
    return (row.OpenrosaPassword, row.Account) if row else None


def _near(places: Sequence[Place]) -> Any:
    """Estates under one of the places, or holding one (the estate around my building)."""
    above = {code for place in places for code in place.path.strip("/").split("/")}
    under = [Place.path.startswith(place.path, autoescape=True) for place in places]
    return sa.or_(sa.and_(Place.code.in_(above), Place.kind == PlaceKind.ESTATE), *under)


def open_campaigns(session: Session, places: Sequence[Place], now: datetime) -> Sequence[Campaign]:
    """The campaigns that take answers now in estates at, under or around some places, oldest first."""
    if not places:
        return []
    mine = sa.select(CampaignPlace.campaign_id).join(Place, Place.id == CampaignPlace.place_id).where(_near(places))
    return session.scalars(
        sa.select(Campaign)
        .where(
            Campaign.id.in_(mine),
            Campaign.state == State.OPEN,
            sa.or_(Campaign.closes_at.is_(None), Campaign.closes_at > now),
        )
        .order_by(Campaign.opened_at, Campaign.id)
    ).all()


def doors(session: Session, campaign_id: int, places: Sequence[Place]) -> Iterator[Sequence[Any]]:
    """A campaign's doors at or under some places, as one walks: (code, label, floor, facts of building and estate)."""
    asked = session.scalars(
        sa.select(Place)
        .join(CampaignPlace, CampaignPlace.place_id == Place.id)
        .where(CampaignPlace.campaign_id == campaign_id, _near(places))
        .order_by(Place.path)
    )
    for estate in asked.all():
        buildings = {
            building.id: building
            for building in session.scalars(
                sa.select(Place).where(Place.parent_id == estate.id, Place.kind == PlaceKind.BUILDING)
            )
            if any(is_within(building.path, place.path) for place in places)
        }
        rows = session.execute(
            sa.select(DoorCode.code, Dwelling.label, Dwelling.floor, Dwelling.building_id)
            .join(Dwelling, Dwelling.id == DoorCode.dwelling_id)
            .where(Dwelling.estate_id == estate.id, DoorCode.revoked_at.is_(None))
            .order_by(Dwelling.sort_key, DoorCode.code)
        )
        for code, label, floor, building_id in rows:
            if building_id in buildings:
                yield code, f"{estate.name} {label}", floor, buildings[building_id].facts, estate.facts
