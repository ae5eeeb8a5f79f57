"""A voter's API: object to the ballot another of one's own line cast."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, identity, require_resident
from surveys.votes.conflicts import queries as conflicts
from surveys.votes.conflicts import services
from surveys.votes.conflicts.models import BallotConflict
from surveys.votes.conflicts.schemas import BallotConflictOut, BallotObjectionIn
from surveys.votes.services.casting import Voter

blp = Api(
    "votes_conflicts_resident",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1/votes",
    description="Objecting to a ballot of one's own line before the deadline.",
)


@blp.route("/<string:vote>/lines/<string:line>/objection", methods=["POST"])
@blp.arguments(BallotObjectionIn)
@blp.response(201, BallotConflictOut)
def object_to(body: dict[str, Any], vote: str, line: str) -> BallotConflict:
    """Object to the ballot a co-owner or a member of the household cast: it counts, marked, until it is settled."""
    who = identity()
    by = Voter(who.account_id, who.actor)
    made = services.object_to(vote, line, body["reason"], by=by, now=clock.now(), key=idempotency_key())
    return conflicts.conflict_by_public_id(reading(), made)
