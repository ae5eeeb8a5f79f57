"""The staff's page of clusters."""

from collections.abc import Sequence

from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.clusters import queries, services
from kernel.database import reading
from kernel.places.models import Place, PlaceKind
from kernel.places.queries import places_below, places_by_id
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
    estates = places_below(session, places, PlaceKind.ESTATE)
    found = queries.clusters_within(session, places)
    return page("estate_clusters/list.html", found=found, groups=_by_community(session, estates))


def _by_community(session: Session, estates: Sequence[Place]) -> list[tuple[Place, list[Place]]]:
    """Estates under the names of their communities: a district has hundreds."""
    grouped: dict[int | None, list[Place]] = {}
    for estate in estates:
        grouped.setdefault(estate.parent_id, []).append(estate)
    communities = places_by_id(session, (parent for parent in grouped if parent is not None))
    return [(communities[parent], members) for parent, members in grouped.items() if parent is not None]
