"""The API of payments out of the account: whoever signs, the street, the cashier; each guarded apart."""

from typing import Any

from kernel.web import Api, acting, identity, require_grant
from payments.spending import schemas, services

_ABOUT = "Payments out of an estate's account: asked, signed by two or three, executed, reversed."
signers = Api(
    "spending_signers", __name__, guard=require_grant(services.SIGN), url_prefix="/api/v1", description=_ABOUT
)
street = Api(
    "spending_street", __name__, guard=require_grant(services.APPROVE), url_prefix="/api/v1", description=_ABOUT
)
cashiers = Api(
    "spending_cashier", __name__, guard=require_grant(services.EXECUTE), url_prefix="/api/v1", description=_ABOUT
)


@signers.route("/estates/<string:estate>/spendings", methods=["POST"])
@signers.arguments(schemas.SpendingAsked)
@signers.response(201, schemas.SpendingThing)
def ask(body: dict[str, Any], estate: str) -> dict[str, str]:
    """Ask for a payment, with photos of its voucher."""
    return {"id": services.ask(estate, **body, account_id=identity().account_id, **acting())}


@signers.route("/spendings/<string:request>/cosignature", methods=["POST"])
@signers.arguments(schemas.SpendingDeed)
@signers.response(200, schemas.SpendingStanding)
def cosign(_body: dict[str, Any], request: str) -> dict[str, str]:
    """Co-sign, where three sign."""
    return {"state": services.cosign(request, **acting())}


@signers.route("/spendings/<string:request>/withdrawal", methods=["POST"])
@signers.arguments(schemas.SpendingDeed)
@signers.response(200, schemas.SpendingStanding)
def withdraw(_body: dict[str, Any], request: str) -> dict[str, str]:
    """Take back one's own request before the street has approved it."""
    return {"state": services.withdraw(request, **acting())}


@street.route("/spendings/<string:request>/approval", methods=["POST"])
@street.arguments(schemas.SpendingDeed)
@street.response(200, schemas.SpendingStanding)
def approve(_body: dict[str, Any], request: str) -> dict[str, str]:
    """The street approves."""
    return {"state": services.approve(request, **acting())}


@street.route("/spendings/<string:request>/refusal", methods=["POST"])
@street.arguments(schemas.SpendingWhy)
@street.response(200, schemas.SpendingStanding)
def refuse(body: dict[str, Any], request: str) -> dict[str, str]:
    """The street refuses what is not paid yet."""
    return {"state": services.refuse(request, why=body["why"], **acting())}


@street.route("/spendings/<string:request>/reversal", methods=["POST"])
@street.arguments(schemas.SpendingWhy)
@street.response(201, schemas.SpendingThing)
def propose_reversal(body: dict[str, Any], request: str) -> dict[str, str]:
    """Propose to reverse a payment."""
    return {"id": services.propose_reversal(request, why=body["why"], **acting())}


@street.route("/spendings/<string:request>/reversal/agreement", methods=["POST"])
@street.arguments(schemas.SpendingDeed)
@street.response(200, schemas.SpendingStanding)
def reverse(_body: dict[str, Any], request: str) -> dict[str, str]:
    """Another person agrees to the reversal."""
    return {"state": services.reverse(request, **acting())}


@street.route("/estates/<string:estate>/signatories", methods=["PUT"])
@street.arguments(schemas.SpendingSignatories)
@street.response(200, schemas.SpendingSettingOut)
def set_signatories(body: dict[str, Any], estate: str) -> dict[str, Any]:
    """Set how many sign: two or three; fewer than now only once another person of the street says the same."""
    holds = services.set_signatories(estate, body["signatories"], **acting())
    return {"signatories": holds, "wanted": holds != body["signatories"]}


@cashiers.route("/spendings/<string:request>/payment", methods=["POST"])
@cashiers.arguments(schemas.SpendingPaid)
@cashiers.response(200, schemas.SpendingStanding)
def mark_paid(body: dict[str, Any], request: str) -> dict[str, str]:
    """A cashier has executed it."""
    return {"state": services.mark_paid(request, bank_reference=body["bank_reference"].strip(), **acting())}
