"""The organiser's pages of elections: calls, one call, a new one."""

from datetime import timedelta

from flask import request
from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.database import reading
from kernel.places.models import PlaceKind
from kernel.places.queries import place_by_id, places_below, places_under
from kernel.places.rules import is_within
from kernel.web import Pages, identity, page, require_grant
from surveys.votes import words
from surveys.votes.callers import staff
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import reading as shown
from surveys.votes.rules import catalogue
from surveys.votes.rules.bodies import KINDS
from surveys.votes.rules.nominations import CALL_WORDS, WAY_WORDS, CallState
from surveys.votes.services.preparing import MANAGE

blp = Pages(
    "elections_staff_pages",
    __name__,
    guard=require_grant(MANAGE),
    url_prefix="/work/elections",
    template_folder="../templates",
)
TONES = {CallState.OPEN: "todo", CallState.LISTED: "wait", CallState.PRINTED: "ok"}
NOMINATION_DAYS = 14


@blp.route("")
def overview() -> Response:
    """The calls at the places in my charge, newest first."""
    session, now = reading(), clock.now()
    mine = grants.places_for(session, identity().person_id, MANAGE, now)
    rows = []
    for call in elections.calls(session):
        place = place_by_id(session, call.place_id)
        if any(is_within(place.path, each.path) for each in mine):
            state = CallState(call.state)
            rows.append((call, place, CALL_WORDS[state], TONES[state]))
    return page("votes/elections/list.html", rows=rows, words=words)


@blp.route("/new")
def new() -> Response:
    """The form of a new call; ``?estate=`` says where, so that its buildings and units can have seats."""
    session, now = reading(), clock.now()
    mine = grants.places_for(session, identity().person_id, MANAGE, now)
    day = clock.china_day(now)
    estates = places_below(session, mine, PlaceKind.ESTATE)
    estate = next((each for each in estates if each.code == request.args.get("estate")), None)
    if estate is None and len(estates) == 1:
        estate = estates[0]
    buildings = places_under(session, estate, PlaceKind.BUILDING) if estate else []
    return page(
        "votes/elections/new.html",
        estates=estates,
        estate=estate,
        buildings=[(each, places_under(session, each, PlaceKind.UNIT)) for each in buildings],
        kinds=[(catalogue.in_force(kind.matter, day), kind) for kind in KINDS.values()],
        until=f"{(day + timedelta(days=NOMINATION_DAYS)).isoformat()}T18:00",
    )


@blp.route("/<call>")
def manage(call: str) -> Response:
    """One call: nominees to check, the list, the ballot. The look at names is on record."""
    now = clock.now()
    view = shown.managed_view(call, by=staff(), now=now)
    return page(
        "votes/elections/manage.html",
        view=view,
        over=now >= view.call.until,
        list_over=view.call.listed_until is not None and now >= view.call.listed_until,
        states=CALL_WORDS,
        tones=TONES,
        ways=WAY_WORDS,
        words=words,
    )
