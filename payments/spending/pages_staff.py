"""The pages of payments out of the account: for the group, the street and the cashier, each with his buttons."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.database import reading
from kernel.money import yuan_text
from kernel.web import Pages, identity, page, require_grant
from payments.spending import showing
from payments.spending.services import EXECUTE, SIGN

signers = Pages(
    "spending_work",
    __name__,
    guard=require_grant(SIGN),
    url_prefix="/work/spending",
    template_folder="../templates",
)
cashiers = Pages(
    "spending_cash",
    __name__,
    guard=require_grant(EXECUTE),
    url_prefix="/cash/spending",
    template_folder="../templates",
)


def _estates(base: str) -> Response:
    rows = showing.overview(reading(), identity().person_id, now=clock.now())
    return page("payments/spending_estates.html", rows=rows, base=base)


def _estate(estate_id: str, base: str) -> Response:
    view = showing.estate_view(reading(), estate_id, person_id=identity().person_id, now=clock.now())
    return page("payments/spending_estate.html", view=view, base=base, yuan=yuan_text, china_text=china_text)


@signers.route("")
def estates() -> Response:
    """The estates where one signs."""
    return _estates("/work/spending")


@signers.route("/<estate_id>")
def estate(estate_id: str) -> Response:
    """An estate's items and requests."""
    return _estate(estate_id, "/work/spending")


@cashiers.route("")
def cash_estates() -> Response:
    """The estates whose payments one executes."""
    return _estates("/cash/spending")


@cashiers.route("/<estate_id>")
def cash_estate(estate_id: str) -> Response:
    """What waits to be executed."""
    return _estate(estate_id, "/cash/spending")
