"""A resident's API of rolls: object for one's own dwelling, see the answer, take it back."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, identity, require_resident
from kernel.web.rate_limits import limiter
from surveys.votes import queries
from surveys.votes.callers import voter
from surveys.votes.rolls.schemas import RollObjectionIn, RollObjectionOut, RollObjectionsOut, RollOrderIn
from surveys.votes.rolls.services import objecting
from surveys.votes.rolls.services.objecting import ObjectionView

blp = Api(
    "rolls_resident",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1/votes",
    description="Objecting to a roll.",
)


def _mine(vote: str) -> list[ObjectionView]:
    session = reading()
    return objecting.mine(session, queries.announced_vote(session, vote), identity().account_id)


def _one(vote: str, objection: str) -> ObjectionView:
    return next(each for each in _mine(vote) if each.id == objection)


@blp.route("/<string:vote>/roll/objections", methods=["GET"])
@blp.response(200, RollObjectionsOut)
def objections(vote: str) -> dict[str, Any]:
    """One's own objections to a vote's roll with their answers."""
    return {"objections": _mine(vote)}


@blp.route("/<string:vote>/roll/objections", methods=["POST"])
@limiter.limit("30 per hour")
@blp.arguments(RollObjectionIn)
@blp.response(201, RollObjectionOut)
def object_to(body: dict[str, Any], vote: str) -> ObjectionView:
    """Say what is wrong, while the notice runs; one objection a dwelling waits at a time."""
    made = objecting.object_to(
        vote, body["dwelling"], body["kind"], body["words"], by=voter(), now=clock.now(), key=idempotency_key()
    )
    return _one(vote, made)


@blp.route("/<string:vote>/roll/objections/<string:objection>/withdrawal", methods=["POST"])
@blp.arguments(RollOrderIn)
@blp.response(200, RollObjectionOut)
def withdraw(_body: dict[str, Any], vote: str, objection: str) -> ObjectionView:
    """Take one's own objection back while it waits."""
    return _one(vote, objecting.withdraw(vote, objection, by=voter(), now=clock.now(), key=idempotency_key()))
