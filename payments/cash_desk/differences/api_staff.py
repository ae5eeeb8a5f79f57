"""Staff's API of differences of cash boxes: say what becomes of one, agree or send it back."""

from typing import Any

from kernel.web import Api, acting, require_grant
from payments.cash_desk.differences import services
from payments.cash_desk.differences.rules import CashDecision
from payments.cash_desk.differences.schemas import CashDifferenceProposal
from payments.cash_desk.rules import CHECK
from payments.cash_desk.schemas import CounterThing
from payments.two_people_schemas import AgreementAsSeen

blp = Api(
    "cash_differences",
    __name__,
    guard=require_grant(CHECK),
    url_prefix="/api/v1",
    description="What becomes of cash that was missing in a box, or too much (长短款); two people each time.",
)


@blp.route("/cash-differences/<string:difference>/proposal", methods=["POST"])
@blp.arguments(CashDifferenceProposal)
@blp.response(200, CounterThing)
def propose(body: dict[str, Any], difference: str) -> dict[str, str]:
    """Say what becomes of a difference."""
    made = services.propose(difference, decision=CashDecision(body["decision"]), why=body["why"].strip(), **acting())
    return {"id": made}


@blp.route("/cash-differences/<string:difference>/decision", methods=["POST"])
@blp.arguments(AgreementAsSeen)
@blp.response(200, CounterThing)
def decide(body: dict[str, Any], difference: str) -> dict[str, str]:
    """Agree to another person's proposal, or send it back."""
    return {"id": services.decide(difference, agree=body["agree"], seen=body["seen"], **acting())}
