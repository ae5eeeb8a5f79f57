"""A leader's board: the doors of his own estate or building, while his grant lasts. Every look is on record."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.clock import china_day
from kernel.database import reading
from kernel.errors import NotAllowed, NotFound
from kernel.places import queries as places
from kernel.places.models import Place, PlaceKind
from payments import queries as payments
from payments.contributions import queries as budgets
from payments.gates.services.telling import Told, told_by_estate
from payments.models import Collection, CollectionMode
from payments.services.doors import shown_as_paid
from portal.dashboards import queries
from portal.dashboards.rules.board import (
    Door,
    Pace,
    Status,
    Tally,
    door_name,
    door_status,
    floor_of,
    floors,
    little_time_left,
    pace_of,
    reminder,
)
from portal.dashboards.services.public import in_progress
from portal.work.queries import buildings_of, estates_of
from surveys.questionnaires import queries as questionnaires

ACTION = "board.see"


@dataclass(frozen=True)
class BuildingBoard:
    """One building: its floors from the top with their doors, and its counts."""

    name: str
    floors: list[tuple[int, list[Door]]]
    counts: Tally


@dataclass(frozen=True)
class Neighbour:
    """An estate of the same district that collects too, with the share of its households that paid."""

    name: str
    share: Fraction
    text: str
    mine: bool


@dataclass(frozen=True)
class Board:
    """What a leader sees. ``whole``: all buildings of the estate are his; else only those listed. ``money``, and which
    doors have paid: as of the last published books.
    """

    code: str
    name: str
    whole: bool
    buildings: list[BuildingBoard]
    counts: Tally
    estate_counts: Tally
    money: Told
    campaign_title: str | None
    last_day: date | None
    reminder: str | None
    district: str
    neighbours: list[Neighbour]
    statuses: list[tuple[Status, int]]
    pace: Pace | None
    collects: str


@dataclass(frozen=True)
class BoardLine:
    """One of my boards in the list."""

    code: str
    name: str
    asked: bool
    counts: Tally


@dataclass(frozen=True)
class _Standing:
    title: str | None
    open: bool
    last_day: date | None
    answered: set[int]
    paid: set[int]
    homes: set[int]
    money: Told
    opened: date | None
    closed: date | None
    collects: str

    def pace(self, today: date) -> Pace | None:
        """How long the estate collects."""
        return pace_of(self.opened, self.closed, today=today)

    def counts(self, homes: set[int]) -> Tally:
        return Tally(len(homes), len(self.answered & homes), len(self.paid & homes))


def my_boards(person_id: int | None, *, now: datetime) -> list[BoardLine]:
    """The estates with homes a person may see a board of, with their totals."""
    session = reading()
    mine = grants.places_for(session, person_id, ACTION, now)
    estates = estates_of(session, mine)
    standings = _standings(session, [estate.id for estate in estates], now)
    return [
        BoardLine(estate.code, estate.name, standing.title is not None, standing.counts(standing.homes))
        for estate in estates
        if (standing := standings[estate.id]).homes
    ]


def see_board(code: str, *, person_id: int | None, actor: str, now: datetime) -> Board:
    """The board of an estate, as far as the person's grants reach; the look is recorded before anything is shown.

    Raises NotFound for what is no estate, NotAllowed without a grant there that runs now.
    """
    session = reading()
    estate = places.place_by_code(session, code)
    if estate.kind != PlaceKind.ESTATE:
        raise NotFound("no-such-board", "没有这个小区的进度表。请从“我的小区”进入。")
    mine = grants.places_for(session, person_id, ACTION, now)
    buildings = buildings_of(session, estate, mine)
    whole = any(places.is_within(estate, place) for place in mine)
    if not buildings and not whole:
        raise NotAllowed("not-your-estate", "这不是您负责的小区，或您的任期已满。如有疑问请联系街道。")
    standing = _standings(session, [estate.id], now)[estate.id]
    district, neighbours = _neighbours(session, estate, now)
    board = _board(session, estate, buildings, standing, whole=whole, today=china_day(now))
    board = replace(board, district=district, neighbours=neighbours)
    audit.look(
        actor=actor,
        what="board",
        subject=f"place:{estate.code}",
        now=now,
        payload={"buildings": [building.name for building in board.buildings], "whole": whole},
    )
    return board


def _neighbours(session: Session, estate: Place, now: datetime) -> tuple[str, list[Neighbour]]:
    """The district's name, and its estates that collect, the furthest first; none when this one is alone."""
    district = next((each for each in places.ancestors(session, estate) if each.kind == PlaceKind.DISTRICT), None)
    if district is None:
        return "", []
    collecting = [each for each in in_progress(session, now, district) if each.money.collecting]
    lines = [
        Neighbour(each.estate.name, each.money.paid.share, each.money.paid.share_text, each.estate.id == estate.id)
        for each in collecting
    ]
    return district.name, lines if len(lines) > 1 else []


