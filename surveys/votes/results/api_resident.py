"""Objecting to a preliminary result, by who stands on the roll."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, require_resident
from kernel.web.rate_limits import limiter
from surveys.votes import queries
from surveys.votes.callers import voter
from surveys.votes.results import services
from surveys.votes.results.schemas import ObjectionIn, ResultStandingOut

blp = Api(
    "vote_results_resident",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1/votes",
    description="Objecting to a preliminary result.",
)


@blp.route("/<string:vote>/objections", methods=["POST"])
@limiter.limit("10 per hour")
@blp.arguments(ObjectionIn)
@blp.response(201, ResultStandingOut)
def object_to(body: dict[str, Any], vote: str) -> services.Standing:
    """Object while the result is published; the street answers with reasons before it becomes final."""
    who, now = voter(), clock.now()
    services.object_to(vote, body["text"], photos=body["evidence"], by=who, now=now, key=idempotency_key())
    session = reading()
    return services.standing(session, queries.announced_vote(session, vote), now, account_id=who.account_id)
