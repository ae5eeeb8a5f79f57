"""Setting up, opening and closing campaigns, by hand and by the clock."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, grants, outbox
from kernel.database import reading, transaction, use_case
from kernel.errors import Invalid, NotAllowed, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.places import queries as places
from kernel.places.models import Place, PlaceKind
from kernel.places.rules import is_within
from surveys.questionnaires import queries
from surveys.questionnaires.models import Campaign, CampaignPlace
from surveys.questionnaires.rules import lifecycle
from surveys.questionnaires.rules.lifecycle import State

CLOCK = "system:clock"


@use_case
def create(
    *,
    version: str,
    title: str,
    year: int,
    place_codes: Sequence[str],
    opens_at: datetime | None,
    closes_at: datetime | None,
    person_id: int | None,
    actor: str,
    key: Key | None = None,
    now: datetime,
) -> str:
    """Set up a campaign of a version in places (an estate, or all estates under a place); the campaign's public id.

    ``person_id``: whose rights decide; None is the command line, which may do everything. Raises Invalid, NotFound,
    NotAllowed.
    """
    lifecycle.must_be_a_span(opens_at, closes_at)
    with transaction() as session:
        if done := recall(session, key):
            return done
        estates = estates_under(session, place_codes)
        if person_id is not None:
            must_manage(session, person_id, estates, now)
        campaign = Campaign(
            version_id=queries.version_by_public_id(session, version).id,
            title=title,
            year=year,
            state=State.DRAFT,
            opens_at=opens_at,
            closes_at=closes_at,
            created_at=now,
        )
        session.add(campaign)
        session.flush()
        rows = [{"campaign_id": campaign.id, "place_id": estate.id, "added_at": now} for estate in estates]
        session.execute(sa.insert(CampaignPlace), rows)
        note(session, campaign, "created", actor=actor, now=now, places=[estate.code for estate in estates])
        remember(session, key, campaign.public_id, now=now)
        return campaign.public_id


def estates_under(session: Session, codes: Sequence[str]) -> list[Place]:
    """The estates at or under some places (codes). Raises NotFound, Invalid when there is none."""
    found: dict[int, Place] = {}
    for code in codes:
        place = places.place_by_code(session, code)
        for estate in places.places_under(session, place, PlaceKind.ESTATE):
            found[estate.id] = estate
    if not found:
        raise Invalid("no-estates", "请写明在哪些小区做这次问卷。", {"places": ["这些地方下面还没有小区"]})
    return list(found.values())


def building_asked(session: Session, campaign: str, building: str) -> tuple[Campaign, Place, Place]:
    """A campaign, and a building it asks in with its estate (public ids in): (campaign, estate, building). Raises
    NotFound."""
    found = queries.campaign_by_public_id(session, campaign)
    house = places.place_by_public_id(session, building)
    estates = {estate.id: estate for estate in queries.estates_of(session, found.id)}
    if house.kind != PlaceKind.BUILDING or house.parent_id not in estates:
        raise NotFound("not-asked-here", "这次问卷不在这栋楼进行。")
    return found, estates[house.parent_id], house


def must_manage(session: Session, person_id: int | None, estates: Iterable[Place], now: datetime) -> None:
    """Refuse who does not manage surveys in every one of some estates. Raises NotAllowed."""
    mine = grants.places_for(session, person_id, "survey.manage", now)
    if not all(any(is_within(estate.path, place.path) for place in mine) for estate in estates):
        raise NotAllowed("not-your-place", "这次问卷有您管辖以外的小区，您不能办理。如有疑问请联系上级。")


@use_case
def open_by_hand(
    campaign: str,
    *,
    person_id: int | None,
    actor: str,
    closes_at: datetime | None = None,
    key: Key | None = None,
    now: datetime,
) -> str:
    """Open a campaign now; ``closes_at`` sets or moves its closing time. Its public id. Raises Conflict, NotAllowed."""
    with transaction() as session:
        if done := recall(session, key):
            return done
        found = queries.campaign_for_change(session, campaign)
        if person_id is not None:
            must_manage(session, person_id, queries.estates_of(session, found.id), now)
        found.closes_at = closes_at or found.closes_at
        lifecycle.must_be_openable(State(found.state), opens_at=None, closes_at=found.closes_at, now=now)
        _open(session, found, actor=actor, now=now)
        remember(session, key, found.public_id, now=now)
        return found.public_id


@use_case
def close_by_hand(
    campaign: str, *, person_id: int | None, actor: str, reason: str = "", key: Key | None = None, now: datetime
) -> str:
    """Close an open campaign now; the audit entry keeps why. Its public id. Raises Conflict, NotAllowed."""
    with transaction() as session:
        if done := recall(session, key):
            return done
        found = queries.campaign_for_change(session, campaign)
        if person_id is not None:
            must_manage(session, person_id, queries.estates_of(session, found.id), now)
        lifecycle.must_be_closable(State(found.state))
        _close(session, found, actor=actor, now=now, reason=reason)
        remember(session, key, found.public_id, now=now)
        return found.public_id


def info(campaign: str) -> dict[str, object]:
    """A campaign as everybody may know it. Raises NotFound."""
    session = reading()
    found = queries.campaign_by_public_id(session, campaign)
    return {
        "public_id": found.public_id,
        "title": found.title,
        "year": found.year,
        "state": found.state,
        "opened_at": found.opened_at,
        "closes_at": found.closes_at,
        "closed_at": found.closed_at,
        "version": queries.version_by_id(session, found.version_id).public_id,
    }


def run_clock(*, now: datetime) -> int:
    """Open and close what is due by the written times; how many. A job of the pump; twice does it once."""
    return sum(_by_clock(campaign, now=now) for campaign in queries.campaigns_due(reading(), now))


@use_case
def _by_clock(campaign: str, *, now: datetime) -> int:
    with transaction() as session:
        found = queries.campaign_for_change(session, campaign)
        due = lifecycle.due_by_clock(State(found.state), found.opens_at, found.closes_at, now)
        if due == State.OPEN:
            _open(session, found, actor=CLOCK, now=now)
        elif due == State.CLOSED:
            _close(session, found, actor=CLOCK, now=now)
        return 1 if due else 0


def _open(session: Session, campaign: Campaign, *, actor: str, now: datetime) -> None:
    campaign.state, campaign.opened_at = State.OPEN, now
    note(session, campaign, "opened", actor=actor, now=now)
    outbox.stage(session, "campaign.opened", {"campaign": campaign.public_id}, now=now)


def _close(session: Session, campaign: Campaign, *, actor: str, now: datetime, reason: str = "") -> None:
    campaign.state, campaign.closed_at = State.CLOSED, now
    said = {"reason": reason} if reason else {}
    note(session, campaign, "closed", actor=actor, now=now, **said)
    outbox.stage(session, "campaign.closed", {"campaign": campaign.public_id}, now=now)


def note(session: Session, campaign: Campaign, what: str, *, actor: str, now: datetime, **payload: object) -> None:
    """Write down in the audit chain what was done to a campaign."""
    session.flush()
    audit.record(
        session,
        actor=actor,
        action=f"campaign.{what}",
        subject=f"campaign:{campaign.public_id}",
        now=now,
        payload={
            "closes_at": campaign.closes_at.isoformat() if campaign.closes_at else None,
            **payload,
        },
    )
