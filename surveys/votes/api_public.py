"""What anyone may read of a vote: notice, masked roll, board of receipts, result."""

from typing import Any

from kernel.database import reading
from kernel.web import Api, files, open_to_all
from kernel.web.rate_limits import limiter
from surveys.votes import queries
from surveys.votes.schemas import BallotBoardOut, VoteOut, VoteResultOut, VoteRollOut
from surveys.votes.services import bundles
from surveys.votes.services import reading as shown

blp = Api(
    "votes_public",
    __name__,
    guard=open_to_all,
    url_prefix="/api/v1/votes",
    description="Votes as everybody may see them: turnout only while they run.",
)


@blp.route("/<string:vote>", methods=["GET"])
@blp.response(200, VoteOut)
def show(vote: str) -> shown.Notice:
    """The notice: motions, the rule of each, and the smallest passing numbers for this roll."""
    session = reading()
    return shown.notice(session, queries.announced_vote(session, vote))


@blp.route("/<string:vote>/roll", methods=["GET"])
@blp.response(200, VoteRollOut)
def roll(vote: str) -> dict[str, Any]:
    """The masked roll: doors, heads and areas; no names."""
    session = reading()
    found = queries.announced_vote(session, vote)
    return {
        "roll_hash": found.roll_hash,
        "lines": [line.value for line in queries.roll_of(session, found.id)],
    }


@blp.route("/<string:vote>/board", methods=["GET"])
@blp.response(200, BallotBoardOut)
def board(vote: str) -> dict[str, Any]:
    """The board of receipts: whoever has one finds it here alone."""
    session = reading()
    found = queries.announced_vote(session, vote)
    return {
        "roll_heads": found.roll_heads,
        "voted_heads": queries.turnout_of(session, found.id).heads,
        "receipts": queries.receipts_of(session, found.id),
    }


@blp.route("/<string:vote>/result", methods=["GET"])
@blp.response(200, VoteResultOut)
def result(vote: str) -> Any:
    """The published result; 409 before."""
    session = reading()
    return shown.result(session, queries.announced_vote(session, vote))


@blp.route("/<string:vote>/bundle", methods=["GET"])
@limiter.limit("10 per minute")
@blp.response(200, content_type="application/json")
def bundle(vote: str) -> Any:
    """The public bundle of a finished vote, for ``python -m surveys.votes.verify``; 409 before the result."""
    return files.saved_json(bundles.public_bundle(vote), f"vote-{vote}.json")
