"""The workbook to fill in, and what each door bears in a version, for whoever checks it before it is published."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.database import reading
from kernel.money import yuan_text
from kernel.web import Pages, files, identity, page, require_grant
from payments.budget_drafts import services
from payments.contributions.models import BudgetState
from payments.contributions.services.showing import STATE_WORDS
from payments.rules.disclosure import SEE

blp = Pages(
    "budget_drafts_work",
    __name__,
    guard=require_grant(SEE),
    url_prefix="/work/contributions",
    template_folder="../templates",
)


@blp.route("/<estate_id>/template.xlsx")
def template(estate_id: str) -> Response:
    """The workbook of an estate to write a budget in."""
    name, data = services.template(reading(), estate_id, person_id=identity().person_id, now=clock.now())
    return files.saved(data, files.XLSX, name)


@blp.route("/<estate_id>/budgets/<budget_id>")
def shares(estate_id: str, budget_id: str) -> Response:
    """What each door bears in a version, with its formula and what it means beside the version before; on record."""
    who, now = identity(), clock.now()
    view = services.shares_for(reading(), estate_id, budget_id, person_id=who.person_id, actor=who.actor, now=now)
    word = STATE_WORDS[BudgetState(view.budget.state)]
    return page("payments/budget_shares.html", view=view, word=word, yuan=yuan_text)
