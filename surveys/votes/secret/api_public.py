"""What anyone may read of a secret election: its key, the opened list, and all that is needed to count again."""

from typing import Any

from kernel.database import reading
from kernel.web import Api, open_to_all
from surveys.votes import queries
from surveys.votes.rules import envelope
from surveys.votes.secret import queries as secret
from surveys.votes.secret.schemas import ElectionKeyOut, SecretOpeningOut
from surveys.votes.secret.services import opening as opened
from surveys.votes.services.papers import papers_of

blp = Api(
    "secret_votes_public",
    __name__,
    guard=open_to_all,
    url_prefix="/api/v1/votes",
    description="Secret elections as everybody may check them.",
)


@blp.route("/<string:vote>/election-key", methods=["GET"])
@blp.response(200, ElectionKeyOut)
def election_key(vote: str) -> dict[str, Any]:
    """The public key envelopes are sealed to; 409 for a named vote."""
    session = reading()
    found = queries.announced_vote(session, vote)
    key = secret.must_be_secret(session, found.id)
    return {
        "public_key": key.public_key,
        "fingerprint": key.fingerprint,
        "text_hash": found.text_hash,
        "plain_length": envelope.plain_length(papers_of(session, found.id)),
    }


@blp.route("/<string:vote>/opening", methods=["GET"])
@blp.response(200, SecretOpeningOut)
def opening(vote: str) -> dict[str, Any]:
    """Numbers and choices, sorted by number; 409 before the envelopes are opened."""
    session = reading()
    return opened.opening(session, queries.announced_vote(session, vote))


@blp.route("/<string:vote>/secret-bundle", methods=["GET"])
def bundle(vote: str) -> dict[str, Any]:
    """The whole bundle for ``python -m surveys.votes.verify_secret``; 409 before the envelopes are opened."""
    return opened.bundle(vote)
