"""A worker's API: take the ballot a voter cast on the worker's phone."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, require_grant
from surveys.votes import callers, queries
from surveys.votes.assisted import services as confirming
from surveys.votes.assisted.schemas import (
    AssistedBallotIn,
    AssistedBallotOut,
    AssistedCodeIn,
    AssistedCodeOut,
    AssistedCodeSaidIn,
    AssistedCodeSaidOut,
    AssistedEnvelopeIn,
)
from surveys.votes.models import Ballot
from surveys.votes.secret.services import casting as secretly
from surveys.votes.services import casting
from surveys.votes.services.helping import ASSIST, Helped

blp = Api(
    "votes_assisted",
    __name__,
    guard=require_grant(ASSIST),
    url_prefix="/api/v1/votes",
    description="Voting on a worker's phone; the voter confirms by a code of the own phone, or signs.",
)


@blp.route("/<string:vote>/assisted-ballots", methods=["POST"])
@blp.arguments(AssistedBallotIn)
@blp.response(201, AssistedBallotOut)
def cast(body: dict[str, Any], vote: str) -> Ballot:
    """Take a named ballot; answers the receipt for the voter, never the choice."""
    by = Helped(callers.staff(), body["voter"], body["evidence"], body["code"])
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
    by = Helped(callers.staff(), body["voter"], body["evidence"], body["code"])
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


@blp.route("/<string:vote>/assisted-codes", methods=["POST"])
@blp.arguments(AssistedCodeIn)
@blp.response(201, AssistedCodeOut)
def ask_code(body: dict[str, Any], vote: str) -> confirming.CodeAsked:
    """Send the voter a code to the voter's own phone."""
    return confirming.ask(
        vote, body["line_id"], body["voter"], by=callers.staff(), now=clock.now(), key=idempotency_key()
    )


@blp.route("/<string:vote>/assisted-codes/<string:code>/confirmation", methods=["POST"])
@blp.arguments(AssistedCodeSaidIn)
@blp.response(200, AssistedCodeSaidOut)
def say_code(body: dict[str, Any], vote: str, code: str) -> dict[str, str]:
    """The voter says the code; it confirms one ballot of the line it was asked for."""
    done = confirming.confirm(vote, code, body["code"], by=callers.staff(), now=clock.now(), key=idempotency_key())
    return {"id": done}
