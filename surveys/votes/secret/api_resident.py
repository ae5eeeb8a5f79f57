"""A voter's API of a secret election: cast an envelope, as often as he likes while voting is open."""

from dataclasses import dataclass
from typing import Any

from flask import request

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, identity, require_resident
from surveys.votes import queries
from surveys.votes.rules.binding import device_of
from surveys.votes.secret import queries as secret
from surveys.votes.secret.schemas import CastEnvelope, EnvelopeReceiptOut
from surveys.votes.secret.services import casting
from surveys.votes.services import reading as shown
from surveys.votes.services.casting import Voter

blp = Api(
    "secret_votes_resident",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1/votes",
    description="Casting one's own sealed ballot.",
)


@dataclass(frozen=True)
class EnvelopeReceipt(shown.Receipt):
    """A receipt with the hash (hex) of the envelope."""

    envelope_hash: str


@blp.route("/<string:vote>/envelopes", methods=["POST"])
@blp.arguments(CastEnvelope)
@blp.response(201, EnvelopeReceiptOut)
def cast(body: dict[str, Any], vote: str) -> EnvelopeReceipt:
    """Cast an envelope for a roll line; the last one before closing counts. Answers the receipt."""
    now, who = clock.now(), identity()
    ballot_id = casting.cast(
        vote,
        body["line_id"],
        body["envelope"],
        text_hash=body["text_hash"],
        by=Voter(who.account_id, who.actor, device_of(request.user_agent.string)),
        now=now,
        key=idempotency_key(),
    )
    session = reading()
    found = queries.ballot_by_public_id(session, ballot_id)
    receipt = shown.receipt(session, queries.announced_vote(session, vote), who.account_id, found.receipt_no)
    return EnvelopeReceipt(receipt.ballot, receipt.line, receipt.chain, secret.envelope_hash(session, found.id) or "")
