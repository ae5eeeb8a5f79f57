"""The payer's proof that the published books hold his payment."""

from typing import Any

from kernel.database import reading
from kernel.web import Api, identity, require_resident
from payments import queries as money
from payments.publications import services
from payments.publications.schemas import InclusionsOut

blp = Api(
    "publications_resident",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1",
    description="A payer's own rows in the published books.",
)


@blp.route("/deposits/<string:deposit>/inclusions", methods=["GET"])
@blp.response(200, InclusionsOut)
def inclusions(deposit: str) -> dict[str, Any]:
    """Where the payer's own deposit stands in the published books, each with its proof."""
    session = reading()
    own = money.deposit_of_payer(session, deposit, identity().account_id)
    return {"inclusions": services.inclusions(session, own.id)}
