"""The organiser's pages of bodies: mine, match the elected to persons and form; offices, filing, hand-over, the end."""

from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.database import reading
from kernel.errors import Conflict
from kernel.places.models import PlaceKind
from kernel.places.queries import places_below
from kernel.web import Pages, identity, page, require_grant
from portal.bodies import queries, services, words
from portal.bodies.services import matching
from surveys.votes import queries as votes
from surveys.votes.callers import staff
from surveys.votes.elections.services import recalls
from surveys.votes.services.preparing import MANAGE

blp = Pages(
    "bodies_staff_pages",
    __name__,
    guard=require_grant(MANAGE),
    url_prefix="/work/bodies",
    template_folder="templates",
)


@blp.route("")
def overview() -> Response:
    """The bodies at the estates in my charge: in office, over, to be put on file."""
    session, now = reading(), clock.now()
    mine = grants.places_for(session, identity().person_id, MANAGE, now)
    estates = {estate.id for estate in places_below(session, mine, PlaceKind.ESTATE)}
    views = services.views(session, queries.of_places(session, estates), now)
    return page("bodies/list.html", views=views, words=words)


@blp.route("/new/<vote>")
def new(vote: str) -> Response:
    """Who was elected, and who in the register that is. A vote that has formed its body leads to it by a refusal."""
    elected = services.matches(vote, by=staff(), now=clock.now())
    session = reading()
    found = votes.vote_by_public_id(session, vote)
    kind = recalls.kind_of(session, found)
    if queries.seated_by(session, found.id) is not None:
        raise Conflict("formed-already", f"这次选举当选的人已经进入{kind.title}。")
    place = votes.place_of(session, found)
    in_office = services.current(session, matching.estate_of(session, found), kind, clock.now())
    return page(
        "bodies/new.html",
        vote=found,
        kind=kind,
        place=place,
        in_office=in_office,
        words=words,
        elected=elected,
        complete=all(each.matches for each in elected),
    )


@blp.route("/<body_id>")
def manage(body_id: str) -> Response:
    """One body: members and offices, term, filing, hand-over list, and ending it early."""
    view = services.managed_view(reading(), body_id, by=staff(), now=clock.now())
    alternates = services.waiting_alternates(body_id, by=staff(), now=clock.now())
    return page("bodies/manage.html", view=view, alternates=alternates, words=words)
