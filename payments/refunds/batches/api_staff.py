"""Staff's API of batches: compute, propose, agree or send back, try again what failed."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, acting, identity, require_grant
from payments.refunds.batches import schemas
from payments.refunds.batches.services import proposing
from payments.refunds.services.asking import MANAGE
from payments.rules.batch import BatchKind
from payments.rules.giving_back import Road
from payments.two_people_schemas import Agreement

blp = Api(
    "refund_batches_staff",
    __name__,
    guard=require_grant(MANAGE),
    url_prefix="/api/v1",
    description="Money of many households that goes back together; two people each time.",
)


@blp.route("/estates/<string:estate>/refund-batches", methods=["GET"])
@blp.arguments(schemas.RefundBatchQuery, location="query")
@blp.response(200, schemas.RefundBatchPreview)
def preview(query: dict[str, Any], estate: str) -> proposing.Preview:
    """What a batch would send back now."""
    return proposing.preview(
        reading(),
        estate,
        BatchKind(query["kind"]),
        query["total_fen"],
        person_id=identity().person_id,
        now=clock.now(),
    )


@blp.route("/estates/<string:estate>/refund-batches", methods=["POST"])
@blp.arguments(schemas.RefundBatchProposal)
@blp.response(201, schemas.RefundBatchThing)
def propose(body: dict[str, Any], estate: str) -> dict[str, str]:
    """Propose a batch as its preview showed it."""
    made = proposing.propose(
        estate,
        kind=BatchKind(body["kind"]),
        total_fen=body["total_fen"],
        seen=(body["payments"], body["sum_fen"]),
        why=body["why"].strip(),
        by_bank={payment: why.strip() for payment, why in body["by_bank"].items()},
        **acting(),
    )
    return {"id": made}


@blp.route("/refund-batches/<string:batch>/decision", methods=["POST"])
@blp.arguments(Agreement)
@blp.response(200, schemas.RefundBatchThing)
def decide(body: dict[str, Any], batch: str) -> dict[str, str]:
    """Agree to a batch, or send it back."""
    return {"id": proposing.decide(batch, agree=body["agree"], **acting())}


@blp.route("/refund-batches/<string:batch>/retries", methods=["POST"])
@blp.arguments(schemas.RefundBatchAgain)
@blp.response(202, schemas.RefundBatchThing)
def try_again(body: dict[str, Any], batch: str) -> dict[str, str]:
    """Have the payments that failed tried again, all or those of one road."""
    road = Road(body["road"]) if body["road"] else None
    return {"id": proposing.try_again(batch, road=road, **acting())}
