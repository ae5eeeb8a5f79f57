"""What anyone may read of an estate's bodies."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.places.queries import place_by_code
from kernel.web import Api, open_to_all
from portal.bodies import queries, services
from portal.bodies.schemas import BodiesOut

blp = Api(
    "bodies_public",
    __name__,
    guard=open_to_all,
    url_prefix="/api/v1/bodies",
    description="Elected bodies: members as far as they agreed, offices, term, filing, hand-over.",
)


@blp.route("/<string:estate>", methods=["GET"])
@blp.response(200, BodiesOut)
def bodies(estate: str) -> dict[str, Any]:
    """The bodies of an estate (by its code), the newest first."""
    session, now = reading(), clock.now()
    place = place_by_code(session, estate)
    return {"bodies": services.views(session, queries.bodies_of(session, place.id), now)}
