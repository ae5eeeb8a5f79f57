"""The organiser's pages: the votes of my places, drafting one, and the next step of each."""

from flask import request
from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.clusters.queries import clusters_within
from kernel.database import reading
from kernel.errors import NotFound
from kernel.places.models import PlaceKind
from kernel.places.queries import places_below, places_under
from kernel.places.rules import is_within
from kernel.web import Pages, identity, page, require_grant
from surveys.votes import cards, queries, staff_parts, words
from surveys.votes.local_rules import queries as local_rules
from surveys.votes.local_rules.services import freezing
from surveys.votes.results import queries as results
from surveys.votes.rules import bodies, catalogue
from surveys.votes.rules.lifecycle import STATE_WORDS, State
from surveys.votes.services import preparing
from surveys.votes.services import reading as shown

blp = Pages(
    "votes_staff_pages",
    __name__,
    guard=require_grant(preparing.MANAGE),
    url_prefix="/work/votes",
    template_folder="templates",
)

TONES = {State.DRAFT: "todo", State.PUBLISHED: "wait", State.OPEN: "ok", State.CLOSED: "todo", State.RESULT: ""}
HINTS = {
    "owners.scheme": "整体改造方案属于第七项还是第九项，各地理解不同；选这一项是按较严的四分之三计。",
    "owners.other": "整体改造方案如果选这一项，只要过半数；有争议时请改选较严的第七项“改建、重建”。",
}
"""What is disputed is said where it is chosen; the choice is printed on the notice."""


@blp.route("")
def overview() -> Response:
    """The votes at the places in my charge, newest first."""
    session = reading()
    mine = grants.places_for(session, identity().person_id, preparing.MANAGE, clock.now())
    waiting = cards.objections_waiting(session, identity().person_id, clock.now())
    rows = [
        (vote, place, STATE_WORDS[State(vote.state)], TONES[State(vote.state)], waiting.get(vote.id, 0))
        for vote, place in queries.all_votes(session)
        if any(is_within(place.path, each.path) for each in mine)
    ]
    return page("votes/staff_list.html", rows=rows)


@blp.route("/new")
def draft() -> Response:
    """The form of a new vote; ``?estate=`` offers that estate's buildings and units as well, ``?cluster=`` ticks the
    estates of a cluster."""
    session, now = reading(), clock.now()
    mine = grants.places_for(session, identity().person_id, preparing.MANAGE, now)
    scopes = list(places_below(session, mine, PlaceKind.ESTATE))
    estate = next((each for each in scopes if each.code == request.args.get("estate")), None)
    buildings = places_under(session, estate, PlaceKind.BUILDING) if estate else []
    if estate:
        scopes = [estate, *buildings, *places_under(session, estate, PlaceKind.UNIT)]
    joined, wanted = clusters_within(session, mine), request.args.get("cluster", "")
    day = clock.china_day(now)
    local = local_rules.in_force(session, estate or (scopes or mine)[0], day)
    matters = [catalogue.in_force(matter, day) for matter in dict.fromkeys(rule.matter for rule in catalogue.RULES)]
    return page(
        "votes/staff_new.html",
        scopes=scopes,
        clusters=joined,
        chosen={each.code for cluster, members in joined if cluster.public_id == wanted for each in members},
        estate=estate,
        buildings={building.id: building.name for building in buildings},
        matters=matters,
        hints=HINTS,
        notice_days={each: local.number(freezing.notice_key(each)) for each in catalogue.Electorate},
        local=local,
        words=words,
    )


@blp.route("/<vote>")
def manage(vote: str) -> Response:
    """One vote: where it stands, its roll, and the next step."""
    session, now = reading(), clock.now()
    found = queries.vote_by_public_id(session, vote)
    view = shown.notice(session, found)
    if not grants.may(session, identity().person_id, preparing.MANAGE, view.place, now):
        raise NotFound("no-such-vote", "没有找到这次表决，或者它不归您负责。")
    final = results.is_final(session, found.id)
    return page(
        "votes/staff_vote.html",
        view=view,
        parts=staff_parts.parts(session, view, now),
        forms=bodies.elected_by(motion.rule.matter for motion in view.motions) if final else None,
        state_word=STATE_WORDS[view.state],
        tone=TONES[view.state],
        words=words,
        here=request.path,
    )
