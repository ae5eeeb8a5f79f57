"""The workers' API of delivery."""

from typing import Any

from kernel import clock, grants
from kernel.database import reading
from kernel.web import Api, idempotency_key, identity, require_grant
from surveys.votes import queries
from surveys.votes.callers import staff
from surveys.votes.delivery import queries as deliveries
from surveys.votes.delivery import services as delivering
from surveys.votes.delivery.schemas import DeliveryIn, DeliveryRevokedIn, DeliveryStateOut, PublicDeliveryIn
from surveys.votes.delivery.services import NewDelivery

blp = Api(
    "vote_delivery",
    __name__,
    guard=require_grant(delivering.ACTION),
    url_prefix="/api/v1/votes",
    description="Delivering a vote's notice, flat by flat.",
)


def _state(vote: str) -> dict[str, Any]:
    session, now = reading(), clock.now()
    found = queries.announced_vote(session, vote)
    grants.require(session, identity().person_id, delivering.ACTION, queries.place_of(session, found), now)
    return {"buildings": deliveries.shares_of(session, found, by=now)}


@blp.route("/<string:vote>/deliveries", methods=["GET"])
@blp.response(200, DeliveryStateOut)
def state(vote: str) -> dict[str, Any]:
    """How far delivery is, by building."""
    return _state(vote)


@blp.route("/<string:vote>/deliveries", methods=["POST"])
@blp.arguments(DeliveryIn)
@blp.response(201)
def record(body: dict[str, Any], vote: str) -> dict[str, str]:
    """Record that the notice was delivered to some flats in one go; answers the batch its photos hang on."""
    made = NewDelivery(**{**body, "dwellings": tuple(body["dwellings"]), "evidence": tuple(body["evidence"])})
    return {"batch": delivering.record(vote, made, by=staff(), now=clock.now(), key=idempotency_key())}


@blp.route("/<string:vote>/deliveries/public", methods=["POST"])
@blp.arguments(PublicDeliveryIn)
@blp.response(201)
def announce(body: dict[str, Any], vote: str) -> dict[str, str]:
    """Deliver by public notice to every flat nobody reached; it counts when its days are over."""
    batch = delivering.announce_publicly(
        vote,
        days=body["days"],
        note=body["note"],
        files=tuple(body["evidence"]),
        by=staff(),
        now=clock.now(),
        key=idempotency_key(),
    )
    return {"batch": batch}


@blp.route("/<string:vote>/deliveries/<string:delivery>/revocation", methods=["POST"])
@blp.arguments(DeliveryRevokedIn)
@blp.response(200)
def revoke(body: dict[str, Any], vote: str, delivery: str) -> dict[str, str]:
    """Take a record back that was made in error; it stays on file and no longer counts."""
    done = delivering.revoke(vote, delivery, body["reason"], by=staff(), now=clock.now(), key=idempotency_key())
    return {"id": done}
