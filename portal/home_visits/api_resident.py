"""A household asks for a visit, changes it, calls it off."""

from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_resident
from kernel.web.rate_limits import limiter
from portal.home_visits.models import HomeVisit
from portal.home_visits.rules import Half, Purpose
from portal.home_visits.schemas import AskVisit, HomeVisitAnswer, MyVisitsAnswer, NoMoreToSay, VisitWish
from portal.home_visits.services import asking

blp = Api(
    "home_visits",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1/home-visits",
    description="Asking a worker to come by",
)


@blp.route("/mine", methods=["GET"])
@blp.response(200, MyVisitsAnswer)
def mine() -> dict[str, Any]:
    """All that is kept of one's own visits, to take along."""
    return {"visits": [visit for visit, _ in asking.kept_of_mine(identity())]}


@blp.route("", methods=["POST"])
@limiter.limit("30 per minute")
@blp.arguments(AskVisit)
@blp.response(201, HomeVisitAnswer)
def ask(body: dict[str, Any]) -> HomeVisit:
    """Ask a worker to come to one's own dwelling: one open visit a home."""
    return asking.ask(
        identity(),
        body["dwelling"],
        Purpose(body["purpose"]),
        body["day"],
        Half(body["half"]),
        key=idempotency_key(),
        now=clock.now(),
    )


@blp.route("/<visit_id>", methods=["PUT"])
@limiter.limit("30 per minute")
@blp.arguments(VisitWish)
@blp.response(200, HomeVisitAnswer)
def change(body: dict[str, Any], visit_id: str) -> HomeVisit:
    """Another time or another matter."""
    return asking.change(
        identity(),
        visit_id,
        Purpose(body["purpose"]),
        body["day"],
        Half(body["half"]),
        key=idempotency_key(),
        now=clock.now(),
    )


@blp.route("/<visit_id>/cancel", methods=["POST"])
@blp.arguments(NoMoreToSay)
@blp.response(200, HomeVisitAnswer)
def cancel(_body: dict[str, Any], visit_id: str) -> HomeVisit:
    """Call it off."""
    return asking.cancel(identity(), visit_id, key=idempotency_key(), now=clock.now())
