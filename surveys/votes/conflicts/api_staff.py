"""The street's API: doubt who cast a ballot, settle what is in question."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, identity, require_grant
from surveys.votes.callers import staff
from surveys.votes.conflicts import queries as conflicts
from surveys.votes.conflicts import services
from surveys.votes.conflicts.models import BallotConflict
from surveys.votes.conflicts.schemas import BallotConflictOut, BallotDoubtIn, BallotSettlementIn
from surveys.votes.services import preparing

blp = Api(
    "votes_conflicts",
    __name__,
    guard=require_grant(preparing.MANAGE),
    url_prefix="/api/v1",
    description="Ballots in question: two for one line, or objected to.",
)


@blp.route("/votes/<string:vote>/doubts", methods=["POST"])
@blp.arguments(BallotDoubtIn)
@blp.response(201, BallotConflictOut)
def doubt(body: dict[str, Any], vote: str) -> BallotConflict:
    """Doubt who cast a ballot, by its receipt number."""
    who = identity()
    made = services.doubt(
        vote,
        body["receipt_no"].replace(" ", "").upper(),
        body["reason"],
        account_id=who.account_id,
        by=staff(),
        now=clock.now(),
        key=idempotency_key(),
    )
    return conflicts.conflict_by_public_id(reading(), made)


@blp.route("/ballot-conflicts/<string:conflict>/settlement", methods=["POST"])
@blp.arguments(BallotSettlementIn)
@blp.response(200, BallotConflictOut)
def settle(body: dict[str, Any], conflict: str) -> BallotConflict:
    """Settle a question with a reason."""
    services.settle(conflict, body["decision"], body["why"], by=staff(), now=clock.now(), key=idempotency_key())
    return conflicts.conflict_by_public_id(reading(), conflict)
