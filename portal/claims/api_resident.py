"""Claiming a dwelling, for the one who claims.

The page itself is ``portal.home``'s. A mismatch answers 201 with ``state: waiting``, in the same words whoever lives
there; ``tries_left`` says how often one may correct it before only a worker can help.
"""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web.blueprints import Api
from kernel.web.guards import identity, require_resident
from kernel.web.rate_limits import limiter
from kernel.web.request import idempotency_key
from portal.claims import queries, services
from portal.claims.schemas import ClaimAnswer, ClaimsAnswer, CodeAskedAnswer, CodeTyped, MakeClaim, NothingMore
from portal.claims.services.codes import CodeAsked

blp = Api("claims", __name__, guard=require_resident, url_prefix="/api/v1/claims", description="Claiming a dwelling")


@blp.route("", methods=["GET"])
@blp.response(200, ClaimsAnswer)
def my_claims() -> dict[str, Any]:
    """One's own live claims."""
    session = reading()
    return {"claims": [services.view(session, claim) for claim in queries.my_claims(session, identity().account_id)]}


@blp.route("", methods=["POST"])
@limiter.limit("30 per minute")
@blp.arguments(MakeClaim)
@blp.response(201, ClaimAnswer)
def make_claim(body: dict[str, Any]) -> services.ClaimView:
    """Claim a dwelling by name and phone tail: a match opens the questionnaire (level 1)."""
    return services.make_claim(
        identity(),
        door_code=body["door_code"],
        dwelling_id=body["dwelling"],
        name=body["name"],
        phone_tail=body["phone_tail"],
        relation=body["relation"],
        key=idempotency_key(),
        now=clock.now(),
    )


@blp.route("/<claim_id>/code", methods=["POST"])
@limiter.limit("30 per minute")
@blp.arguments(NothingMore)
@blp.response(202, CodeAskedAnswer)
def send_code(_body: dict[str, Any], claim_id: str) -> CodeAsked:
    """Send a six-digit code to the phone on the roster."""
    return services.send_code(identity(), claim_id, key=idempotency_key(), now=clock.now())


@blp.route("/<claim_id>/confirm", methods=["POST"])
@limiter.limit("30 per minute")
@blp.arguments(CodeTyped)
@blp.response(200, ClaimAnswer)
def confirm(body: dict[str, Any], claim_id: str) -> services.ClaimView:
    """Answer with the code: votes and money open (level 2)."""
    return services.confirm_by_code(identity(), claim_id, body["code"], key=idempotency_key(), now=clock.now())


@blp.route("/<claim_id>/withdraw", methods=["POST"])
@blp.arguments(NothingMore)
@blp.response(200, ClaimAnswer)
def withdraw(_body: dict[str, Any], claim_id: str) -> services.ClaimView:
    """Take the claim back."""
    return services.withdraw(identity(), claim_id, key=idempotency_key(), now=clock.now())
