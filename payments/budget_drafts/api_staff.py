"""Staff's API: read a workbook, reckon a budget. Nothing is kept, so that sending twice is harmless."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, identity, require_grant
from kernel.web.rate_limits import limiter
from payments.budget_drafts import schemas, services, workbook
from payments.contributions.services.budgeting import MANAGE
from payments.rules.budget_text import CostText, ExemptionText

blp = Api(
    "budget_drafts",
    __name__,
    guard=require_grant(MANAGE),
    url_prefix="/api/v1",
    description="A budget as an office writes it: read from a workbook, reckoned door by door before it is proposed.",
)


@blp.route("/budget-files", methods=["POST"])
@limiter.limit("120 per hour")
@blp.arguments(schemas.DraftFile, location="files")
@blp.response(200, schemas.DraftTextOut)
def read_file(files: dict[str, Any]) -> dict[str, Any]:
    """What a filled-in workbook says."""
    costs, exemptions = workbook.read(files["file"].read())
    return {"costs": costs, "exemptions": exemptions}


@blp.route("/estates/<string:estate>/budget-drafts", methods=["POST"])
@blp.arguments(schemas.DraftBudget)
@blp.response(200, schemas.DraftOut)
def reckon(body: dict[str, Any], estate: str) -> services.Draft:
    """Reckon a budget door by door, beside the version that counts."""
    return services.reckon(
        estate,
        [CostText(**one) for one in body["costs"]],
        [ExemptionText(**one) for one in body["exemptions"]],
        body["borne_by"],
        session=reading(),
        person_id=identity().person_id,
        now=clock.now(),
    )
