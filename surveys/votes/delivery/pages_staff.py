"""The workers' pages of delivery: my votes, a vote's buildings, a building's doors with quick entry."""

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.database import reading
from kernel.errors import NotFound
from kernel.evidence.rules import PURPOSES
from kernel.people.services import name_of
from kernel.places.models import Place
from kernel.places.queries import dwelling_by_door_code, dwelling_by_public_id, place_by_id, place_by_public_id
from kernel.places.rules import is_within, read_door_code
from kernel.web import Pages, identity, page, require_grant
from surveys.votes import queries, words
from surveys.votes.delivery import queries as deliveries
from surveys.votes.delivery import services as delivering
from surveys.votes.local_rules import queries as local_rules
from surveys.votes.models import Vote
from surveys.votes.rules.deliveries import FEWEST_PUBLIC_DAYS, PUBLIC_DAYS, RECIPIENT_WORDS, WAY_WORDS, Way
from surveys.votes.rules.lifecycle import STATE_WORDS, State

blp = Pages(
    "vote_delivery_pages",
    __name__,
    guard=require_grant(delivering.ACTION),
    url_prefix="/work/deliveries",
    template_folder="../templates",
)

BY_HAND = (Way.HANDED, Way.POSTED, Way.MAIL)


def _mine(session: Session, place: Place) -> bool:
    """Whether a vote's place is one I work at, or holds one."""
    places = grants.places_for(session, identity().person_id, delivering.ACTION, clock.now())
    return any(is_within(place.path, each.path) or is_within(each.path, place.path) for each in places)


def _vote(session: Session, vote: str) -> tuple[Vote, Place]:
    found = queries.announced_vote(session, vote)
    place = queries.place_of(session, found)
    if not _mine(session, place):
        raise NotFound("no-such-vote", "没有找到这次表决，或者它不归您负责。")
    return found, place


@blp.route("")
def overview() -> Response:
    """The votes at my places whose notice is being delivered."""
    session = reading()
    mine = [(vote, place) for vote, place in deliveries.running_votes(session) if _mine(session, place)]
    told = deliveries.told_by_vote(session, [vote.id for vote, _ in mine])
    rows = [(vote, place, *told.get(vote.id, (0, 0))) for vote, place in mine]
    return page("votes/delivery/list.html", rows=rows, states=STATE_WORDS)


@blp.route("/<vote>")
def of_vote(vote: str) -> Response:
    """How far each building is, and the public notice for those nobody reached."""
    session, now = reading(), clock.now()
    found, place = _vote(session, vote)
    least = local_rules.frozen_number(session, found.id, "public_delivery_days") or 0
    return page(
        "votes/delivery/vote.html",
        vote=found,
        place=place,
        shares=deliveries.shares_of(session, found, by=now),
        running=found.state in (State.PUBLISHED, State.OPEN),
        all_mine=grants.may(session, identity().person_id, delivering.ACTION, place, now),
        public_days=max(PUBLIC_DAYS, least),
        fewest_days=max(FEWEST_PUBLIC_DAYS, least),
        words=words,
    )


@blp.route("/<vote>/b/<building>")
def of_building(vote: str, building: str) -> Response:
    """The doors of a building: tap those done, say how. ``?code=`` (a label) or ``?d=`` (a dwelling) ticks one."""
    session, now = reading(), clock.now()
    found, place = _vote(session, vote)
    there = place_by_public_id(session, building)
    grants.require(session, identity().person_id, delivering.ACTION, there, now)
    ticked, asked = request.args.get("d", ""), request.args.get("code", "")
    code = read_door_code(asked) if asked else None
    if code:
        ticked = dwelling_by_door_code(session, code).public_id
    doors = deliveries.doors_of(session, found, by=now, building_id=there.id)
    return page(
        "votes/delivery/building.html",
        vote=found,
        place=place,
        building=there,
        doors=doors,
        ticked=ticked,
        unread=bool(asked) and ticked not in {door.dwelling.public_id for door in doors},
        running=found.state in (State.PUBLISHED, State.OPEN),
        ways={way: WAY_WORDS[way] for way in BY_HAND},
        way_words=WAY_WORDS,
        recipients=RECIPIENT_WORDS,
        words=words,
    )


@blp.route("/<vote>/d/<dwelling>")
def of_flat(vote: str, dwelling: str) -> Response:
    """A flat's record: how, when, to whom, by whom, with which photos; and taking back what was recorded in error."""
    session, now = reading(), clock.now()
    found, place = _vote(session, vote)
    flat = dwelling_by_public_id(session, dwelling)
    there = place_by_id(session, flat.building_id)
    grants.require(session, identity().person_id, delivering.ACTION, there, now)
    if not deliveries.on_the_roll(session, found.id, [flat.public_id]):
        raise NotFound("no-such-dwelling", "这一户不在这次表决的名册上。")
    by = min(now, found.closes_at) if found.closes_at else now
    return page(
        "votes/delivery/flat.html",
        vote=found,
        place=place,
        building=there,
        dwelling=flat,
        records=[
            (each, name_of(each.by) if each.by else "") for each in deliveries.records_of(session, found, flat, by=by)
        ],
        sees=any(grants.may(session, identity().person_id, act, place, now) for act in PURPOSES["delivery"].see),
        running=found.state in (State.PUBLISHED, State.OPEN),
        way_words=WAY_WORDS,
        recipients=RECIPIENT_WORDS,
        words=words,
    )
