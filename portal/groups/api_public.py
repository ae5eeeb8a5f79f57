"""What anyone may read of an estate's self-management groups."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.places.queries import place_by_code
from kernel.web import Api, open_to_all
from portal.groups import queries, services
from portal.groups.schemas import GroupsOut

blp = Api(
    "groups_public",
    __name__,
    guard=open_to_all,
    url_prefix="/api/v1/groups",
    description="Self-management groups: members as far as they agreed, term, hand-over.",
)


@blp.route("/<string:estate>", methods=["GET"])
@blp.response(200, GroupsOut)
def groups(estate: str) -> dict[str, Any]:
    """The groups of an estate (by its code), the newest first."""
    session, now = reading(), clock.now()
    place = place_by_code(session, estate)
    return {"groups": [services.view(session, group, now) for group in queries.groups_of(session, place.id)]}
