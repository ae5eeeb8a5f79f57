"""One's own data in questionnaires."""

from typing import Any

from flask import Response

from kernel import clock
from kernel.web import Api, files, idempotency_key, identity, require_resident
from surveys.questionnaires.mine import services
from surveys.questionnaires.mine.schemas import ConsentWithdrawn, MyDataAnswer, WithdrawConsent

blp = Api(
    "my_survey_data",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1/my",
    description="One's own data in questionnaires",
)


@blp.route("/survey-data", methods=["GET"])
@blp.response(200, MyDataAnswer)
def export() -> Response:
    """Everything kept of one in questionnaires, to take along. That it was taken is written down."""
    who = identity()
    data = services.export(account_id=who.account_id, actor=who.actor, now=clock.now())
    return files.saved_json(data, "my-survey-data.json")


@blp.route("/survey-consents/withdrawals", methods=["POST"])
@blp.arguments(WithdrawConsent)
@blp.response(200, ConsentWithdrawn)
def withdraw(body: dict[str, Any]) -> Any:
    """Take back a consent; from now on every figure, file and page goes by it."""
    who = identity()
    standing = services.withdraw(
        body["response"],
        body["question"],
        body["item"],
        account_id=who.account_id,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )
    return {"standing": standing}
