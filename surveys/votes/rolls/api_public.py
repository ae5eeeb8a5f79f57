"""What anyone may read of a roll's changes."""

from typing import Any

from kernel.database import reading
from kernel.web import Api, open_to_all
from surveys.votes import queries
from surveys.votes.rolls.schemas import RollChangesOut
from surveys.votes.rolls.services import reading as shown

blp = Api(
    "rolls_public",
    __name__,
    guard=open_to_all,
    url_prefix="/api/v1/votes",
    description="Corrections and amendments of rolls.",
)


@blp.route("/<string:vote>/roll/changes", methods=["GET"])
@blp.response(200, RollChangesOut)
def changes(vote: str) -> dict[str, Any]:
    """Every correction before the opening and every amendment after it, with its reason; doors, no names."""
    session = reading()
    return {"changes": shown.changes(session, queries.announced_vote(session, vote))}
