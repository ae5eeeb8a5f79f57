"""The payer's API: leave a deposit with the flat that was sold."""

from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_resident
from payments.handovers import services
from payments.handovers.schemas import DepositLeft, DepositLeftOut

blp = Api(
    "handovers_resident",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1",
    description="A payer who sold his flat leaves his deposit with it.",
)


@blp.route("/deposits/<string:deposit>/handover", methods=["POST"])
@blp.arguments(DepositLeft)
@blp.response(200, DepositLeftOut)
def leave(_body: dict[str, Any], deposit: str) -> dict[str, str]:
    """Leave it: it may then become a contribution of the flat."""
    who = identity()
    made = services.leave(deposit, account_id=who.account_id, actor=who.actor, now=clock.now(), key=idempotency_key())
    return {"id": made}
