"""A worker puts doors down for a day and says what became of them."""

from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_grant
from portal.home_visits.models import HomeVisit
from portal.home_visits.rules import Half, Purpose
from portal.home_visits.schemas import AskVisit, HomeVisitAnswer, MoveVisit, NoMoreToSay
from portal.home_visits.services import going

blp = Api(
    "work_home_visits",
    __name__,
    guard=require_grant(going.ACTION),
    url_prefix="/api/v1/work/home-visits",
    description="A worker's doors of the day",
)


@blp.route("", methods=["POST"])
@blp.arguments(AskVisit)
@blp.response(201, HomeVisitAnswer)
def put_down(body: dict[str, Any]) -> HomeVisit:
    """Put a door down for a day."""
    return going.put_down(
        identity(),
        body["dwelling"],
        Purpose(body["purpose"]),
        body["day"],
        Half(body["half"]),
        key=idempotency_key(),
        now=clock.now(),
    )


@blp.route("/<visit_id>/done", methods=["POST"])
@blp.arguments(NoMoreToSay)
@blp.response(200, HomeVisitAnswer)
def done(_body: dict[str, Any], visit_id: str) -> HomeVisit:
    """The worker was there."""
    return going.done(identity(), visit_id, key=idempotency_key(), now=clock.now())


@blp.route("/<visit_id>/missed", methods=["POST"])
@blp.arguments(MoveVisit)
@blp.response(200, HomeVisitAnswer)
def missed(body: dict[str, Any], visit_id: str) -> HomeVisit:
    """Nobody was met: another day, and the try is counted."""
    return going.missed(identity(), visit_id, body["day"], Half(body["half"]), key=idempotency_key(), now=clock.now())
