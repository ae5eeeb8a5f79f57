"""Staff's API of results: days of publicity, answers to objections, recounts, the final word."""

from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, require_grant
from surveys.votes.callers import staff
from surveys.votes.results import services
from surveys.votes.results.schemas import (
    ObjectionAnswerIn,
    RecountIn,
    ResultOrderIn,
    ResultPlanIn,
    ResultPlanOut,
    ResultStandingOut,
)
from surveys.votes.services.preparing import MANAGE

blp = Api(
    "vote_results_staff",
    __name__,
    guard=require_grant(MANAGE),
    url_prefix="/api/v1/votes",
    description="Bringing a counted result to its final word.",
)


def _shown(vote: str) -> services.Standing:
    return services.managed_standing(vote, by=staff(), now=clock.now())[1]


@blp.route("/<string:vote>/result-plan", methods=["POST"])
@blp.arguments(ResultPlanIn)
@blp.response(200, ResultPlanOut)
def plan(body: dict[str, Any], vote: str) -> dict[str, Any]:
    """Set how many days the result will be published, while the vote is a draft."""
    services.plan(vote, body["days"], by=staff(), now=clock.now(), key=idempotency_key())
    return body


@blp.route("/<string:vote>/objections/<string:objection>/answer", methods=["POST"])
@blp.arguments(ObjectionAnswerIn)
@blp.response(200, ResultStandingOut)
def answer(body: dict[str, Any], vote: str, objection: str) -> services.Standing:
    """Answer an objection; not one's own."""
    services.answer(
        vote, objection, body["ruling"], body["reasons"], by=staff(), now=clock.now(), key=idempotency_key()
    )
    return _shown(vote)


@blp.route("/<string:vote>/recounts", methods=["POST"])
@blp.arguments(RecountIn)
@blp.response(201, ResultStandingOut)
def recount(body: dict[str, Any], vote: str) -> services.Standing:
    """Count again; what was published before stays beside it."""
    services.recount(vote, body["reason"], by=staff(), now=clock.now(), key=idempotency_key())
    return _shown(vote)


@blp.route("/<string:vote>/finality", methods=["POST"])
@blp.arguments(ResultOrderIn)
@blp.response(200, ResultStandingOut)
def finalise(_body: dict[str, Any], vote: str) -> services.Standing:
    """Say that the result is final: after its publicity, every objection answered."""
    services.finalise(vote, by=staff(), now=clock.now(), key=idempotency_key())
    return _shown(vote)
