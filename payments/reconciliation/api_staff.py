"""Staff's API: propose how a difference is settled, agree or send it back, sign the day."""

from typing import Any

from kernel.web import Api, acting, require_grant
from payments.reconciliation.schemas import DayClosing, DifferenceProposal, ReconciledThing
from payments.reconciliation.services import deciding, undoing
from payments.rules.reconcile import Decision
from payments.two_people_schemas import Agreement, AgreementAsSeen, WhySaid

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
@blp.arguments(AgreementAsSeen)
@blp.response(200, ReconciledThing)
def decide(body: dict[str, Any], difference: str) -> dict[str, str]:
    """Agree to another person's proposal, or send it back."""
    made = deciding.decide(difference, agree=body["agree"], seen=body["seen"], **acting())
    return {"id": made}


@blp.route("/bill-differences/<string:difference>/reversal-proposals", methods=["POST"])
@blp.arguments(WhySaid)
@blp.response(201, ReconciledThing)
def propose_reversal(body: dict[str, Any], difference: str) -> dict[str, str]:
    """Say that what was decided about a difference was wrong."""
    return {"id": undoing.propose(difference, why=body["why"].strip(), **acting())}


@blp.route("/difference-reversals/<string:reversal>/decision", methods=["POST"])
@blp.arguments(Agreement)
@blp.response(200, ReconciledThing)
def decide_reversal(body: dict[str, Any], reversal: str) -> dict[str, str]:
    """Agree that a decision is taken back, or send that back."""
    return {"id": undoing.decide(reversal, agree=body["agree"], **acting())}


@blp.route("/reconciled-days/<string:day>/closing", methods=["POST"])
@blp.arguments(DayClosing)
@blp.response(200, ReconciledThing)
def close(_body: dict[str, Any], day: str) -> dict[str, str]:
    """Sign a day on which nothing waits any more."""
    made = deciding.close_day(day, **acting())
    return {"id": made}
