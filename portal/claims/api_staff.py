"""Claims for the community worker: who waits, confirm, refuse. Every look is written down."""

from typing import Any

from kernel import clock
from kernel.errors import Invalid
from kernel.web.blueprints import Api
from kernel.web.guards import identity, require_grant
from kernel.web.request import idempotency_key
from portal.claims import services
from portal.claims.schemas import WhichClaims, WorkClaimAnswer, WorkClaimsAnswer, WorkerConfirms, WorkerRefuses

blp = Api(
    "work_claims",
    __name__,
    guard=require_grant("claim.confirm"),
    url_prefix="/api/v1/work/claims",
    description="Claims for the worker",
)


@blp.route("", methods=["GET"])
@blp.arguments(WhichClaims, location="query")
@blp.response(200, WorkClaimsAnswer)
def claims(query: dict[str, Any]) -> dict[str, Any]:
    """The undecided claims of a dwelling, or under a place."""
    if (query["dwelling"] is None) == (query["place"] is None):
        raise Invalid("which-claims", "请指明一户，或一个小区、楼栋。")
    found = services.claims_for_worker(
        identity(), dwelling_id=query["dwelling"], place_code=query["place"], now=clock.now()
    )
    return {"claims": found}


@blp.route("/<claim_id>/confirm", methods=["POST"])
@blp.arguments(WorkerConfirms)
@blp.response(200, WorkClaimAnswer)
def confirm(body: dict[str, Any], claim_id: str) -> services.WorkClaimView:
    """Confirm at the door: level 2."""
    return services.confirm_by_worker(
        identity(), claim_id, mark=body["mark"], seen=body["seen"], key=idempotency_key(), now=clock.now()
    )


@blp.route("/<claim_id>/refuse", methods=["POST"])
@blp.arguments(WorkerRefuses)
@blp.response(200, WorkClaimAnswer)
def refuse(body: dict[str, Any], claim_id: str) -> services.WorkClaimView:
    """Refuse; what the claim opened is closed."""
    return services.refuse(identity(), claim_id, reason=body["reason"], key=idempotency_key(), now=clock.now())
