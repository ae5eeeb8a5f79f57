"""What a worker does: see the doors of today, put one down, say what became of it. Only within his own places."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.clock import china_day
from kernel.database import reading, transaction, use_case
from kernel.idempotency import Key, recall, remember
from kernel.places.models import Place
from kernel.places.queries import dwelling_by_id, dwelling_by_public_id, place_by_id
from kernel.places.rules import sort_key
from kernel.web import Identity
from portal.home_visits import queries, rules
from portal.home_visits.models import HomeVisit, VisitState
from portal.home_visits.queries import Stop
from portal.home_visits.rules import Half, Purpose
from portal.home_visits.services import keeping

ACTION = "response.assist"


@dataclass(frozen=True)
class Walk:
    """A building of an estate with its doors of today, in the order one walks them."""

    estate: Place
    building: Place
    stops: list[Stop]


@dataclass(frozen=True)
class Today:
    """A worker's day. ``later``: how many doors wait on which later day."""

    walks: list[Walk]
    later: list[tuple[date, int]]


def count_today(person_id: int | None, *, now: datetime) -> int:
    """How many doors wait for a worker today. A number names no door, so it is not a look."""
    session = reading()
    return queries.due(session, grants.places_for(session, person_id, ACTION, now), china_day(now))


def today(who: Identity, *, now: datetime) -> Today:
    """The doors of a worker's day by estate, building and floor; the look is written down."""
    session, day = reading(), china_day(now)
    places = grants.places_for(session, who.person_id, ACTION, now)
    found = queries.stops(session, places)
    due = sorted((stop for stop in found if stop.visit.day <= day), key=lambda stop: _order(stop, day))
    audit.look(
        actor=who.actor,
        what="doors_of_today",
        subject=who.actor,
        now=now,
        payload={"places": [place.code for place in places], "doors": len(due)},
    )
    return Today(
        [
            Walk(stops[0].estate, stops[0].building, stops)
            for stops in (list(group) for _, group in groupby(due, key=lambda stop: stop.building.id))
        ],
        rules.days_counted([stop.visit.day for stop in found if stop.visit.day > day]),
    )


def _order(stop: Stop, today: date) -> tuple[str, int, str, int, int, int, str]:
    return (
        sort_key(stop.estate.name),
        stop.estate.id,
        sort_key(stop.building.name),
        stop.building.id,
        rules.rank(by_worker=stop.visit.by_worker, day=stop.visit.day, today=today),
        stop.dwelling.floor or 0,
        stop.dwelling.sort_key,
    )


@use_case
def put_down(
    who: Identity, dwelling_id: str, purpose: Purpose, day: date, half: Half, *, key: Key | None, now: datetime
) -> HomeVisit:
    """A worker puts a door down for a day; audited.

    Raises NotFound (no such door), NotAllowed (elsewhere), Invalid (the day), Conflict (a visit is open there).
    """
    with transaction() as session:
        if done := recall(session, key):
            return queries.visit_by_public_id(session, done)
        dwelling = dwelling_by_public_id(session, dwelling_id)
        grants.require(session, who.person_id, ACTION, place_by_id(session, dwelling.building_id), now)
        rules.must_be_near(day, china_day(now))
        visit = keeping.put(
            session, dwelling, who.account_id, purpose, day, half, by_worker=True, actor=who.actor, now=now
        )
        remember(session, key, visit.public_id, now=now)
        return visit


@use_case
def done(who: Identity, visit_id: str, *, key: Key | None, now: datetime) -> HomeVisit:
    """The worker was there; audited. Raises NotFound (also elsewhere), Gone (over)."""
    with transaction() as session:
        visit = _of_my_places(session, who, visit_id, now)
        if recall(session, key):
            return visit
        keeping.must_be_open(visit)
        keeping.end(session, visit, VisitState.DONE, actor=who.actor, now=now)
        remember(session, key, visit.public_id, now=now)
        return visit


@use_case
def missed(who: Identity, visit_id: str, day: date, half: Half, *, key: Key | None, now: datetime) -> HomeVisit:
    """Nobody was met: one try more, and another day; audited. Raises NotFound (also elsewhere), Gone, Invalid."""
    with transaction() as session:
        visit = _of_my_places(session, who, visit_id, now)
        if recall(session, key):
            return visit
        keeping.must_be_open(visit)
        rules.must_be_another_day(day, now)
        visit.day, visit.half, visit.changed_at = day, half, now
        visit.tries += 1
        keeping.note(session, visit, "missed", actor=who.actor, now=now)
        keeping.tell(session, visit, "missed", now=now)
        remember(session, key, visit.public_id, now=now)
        return visit


def _of_my_places(session: Session, who: Identity, visit_id: str, now: datetime) -> HomeVisit:
    visit = queries.visit_for_change(session, visit_id)
    building = place_by_id(session, dwelling_by_id(session, visit.dwelling_id).building_id)
    if not grants.may(session, who.person_id, ACTION, building, now):
        raise queries.no_such_visit()
    return visit
