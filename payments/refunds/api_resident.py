"""The payer's API: ask his deposit back, take the request back, see where it stands."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, identity, require_resident
from payments import queries as payments
from payments.refunds.schemas import RefundAsked, RefundDeed, RefundStatusOut, RefundThing
from payments.refunds.services import asking
from payments.refunds.services.showing import PayerView, payer_view
from payments.rules.giving_back import AskedReason

blp = Api(
    "refunds_resident",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1",
    description="A payer asks his own deposit back.",
)


@blp.route("/deposits/<string:deposit>/refund-requests", methods=["POST"])
@blp.arguments(RefundAsked)
@blp.response(201, RefundThing)
def ask(body: dict[str, Any], deposit: str) -> dict[str, str]:
    """Ask a deposit back, all that is left of it."""
    who = identity()
    made = asking.ask(
        deposit,
        account_id=who.account_id,
        actor=who.actor,
        reason=AskedReason(body["reason"]) if body["reason"] else None,
        now=clock.now(),
        key=idempotency_key(),
    )
    return {"id": made}


@blp.route("/deposits/<string:deposit>/refund-requests", methods=["GET"])
@blp.response(200, RefundStatusOut)
def status(deposit: str) -> PayerView:
    """Where the payer's request stands."""
    session = reading()
    return payer_view(session, payments.deposit_of_payer(session, deposit, identity().account_id))


@blp.route("/refund-requests/<string:request>/cancellation", methods=["POST"])
@blp.arguments(RefundDeed)
@blp.response(200, RefundThing)
def cancel(_body: dict[str, Any], request: str) -> dict[str, str]:
    """Take a request back while it is not approved."""
    who = identity()
    done = asking.cancel(request, account_id=who.account_id, actor=who.actor, now=clock.now(), key=idempotency_key())
    return {"id": done}
