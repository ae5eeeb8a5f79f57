"""Settling which of a dwelling's sheets counts: community workers and the street, not who entered one of them."""

from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_grant
from surveys.questionnaires.standing.schemas import CasesAnswer, Settle, Settled
from surveys.questionnaires.standing.services import settling

blp = Api(
    "survey_cases",
    __name__,
    guard=require_grant(settling.SETTLE),
    url_prefix="/api/v1/staff",
    description="Questionnaire cases to settle",
)


@blp.route("/survey-cases", methods=["GET"])
@blp.response(200, CasesAnswer)
def waiting() -> Any:
    """The dwellings in one's places that wait, the longest waiting first (200 at most)."""
    return {"cases": settling.waiting(person_id=identity().person_id, now=clock.now())}


@blp.route("/campaigns/<campaign>/dwellings/<dwelling>/settlement", methods=["POST"])
@blp.arguments(Settle)
@blp.response(200, Settled)
def settle(body: dict[str, Any], campaign: str, dwelling: str) -> Any:
    """Settle all open cases of a dwelling with a reason; every sheet is kept, the household is told."""
    who = identity()
    done = settling.settle(
        campaign,
        dwelling,
        chosen=body["chosen"],
        reason=body["reason"],
        person_id=who.person_id,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )
    return {"dwelling": done}
