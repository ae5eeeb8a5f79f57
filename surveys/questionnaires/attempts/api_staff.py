"""What workers found at doors."""

from typing import Any

from marshmallow import fields, validate

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_grant
from kernel.web.schemas import Answer, Body, Moment, text
from surveys.questionnaires.attempts import services
from surveys.questionnaires.rules.rates import Outcome
from surveys.questionnaires.services.responses import ASSIST

blp = Api(
    "survey_attempts",
    __name__,
    guard=require_grant(ASSIST),
    url_prefix="/api/v1/staff",
    description="Tries at doors",
)


_OUTCOMES = validate.OneOf(list(Outcome), error="请选见到住户、没人、空置或不愿填。")


class RecordVisit(Body):
    """What was found at a door: met, not_home, vacant or refused."""

    dwelling = text(22, 22, required=True)
    outcome = fields.String(required=True, validate=_OUTCOMES)


class VisitAnswer(Answer):
    """A try at a door."""

    visit = fields.String(attribute="public_id")
    outcome = fields.String()
    at = Moment()


@blp.route("/campaigns/<campaign>/visits", methods=["POST"])
@blp.arguments(RecordVisit)
@blp.response(201, VisitAnswer)
def record(body: dict[str, Any], campaign: str) -> Any:
    """Write down what was found at a door. Vacant and unreachable homes stay in every total."""
    who = identity()
    return services.record(
        campaign,
        body["dwelling"],
        Outcome(body["outcome"]),
        account_id=who.account_id,
        person_id=who.person_id,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )
