"""Staff's API of extensions."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, require_grant
from surveys.votes import queries
from surveys.votes.callers import staff
from surveys.votes.extensions.schemas import VoteExtensionIn
from surveys.votes.extensions.services import extend as put_off
from surveys.votes.schemas import VoteOut
from surveys.votes.services import preparing
from surveys.votes.services import reading as shown

blp = Api(
    "vote_extensions",
    __name__,
    guard=require_grant(preparing.MANAGE),
    url_prefix="/api/v1/votes",
    description="Extending a running vote.",
)


@blp.route("/<string:vote>/extension", methods=["POST"])
@blp.arguments(VoteExtensionIn)
@blp.response(200, VoteOut)
def extend(body: dict[str, Any], vote: str) -> shown.Notice:
    """Put the closing off, before it, with a reason; everyone on the roll is told."""
    put_off(vote, **body, by=staff(), now=clock.now(), key=idempotency_key())
    session = reading()
    return shown.notice(session, queries.vote_by_public_id(session, vote))
