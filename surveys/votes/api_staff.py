"""Staff's API: draft a vote, build its roll, publish, open, close, count. Each order is one step of its life."""

from collections.abc import Callable
from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.idempotency import Key
from kernel.web import Api, idempotency_key, require_grant
from surveys.votes import queries
from surveys.votes.callers import staff
from surveys.votes.schemas import BallotAuditIn, BallotAuditOut, NewVoteIn, VoteOrderIn, VoteOut
from surveys.votes.services import counting, preparing
from surveys.votes.services import reading as shown
from surveys.votes.services.preparing import NewCandidate, NewMotion, NewVote

blp = Api(
    "votes_staff",
    __name__,
    guard=require_grant(preparing.MANAGE),
    url_prefix="/api/v1/votes",
    description="Preparing and closing votes at the places in one's charge.",
)
auditors = Api(
    "votes_audit",
    __name__,
    guard=require_grant("vote.audit"),
    url_prefix="/api/v1/votes",
    description="Opening the ballots of a closed named vote, on record.",
)


def _shown(vote_id: str) -> shown.Notice:
    session = reading()
    return shown.notice(session, queries.vote_by_public_id(session, vote_id))


def new_motions(given: list[dict[str, Any]]) -> tuple[NewMotion, ...]:
    """The motions of a body as the services take them."""
    return tuple(
        NewMotion(**{**motion, "candidates": tuple(NewCandidate(**candidate) for candidate in motion["candidates"])})
        for motion in given
    )


@blp.route("", methods=["POST"])
@blp.arguments(NewVoteIn)
@blp.response(201, VoteOut)
def create(body: dict[str, Any]) -> shown.Notice:
    """Draft a vote; its roll is built from the register at once."""
    motions = new_motions(body.pop("motions"))
    draft = NewVote(place_code=body.pop("place"), motions=motions, **body)
    return _shown(preparing.create(draft, by=staff(), now=clock.now(), key=idempotency_key()))


Order = Callable[..., str]


def _order(order: Order, vote: str, key: Key) -> shown.Notice:
    return _shown(order(vote, by=staff(), now=clock.now(), key=key))


@blp.route("/<string:vote>/roll", methods=["POST"])
@blp.arguments(VoteOrderIn)
@blp.response(200, VoteOut)
def rebuild_roll(_body: dict[str, Any], vote: str) -> shown.Notice:
    """Build the roll again from today's register, while it is not frozen."""
    return _order(preparing.rebuild_roll, vote, idempotency_key())


@blp.route("/<string:vote>/publication", methods=["POST"])
@blp.arguments(VoteOrderIn)
@blp.response(200, VoteOut)
def publish(_body: dict[str, Any], vote: str) -> shown.Notice:
    """Put the notice out; the notice period runs from today."""
    return _order(preparing.publish, vote, idempotency_key())


@blp.route("/<string:vote>/opening", methods=["POST"])
@blp.arguments(VoteOrderIn)
@blp.response(200, VoteOut)
def open_voting(_body: dict[str, Any], vote: str) -> shown.Notice:
    """Open the voting and freeze the roll with its hash."""
    return _order(preparing.open_voting, vote, idempotency_key())


@blp.route("/<string:vote>/closing", methods=["POST"])
@blp.arguments(VoteOrderIn)
@blp.response(200, VoteOut)
def close(_body: dict[str, Any], vote: str) -> shown.Notice:
    """Close at or after the instant of the notice, or before it when everyone has voted."""
    return _order(counting.close, vote, idempotency_key())


@blp.route("/<string:vote>/result", methods=["POST"])
@blp.arguments(VoteOrderIn)
@blp.response(200, VoteOut)
def publish_result(_body: dict[str, Any], vote: str) -> shown.Notice:
    """Count and publish the result."""
    return _order(counting.publish_result, vote, idempotency_key())


@auditors.route("/<string:vote>/audit", methods=["POST"])
@auditors.arguments(BallotAuditIn)
@auditors.response(200, BallotAuditOut)
def audit(body: dict[str, Any], vote: str) -> dict[str, Any]:
    """Open the counted ballots of a closed vote; the look and its reason go on record first.

    Changes nothing but the record, so a call repeated with its key is one more look.
    """
    idempotency_key()
    opened = counting.open_for_audit(vote, by=staff(), reason=body["reason"], now=clock.now())
    return {"ballots": opened}
