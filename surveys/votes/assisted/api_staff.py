"""A worker's API: take the ballot a voter cast on the worker's phone."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, require_grant
from surveys.votes import callers, queries
from surveys.votes.assisted.schemas import AssistedBallotIn, AssistedBallotOut, AssistedEnvelopeIn
from surveys.votes.models import Ballot
from surveys.votes.secret.services import casting as secretly
from surveys.votes.services import casting
from surveys.votes.services.helping import ASSIST, Helped

blp = Api(
    "votes_assisted",
    __name__,
    guard=require_grant(ASSIST),
    url_prefix="/api/v1/votes",
    description="Voting on a worker's phone; the voter signs on it.",
)


@blp.route("/<string:vote>/assisted-ballots", methods=["POST"])
@blp.arguments(AssistedBallotIn)
@blp.response(201, AssistedBallotOut)
def cast(body: dict[str, Any], vote: str) -> Ballot:
    """Take a named ballot; answers the receipt for the voter, never the choice."""
    by = Helped(callers.staff(), body["voter"], body["evidence"])
    made = casting.cast(
        vote,
        body["line_id"],
        body["choices"],
        text_hash=body["text_hash"],
        by=by,
        now=clock.now(),
        key=idempotency_key(),
    )
    return queries.ballot_by_public_id(reading(), made)


@blp.route("/<string:vote>/assisted-envelopes", methods=["POST"])
@blp.arguments(AssistedEnvelopeIn)
@blp.response(201, AssistedBallotOut)
def cast_secretly(body: dict[str, Any], vote: str) -> Ballot:
    """Take an envelope the voter sealed on the worker's phone."""
    by = Helped(callers.staff(), body["voter"], body["evidence"])
    made = secretly.cast(
        vote,
        body["line_id"],
        body["envelope"],
        text_hash=body["text_hash"],
        by=by,
        now=clock.now(),
        key=idempotency_key(),
    )
    return queries.ballot_by_public_id(reading(), made)
