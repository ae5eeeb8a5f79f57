"""The street's pages of adopted rules: the list, entering, and one to compare with its paper."""

from werkzeug.wrappers import Response

from kernel import clock, evidence, grants
from kernel.database import reading
from kernel.errors import NotFound
from kernel.places.models import PlaceKind
from kernel.places.queries import places_below
from kernel.web import Pages, identity, page, require_grant
from surveys.votes.bylaws import queries as bylaws
from surveys.votes.rules.bylaws import SILENCE_WORDS
from surveys.votes.services import preparing

blp = Pages(
    "vote_bylaws_pages",
    __name__,
    guard=require_grant(preparing.MANAGE),
    url_prefix="/work/bylaws",
    template_folder="../templates",
)


@blp.route("")
def overview() -> Response:
    """Rules on file at my places."""
    session = reading()
    mine = grants.places_for(session, identity().person_id, preparing.MANAGE, clock.now())
    return page("votes/bylaws/list.html", rows=bylaws.bylaws_at(session, mine))


@blp.route("/new")
def new() -> Response:
    """The form to enter adopted rules."""
    session = reading()
    mine = grants.places_for(session, identity().person_id, preparing.MANAGE, clock.now())
    estates = places_below(session, mine, PlaceKind.ESTATE)
    return page("votes/bylaws/new.html", estates=estates, silences=SILENCE_WORDS, street=mine[0] if mine else None)


@blp.route("/<bylaws_id>")
def one(bylaws_id: str) -> Response:
    """One entry beside its photos: for the second officer to confirm, or to withdraw."""
    session, who = reading(), identity()
    found, place = bylaws.bylaws_by_public_id(session, bylaws_id)
    if not grants.may(session, who.person_id, preparing.MANAGE, place, clock.now()):
        raise NotFound("no-such-bylaws", "没有找到这份议事规则，或者它不归您负责。")
    return page(
        "votes/bylaws/one.html",
        bylaws=found,
        place=place,
        proofs=evidence.of(session, f"bylaws:{found.public_id}"),
        silences=SILENCE_WORDS,
        own=found.entered_by == who.actor,
    )
