"""The payer's API: say whether a deposit stays for the next plan."""

from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_resident
from payments.rollover import services
from payments.rollover.schemas import RolloverAnswered, RolloverAnswerOut
from payments.rules.rollover import RolloverChoice

blp = Api(
    "rollover_resident",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1",
    description="A payer says whether his deposit stays for the next plan.",
)


@blp.route("/deposits/<string:deposit>/rollover", methods=["PUT"])
@blp.arguments(RolloverAnswered)
@blp.response(200, RolloverAnswerOut)
def answer(body: dict[str, Any], deposit: str) -> dict[str, str]:
    """Keep it, or ask it back in the same moment."""
    who = identity()
    made = services.answer(
        deposit,
        RolloverChoice(body["choice"]),
        account_id=who.account_id,
        actor=who.actor,
        now=clock.now(),
        key=idempotency_key(),
    )
    return {"choice": made}
