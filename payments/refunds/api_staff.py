"""Staff's API: enter, approve (two people), refuse, transfer by bank, convert. A cashier has an endpoint of his own."""

from typing import Any

from kernel import clock, grants
from kernel.database import reading
from kernel.places.queries import place_by_public_id
from kernel.web import Api, acting, identity, require_grant
from payments import queries as payments
from payments.refunds import schemas
from payments.refunds.services import approving, asking, converting, transferring
from payments.rules.giving_back import AskedReason
from payments.two_people_schemas import Agreement

blp = Api(
    "refunds_staff",
    __name__,
    guard=require_grant(asking.MANAGE),
    url_prefix="/api/v1",
    description="Giving deposits back and converting them; two people each time.",
)
cashiers = Api(
    "refunds_cashier",
    __name__,
    guard=require_grant(transferring.CASH),
    url_prefix="/api/v1",
    description="A cashier executes refunds by bank transfer.",
)


@blp.route("/estates/<string:estate>/refund-requests", methods=["POST"])
@blp.arguments(schemas.RefundEntered)
@blp.response(201, schemas.RefundThing)
def enter(body: dict[str, Any], estate: str) -> dict[str, str]:
    """Enter a request for a payer who shows his receipt."""
    reason = AskedReason(body["reason"]) if body["reason"] else None
    return {"id": asking.ask_for(estate, body["receipt_number"].strip(), reason=reason, **acting())}


@blp.route("/refund-requests/<string:request>/approval", methods=["POST"])
@blp.arguments(schemas.RefundDeed)
@blp.response(200, schemas.RefundStanding)
def approve(_body: dict[str, Any], request: str) -> dict[str, str]:
    """Approve a request: the first person, then another."""
    return {"state": approving.approve(request, **acting())}


@blp.route("/refund-requests/<string:request>/refusal", methods=["POST"])
@blp.arguments(schemas.RefundRefusal)
@blp.response(200, schemas.RefundStanding)
def refuse(body: dict[str, Any], request: str) -> dict[str, str]:
    """Refuse a request, with a reason the payer reads."""
    return {"state": approving.refuse(request, why=body["why"], **acting())}


@blp.route("/refund-approvals", methods=["POST"])
@blp.arguments(schemas.RefundApprovals)
@blp.response(200, schemas.RefundApprovalsOut)
def approve_many(body: dict[str, Any]) -> dict[str, Any]:
    """Approve what a preview showed; what cannot be done is named, the rest is done."""
    done = approving.approve_many(body["requests"], total_fen=body["total_fen"], **acting())
    failed = [{"id": request, "detail": detail} for request, detail in done.failed]
    return {"checked": done.checked, "released": done.released, "failed": failed}


@blp.route("/refund-requests/<string:request>/payee", methods=["POST"])
@blp.arguments(schemas.RefundPayee)
@blp.response(200, schemas.RefundStanding)
def payee(body: dict[str, Any], request: str) -> dict[str, str]:
    """Enter whose bank account a transfer goes to."""
    return {"state": transferring.enter_payee(request, transferring.Payee(**body), **acting())}


@blp.route("/refund-requests/<string:request>/confirmation", methods=["POST"])
@blp.arguments(schemas.RefundConfirmation)
@blp.response(200, schemas.RefundStanding)
def confirm(body: dict[str, Any], request: str) -> dict[str, str]:
    """Confirm that a transfer arrived, or that it came back."""
    return {"state": transferring.confirm(request, arrived_there=body["arrived"], **acting())}


@cashiers.route("/refund-requests/<string:request>/transfer", methods=["POST"])
@cashiers.arguments(schemas.RefundTransfer)
@cashiers.response(200, schemas.RefundStanding)
def execute(body: dict[str, Any], request: str) -> dict[str, str]:
    """Note a transfer that was made, with its voucher."""
    return {"state": transferring.execute(request, voucher_no=body["voucher_no"].strip(), **acting())}


@blp.route("/estates/<string:estate>/conversions", methods=["GET"])
@blp.arguments(schemas.ConversionPreviewQuery, location="query")
@blp.response(200, schemas.ConversionPreviewOut)
def preview(query: dict[str, Any], estate: str) -> converting.Preview:
    """What converting an estate's deposits would do now."""
    session, who = reading(), identity()
    place = place_by_public_id(session, estate)
    grants.require(session, who.person_id, asking.MANAGE, place, clock.now())
    collection = payments.collection_there(session, place.id)
    return converting.preview(session, collection, query["due_fen"])


@blp.route("/estates/<string:estate>/conversions", methods=["POST"])
@blp.arguments(schemas.ConversionProposal)
@blp.response(201, schemas.RefundThing)
def propose(body: dict[str, Any], estate: str) -> dict[str, str]:
    """Propose to convert an estate's deposits into contributions."""
    made = converting.propose(
        estate,
        basis=body["basis"].strip(),
        due_fen=body["due_fen"],
        total_fen=body["total_fen"],
        **acting(),
    )
    return {"id": made}


@blp.route("/conversions/<string:batch>/decision", methods=["POST"])
@blp.arguments(Agreement)
@blp.response(200, schemas.RefundThing)
def decide(body: dict[str, Any], batch: str) -> dict[str, str]:
    """Agree to another person's proposal, or withdraw it."""
    return {"id": converting.decide(batch, agree=body["agree"], **acting())}