def _standings(session: Session, estate_ids: Sequence[int], now: datetime) -> dict[int, _Standing]:
    """How estates stand, by their inner ids, in as many questions for fifty as for one."""
    campaigns = questionnaires.current_campaigns(session, estate_ids, now)
    answered = questionnaires.answered_in_estates(session, {each.id for each in campaigns.values()}, estate_ids)
    collections = payments.collections_of(session, estate_ids)
    shares = budgets.current_budgets(session, [each.id for each in collections.values()])
    paid, homes, money = (
        shown_as_paid(session, estate_ids),
        queries.home_ids(session, estate_ids),
        told_by_estate(session, estate_ids),
    )
    found = {}
    for estate_id in estate_ids:
        campaign, collection = campaigns.get(estate_id), collections.get(estate_id)
        ends = (campaign.closed_at or campaign.closes_at) if campaign else None
        found[estate_id] = _Standing(
            campaign.title if campaign else None,
            campaign is not None and campaign.closed_at is None,
            # A campaign that closes at midnight has the day before as its last day.
            china_day(ends - timedelta(microseconds=1)) if ends else None,
            answered[campaign.id] if campaign else set(),
            paid,
            homes[estate_id],
            money[estate_id],
            china_day(collection.opened_at) if collection else None,
            china_day(collection.closed_at) if collection and collection.closed_at else None,
            _collects(collection, shared=collection is not None and collection.id in shares),
        )
    return found


def _collects(collection: Collection | None, *, shared: bool) -> str:
    """What 已缴 means at a door now: the deposit, or all of its contribution once shares are published."""
    if collection is None:
        return ""
    return "改造出资" if shared or collection.mode == CollectionMode.ONE_SHOT else "诚意金"


def _board(
    session: Session, estate: Place, buildings: Sequence[Place], standing: _Standing, *, whole: bool, today: date
) -> Board:
    hurry = little_time_left(today, standing.last_day)
    doors: dict[int, list[Door]] = {building.id: [] for building in buildings}
    ids: dict[int, set[int]] = {building.id: set() for building in buildings}
    for home in queries.homes(session, list(doors)):
        status = door_status(
            asked=standing.title is not None,
            answered=home.id in standing.answered,
            paid=home.id in standing.paid,
            hurry=hurry,
        )
        doors[home.building_id].append(Door(door_name(home.unit, home.door), floor_of(home.floor, home.door), status))
        ids[home.building_id].add(home.id)
    mine = standing.homes if whole else set().union(*ids.values())
    counts = standing.counts(mine)
    seen = Counter(door.status for each in doors.values() for door in each)
    scope = estate.name if whole else estate.name + "、".join(building.name for building in buildings)
    return Board(
        code=estate.code,
        name=estate.name,
        whole=whole,
        buildings=[
            BuildingBoard(building.name, floors(doors[building.id]), standing.counts(ids[building.id]))
            for building in buildings
        ],
        counts=counts,
        estate_counts=standing.counts(standing.homes),
        money=standing.money,
        campaign_title=standing.title,
        last_day=standing.last_day,
        reminder=reminder(scope, counts, standing.last_day) if standing.open else None,
        district="",
        neighbours=[],
        statuses=[(status, seen[status]) for status in Status if status in seen],
        pace=standing.pace(today),
        collects=standing.collects,
    )
