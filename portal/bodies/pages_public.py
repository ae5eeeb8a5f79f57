"""The public page of an estate's bodies."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.database import reading
from kernel.places.queries import place_by_code
from kernel.web import Pages, open_to_all, page
from portal.bodies import queries, services, words

blp = Pages("bodies", __name__, guard=open_to_all, url_prefix="/g", template_folder="templates")


@blp.route("/<estate>")
def estate(estate: str) -> Response:
    """The bodies in office with members, offices, term, filing and hand-over, and those before."""
    session, now = reading(), clock.now()
    place = place_by_code(session, estate)
    views = services.views(session, queries.bodies_of(session, place.id), now)
    return page("bodies/estate.html", place=place, views=views, words=words)
