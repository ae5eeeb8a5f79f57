"""The public page of an estate's self-management group."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.database import reading
from kernel.places.queries import place_by_code
from kernel.web import Pages, open_to_all, page
from portal.groups import queries, services, words

blp = Pages("groups", __name__, guard=open_to_all, url_prefix="/g", template_folder="templates")


@blp.route("/<estate>")
def estate(estate: str) -> Response:
    """The group in office with its members and term, the hand-over, and those before."""
    session, now = reading(), clock.now()
    place = place_by_code(session, estate)
    views = [services.view(session, group, now) for group in queries.groups_of(session, place.id)]
    return page("groups/estate.html", place=place, views=views, words=words, china_text=china_text)
