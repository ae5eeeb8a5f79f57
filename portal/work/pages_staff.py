"""The workers' pages: my estates, a building's doors, scanning, one household. Scoped by the places of the grants."""

from collections.abc import Sequence

from flask import redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.clock import china_day, china_text
from kernel.database import reading
from kernel.errors import NotFound
from kernel.places.models import Place, PlaceKind
from kernel.places.queries import dwelling_by_door_code, dwelling_by_public_id, place_by_id, place_by_public_id
from kernel.places.rules import is_within, read_door_code
from kernel.web import Pages, identity, page, require_grant
from portal.claims.queries import waiting_claims
from portal.home_visits import rules as visit_rules
from portal.home_visits.services import keeping
from portal.home_visits.words import day_choices, put_down_bodies, visit_words
from portal.work import progress, queries
from portal.work.words import claim_words
from surveys.questionnaires.attempts.queries import attempts
from surveys.questionnaires.rules.rates import WORDS as OUTCOMES
from surveys.questionnaires.rules.rates import Outcome
from surveys.votes import cards as votes

ACTION = "response.assist"

CASH = "cash.take"

blp = Pages("work", __name__, guard=require_grant(ACTION), url_prefix="/work", template_folder="templates")
cash = Pages("work_cash", __name__, guard=require_grant(CASH), url_prefix="/work/cash", template_folder="templates")


def _places(session: Session) -> Sequence[Place]:
    return grants.places_for(session, identity().person_id, ACTION, clock.now())


def _mine(places: Sequence[Place], place: Place) -> bool:
    """Whether a place is one I work at, or holds one (the estate around my building)."""
    return any(is_within(place.path, granted.path) or is_within(granted.path, place.path) for granted in places)


@blp.route("")
def overview() -> Response:
    """My estates and how far each is; one estate alone opens at once."""
    session, now = reading(), clock.now()
    places = _places(session)
    estates = queries.estates_of(session, places)
    if len(estates) == 1:
        return _estate_page(session, estates[0], places, back="/")
    standings = progress.standings_of(session, estates, now)
    counts, buildings = (
        progress.counts_by_building(session, standings),
        queries.buildings_by_estate(session, estates, places),
    )
    rows = []
    for estate in estates:
        mine = [counts[building.id] for building in buildings[estate.id] if building.id in counts]
        if mine:
            rows.append((estate, progress.total(mine), standings[estate.id].campaign is not None))
    return page("work/overview.html", rows=rows, worker=identity().account_public_id)


@blp.route("/e/<estate_id>")
def estate(estate_id: str) -> Response:
    """The buildings of an estate."""
    session = reading()
    places = _places(session)
    found = place_by_public_id(session, estate_id)
    if found.kind != PlaceKind.ESTATE or not _mine(places, found):
        raise NotFound("no-such-place", "没有找到这个小区，或者它不归您负责。")
    return _estate_page(session, found, places, back="/work")


def _estate_page(session: Session, estate: Place, places: Sequence[Place], *, back: str) -> Response:
    standing = progress.standing_of(session, estate, clock.now())
    counts = progress.counts_by_building(session, {estate.id: standing})
    rows = [(b, counts[b.id]) for b in queries.buildings_of(session, estate, places) if b.id in counts]
    return page(
        "work/estate.html",
        estate=estate,
        rows=rows,
        total=progress.total([count for _, count in rows]),
        campaign=standing.campaign,
        back=back,
        worker=identity().account_public_id,
    )


@blp.route("/b/<building_id>")
def building(building_id: str) -> Response:
    """The doors of a building, each with what is done and open; ``?open=1`` leaves out what is done."""
    session = reading()
    found = place_by_public_id(session, building_id)
    if found.kind != PlaceKind.BUILDING or found.parent_id is None:
        raise NotFound("no-such-place", "没有找到这栋楼。")
    grants.require(session, identity().person_id, ACTION, found, clock.now())
    estate = place_by_id(session, found.parent_id)
    standing = progress.standing_of(session, estate, clock.now())
    doors = progress.doors_of(session, found, standing)
    only_open = request.args.get("open") == "1"
    return page(
        "work/building.html",
        estate=estate,
        building=found,
        units=progress.by_unit([door for door in doors if door.open or not only_open]),
        doors=doors,
        only_open=only_open,
        campaign=standing.campaign,
    )


@blp.route("/scan")
def scan() -> Response:
    """Scanning a label: WeChat's own scanner, the camera, a photo, or the typed code."""
    return page("work/scan.html", doors="/work/h/", back="/work")


@cash.route("/scan")
def scan_for_cash() -> Response:
    """The same for a collector: the door opens to take money at it."""
    return page("work/scan.html", doors="/work/cash/h/", back="/work/cash")


@blp.route("/h/<code>")
def scanned(code: str) -> Response:
    """Where a scanned or typed code leads."""
    read = read_door_code(code)
    if read is None:
        raise NotFound("unknown-door-code", "这不是门牌码。门牌码是 10 个数字和字母，请重新扫，或逐个核对。")
    return redirect(f"/work/d/{dwelling_by_door_code(reading(), read).public_id}")


@blp.route("/d/<dwelling_id>")
def dwelling(dwelling_id: str) -> Response:
    """One household for its worker: what is done, what is open, whom to confirm, and the next door."""
    session, now = reading(), clock.now()
    found = dwelling_by_public_id(session, dwelling_id)
    building = place_by_id(session, found.building_id)
    grants.require(session, identity().person_id, ACTION, building, now)
    estate = progress.estate_of(session, found)
    standing = progress.standing_of(session, estate, now)
    doors = progress.doors_of(session, building, standing)
    door = progress.door_of(found, standing)
    visit = keeping.open_visit(session, found.id, china_day(now))
    return page(
        "work/dwelling.html",
        estate=estate,
        building=building,
        dwelling=found,
        door=door,
        campaign=standing.campaign,
        votes=votes.running_votes(session, found, now),
        visit=visit_words(visit, china_day(now)) if visit else None,
        days=day_choices(now, after_today=True),
        halves=visit_rules.HALVES,
        put_down=put_down_bodies(found.public_id, asks=door.answered is False, now=now),
        claims=[claim_words(claim) for claim in waiting_claims(session, found.id)],
        may_key=grants.may(session, identity().person_id, "paper.enter", building, now),
        may_confirm=grants.may(session, identity().person_id, "claim.confirm", building, now),
        may_take=grants.may(session, identity().person_id, CASH, building, now),
        following=progress.next_open(doors, found.id),
        attempts=[
            (OUTCOMES[Outcome(each.outcome)], china_text(each.at))
            for each in (attempts(session, standing.campaign.id, found.id) if standing.campaign else ())
        ],
        outcomes=[(code.value, word) for code, word in OUTCOMES.items()],
    )
