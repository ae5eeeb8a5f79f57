"""The staff's page of clusters."""

from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.clusters import queries, services
from kernel.database import reading
from kernel.places.models import PlaceKind
from kernel.places.queries import places_under
from kernel.web import Pages, identity, page, require_grant

blp = Pages(
    "estate_clusters_pages",
    __name__,
    guard=require_grant(services.MANAGE),
    url_prefix="/work/clusters",
    template_folder="templates",
)


@blp.route("")
def clusters() -> Response:
    """The clusters of my estates, and joining estates to a new one."""
    session = reading()
    places = grants.places_for(session, identity().person_id, services.MANAGE, clock.now())
    estates = [estate for place in places for estate in places_under(session, place, PlaceKind.ESTATE)]
    return page("estate_clusters/list.html", found=queries.clusters_within(session, places), estates=estates)
