"""The payer's API: pledge, begin to pay, ask where it stands."""

from typing import Any

from flask import request

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_resident
from payments.rules.attempt import How
from payments.schemas import BeginPayment, DepositPledge, DepositPledgedOut, DepositStatusOut, PaymentBegunOut
from payments.services import deposits, paying

blp = Api(
    "payments_resident",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1",
    description="A payer's own deposits (诚意金).",
)


@blp.route("/dwellings/<string:dwelling>/deposits", methods=["POST"])
@blp.arguments(DepositPledge)
@blp.response(201, DepositPledgedOut)
def pledge(body: dict[str, Any], dwelling: str) -> dict[str, str]:
    """DepositPledge a deposit for a dwelling, or change the amount of one not paid yet."""
    who = identity()
    made = deposits.pledge(
        dwelling,
        account_id=who.account_id,
        actor=who.actor,
        amount_fen=body["amount_fen"],
        terms_version=body["terms_version"],
        now=clock.now(),
        key=idempotency_key(),
    )
    return {"id": made}


@blp.route("/deposits/<string:deposit>/attempts", methods=["POST"])
@blp.arguments(BeginPayment)
@blp.response(201, PaymentBegunOut)
def begin(body: dict[str, Any], deposit: str) -> paying.Begun:
    """Begin to pay, or take up the payment already open; answers what the pay sheet is called with, or the page."""
    who, how = identity(), How(body["how"])
    # WeChat lets its page be opened only from the address the order names.
    way = paying.Way(how, request.remote_addr or "" if how is How.H5 else "")
    return paying.begin(
        deposit, account_id=who.account_id, actor=who.actor, now=clock.now(), way=way, key=idempotency_key()
    )


@blp.route("/deposits/<string:deposit>", methods=["GET"])
@blp.response(200, DepositStatusOut)
def status(deposit: str) -> deposits.Status:
    """Where a deposit stands. While a payment is open and nothing was heard of it, WeChat is asked."""
    return deposits.status(deposit, account_id=identity().account_id, now=clock.now())
