"""Staff's API: say that an account stands as its statement does, sign it or send it back."""

from typing import Any

from kernel.web import Api, acting, require_grant
from payments.account_days import services
from payments.account_days.schemas import AccountDayProposal, AccountDayThing
from payments.two_people_schemas import AgreementAsSeen

blp = Api(
    "account_days_staff",
    __name__,
    guard=require_grant(services.MANAGE),
    url_prefix="/api/v1",
    description="The bank side of a day, signed by two people.",
)


@blp.route("/bank-accounts/<string:account>/days", methods=["POST"])
@blp.arguments(AccountDayProposal)
@blp.response(201, AccountDayThing)
def propose(body: dict[str, Any], account: str) -> dict[str, str]:
    """Say that an account stands as was read."""
    return {"id": services.propose(account, seen=body["seen"], why=body["why"].strip(), **acting())}


@blp.route("/account-days/<string:day>/decision", methods=["POST"])
@blp.arguments(AgreementAsSeen)
@blp.response(200, AccountDayThing)
def decide(body: dict[str, Any], day: str) -> dict[str, str]:
    """Sign it, or send it back."""
    return {"id": services.decide(day, agree=body["agree"], seen=body["seen"], **acting())}
