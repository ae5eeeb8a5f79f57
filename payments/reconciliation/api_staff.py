"""Staff's API: propose how a difference is settled, agree or send it back, sign the day."""

from typing import Any

from kernel.web import Api, acting, require_grant
from payments.reconciliation.schemas import DayClosing, DifferenceDecision, DifferenceProposal, ReconciledThing
from payments.reconciliation.services import deciding
from payments.rules.reconcile import Decision

blp = Api(
    "reconciliation_staff",
    __name__,
    guard=require_grant(deciding.MANAGE),
    url_prefix="/api/v1",
    description="Settling what differs between the ledger and the bills; two people each time.",
)


@blp.route("/bill-differences/<string:difference>/proposal", methods=["POST"])
@blp.arguments(DifferenceProposal)
@blp.response(200, ReconciledThing)
def propose(body: dict[str, Any], difference: str) -> dict[str, str]:
    """Propose how a difference is settled."""
    made = deciding.propose(
        difference, decision=Decision(body["decision"]), why=body["why"], estate=body["estate"], **acting()
    )
    return {"id": made}


@blp.route("/bill-differences/<string:difference>/decision", methods=["POST"])
@blp.arguments(DifferenceDecision)
@blp.response(200, ReconciledThing)
def decide(body: dict[str, Any], difference: str) -> dict[str, str]:
    """Agree to another person's proposal, or send it back."""
    made = deciding.decide(difference, agree=body["agree"], seen=body["seen"], **acting())
    return {"id": made}


@blp.route("/reconciled-days/<string:day>/closing", methods=["POST"])
@blp.arguments(DayClosing)
@blp.response(200, ReconciledThing)
def close(_body: dict[str, Any], day: str) -> dict[str, str]:
    """Sign a day on which nothing waits any more."""
    made = deciding.close_day(day, **acting())
    return {"id": made}
