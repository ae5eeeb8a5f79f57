"""Staff's API of secret elections: the public key of a draft."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, require_grant
from surveys.votes import queries
from surveys.votes.callers import staff
from surveys.votes.rules import envelope
from surveys.votes.secret import queries as secret
from surveys.votes.secret.schemas import ElectionKeyIn, ElectionKeyOut
from surveys.votes.secret.services import keys
from surveys.votes.services import preparing
from surveys.votes.services.papers import papers_of

blp = Api(
    "secret_votes_staff",
    __name__,
    guard=require_grant(preparing.MANAGE),
    url_prefix="/api/v1/votes",
    description="Making a vote secret.",
)


@blp.route("/<string:vote>/election-key", methods=["POST"])
@blp.arguments(ElectionKeyIn)
@blp.response(200, ElectionKeyOut)
def make_secret(body: dict[str, Any], vote: str) -> dict[str, Any]:
    """Give a draft its election's public key; fixed once the notice is out."""
    keys.make_secret(vote, body["public_key"], by=staff(), now=clock.now(), key=idempotency_key())
    session = reading()
    found = queries.vote_by_public_id(session, vote)
    key = secret.must_be_secret(session, found.id)
    return {
        "public_key": key.public_key,
        "fingerprint": key.fingerprint,
        "text_hash": found.text_hash,
        "plain_length": envelope.plain_length(papers_of(session, found.id)),
    }
