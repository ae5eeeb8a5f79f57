"""The notice opened on a resident's own phone."""

from typing import Any

from kernel import clock
from kernel.web import Api, require_resident
from surveys.votes.callers import voter
from surveys.votes.delivery import services as delivering
from surveys.votes.delivery.schemas import NoticeOpenedIn, NoticeOpenedOut

blp = Api(
    "vote_notice_opened",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1/votes",
    description="Delivery by the app.",
)


@blp.route("/<string:vote>/opened", methods=["POST"], keyed=False)
@blp.arguments(NoticeOpenedIn)
@blp.response(200, NoticeOpenedOut)
def opened(_body: dict[str, Any], vote: str) -> dict[str, int]:
    """Note that the notice was opened: a delivery, once a flat. Opening it again changes nothing."""
    return {"flats": delivering.opened(vote, by=voter(), now=clock.now())}
