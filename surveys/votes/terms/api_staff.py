"""Staff's API of a vote's terms."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, require_grant
from surveys.votes import queries
from surveys.votes.callers import staff
from surveys.votes.rules.terms import Terms
from surveys.votes.schemas import VoteOut
from surveys.votes.services import preparing
from surveys.votes.services import reading as shown
from surveys.votes.terms import services
from surveys.votes.terms.schemas import TermsIn

blp = Api(
    "votes_terms",
    __name__,
    guard=require_grant(preparing.MANAGE),
    url_prefix="/api/v1/votes",
    description="How a vote is cast: paper, proxies, and which of two ballots counts.",
)


@blp.route("/<string:vote>/terms", methods=["POST"])
@blp.arguments(TermsIn)
@blp.response(200, VoteOut)
def set_terms(body: dict[str, Any], vote: str) -> shown.Notice:
    """Set a draft's terms; its notice prints them, and then they stay."""
    services.set_terms(vote, Terms(**body), by=staff(), now=clock.now(), key=idempotency_key())
    session = reading()
    return shown.notice(session, queries.vote_by_public_id(session, vote))
