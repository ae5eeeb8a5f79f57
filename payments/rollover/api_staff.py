"""Staff's API: ask the payers, remind once, end the question."""

from typing import Any

from kernel.web import Api, acting, require_grant
from payments.rollover import schemas, services

blp = Api(
    "rollover_staff",
    __name__,
    guard=require_grant(services.MANAGE),
    url_prefix="/api/v1",
    description="Asking payers whether their deposits stay for the next plan; no answer moves nothing.",
)


@blp.route("/estates/<string:estate>/rollover-questions", methods=["POST"])
@blp.arguments(schemas.RolloverAsked)
@blp.response(201, schemas.RolloverThing)
def ask(body: dict[str, Any], estate: str) -> dict[str, str]:
    """Ask the payers of an estate's deposits."""
    return {"id": services.ask(estate, **body, **acting())}


@blp.route("/rollover-questions/<string:question>/reminder", methods=["POST"])
@blp.arguments(schemas.RolloverDeed)
@blp.response(201, schemas.RolloverRemindedOut)
def remind(_body: dict[str, Any], question: str) -> dict[str, int]:
    """Tell those who said nothing once more."""
    return {"deposits": services.remind(question, **acting())}


@blp.route("/rollover-questions/<string:question>/closing", methods=["POST"])
@blp.arguments(schemas.RolloverDeed)
@blp.response(200, schemas.RolloverThing)
def close(_body: dict[str, Any], question: str) -> dict[str, str]:
    """End the question; who said nothing keeps everything as it is."""
    return {"id": services.close(question, **acting())}
