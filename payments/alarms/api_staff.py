"""Staff's API of alarms: say what was found, agree or send it back."""

from typing import Any

from kernel.web import Api, acting, require_grant
from payments.alarms.schemas import AlarmFound, AlarmThing
from payments.alarms.services import settling
from payments.rules.alarm import AlarmDecision
from payments.two_people_schemas import Agreement

blp = Api(
    "alarms_staff",
    __name__,
    guard=require_grant(settling.MANAGE),
    url_prefix="/api/v1",
    description="Alarms of money, settled with a reason; two people where money moved otherwise than it should.",
)


@blp.route("/payment-alarms/<string:alarm>/settlements", methods=["POST"])
@blp.arguments(AlarmFound)
@blp.response(201, AlarmThing)
def propose(body: dict[str, Any], alarm: str) -> dict[str, str]:
    """Say what was found about an alarm."""
    made = settling.propose(alarm, decision=AlarmDecision(body["decision"]), why=body["why"].strip(), **acting())
    return {"id": made}


@blp.route("/alarm-settlements/<string:settlement>/decision", methods=["POST"])
@blp.arguments(Agreement)
@blp.response(200, AlarmThing)
def decide(body: dict[str, Any], settlement: str) -> dict[str, str]:
    """Agree to what somebody found, or send it back."""
    made = settling.decide(settlement, agree=body["agree"], **acting())
    return {"id": made}
