"""Staff's API: propose a budget, publish it (another person), enter what is too much to go back."""

from typing import Any

from kernel.web import Api, acting, require_grant
from payments.contributions import schemas
from payments.contributions.services import budgeting, surplus
from payments.two_people_schemas import Agreement

blp = Api(
    "contributions_staff",
    __name__,
    guard=require_grant(budgeting.MANAGE),
    url_prefix="/api/v1",
    description="Budgets, their apportionment and what is too much; two people each time.",
)


@blp.route("/estates/<string:estate>/budgets", methods=["POST"])
@blp.arguments(schemas.BudgetProposal)
@blp.response(201, schemas.BudgetThing)
def propose(body: dict[str, Any], estate: str) -> dict[str, str]:
    """Propose a budget, or a new version of it; every dwelling's lines are computed and kept."""
    return {"id": budgeting.propose(estate, **body, **acting())}


@blp.route("/budgets/<string:budget>/decision", methods=["POST"])
@blp.arguments(Agreement)
@blp.response(200, schemas.BudgetThing)
def decide(body: dict[str, Any], budget: str) -> dict[str, str]:
    """Publish a proposed version, or withdraw it."""
    return {"id": budgeting.decide(budget, agree=body["agree"], **acting())}


@blp.route("/estates/<string:estate>/surplus-requests", methods=["POST"])
@blp.arguments(schemas.SurplusDeed)
@blp.response(201, schemas.SurplusOut)
def surplus_of_all(_body: dict[str, Any], estate: str) -> dict[str, int]:
    """Enter a request for everything that is too much in an estate; two others approve."""
    return {"requests": surplus.ask_for_all(estate, **acting())}
