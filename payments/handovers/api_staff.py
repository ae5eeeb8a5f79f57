"""Staff's API: enter that a payer left his deposit with the flat he sold, by a paper he signed."""

from typing import Any

from kernel.web import Api, acting, require_grant
from payments.handovers import services
from payments.handovers.schemas import DepositLeftOnPaper, DepositLeftOut

blp = Api(
    "handovers_staff",
    __name__,
    guard=require_grant(services.MANAGE),
    url_prefix="/api/v1",
    description="Deposits of flats that changed hands, left with them on paper.",
)


@blp.route("/estates/<string:estate>/handovers", methods=["POST"])
@blp.arguments(DepositLeftOnPaper)
@blp.response(201, DepositLeftOut)
def leave_for(body: dict[str, Any], estate: str) -> dict[str, str]:
    """Enter that the payer of a receipt leaves his deposit with the flat."""
    made = services.leave_for(estate, body["receipt_number"].strip(), paper=body["paper"].strip(), **acting())
    return {"id": made}
