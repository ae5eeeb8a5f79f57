"""The workbook to fill in, and what each door bears in a version, for whoever checks it before it is published."""

from werkzeug.wrappers import Response

from kernel import audit, clock, grants
from kernel.database import reading
from kernel.errors import NotFound
from kernel.money import yuan_text
from kernel.places.queries import place_by_public_id
from kernel.web import Pages, files, identity, page, require_grant
from payments.budget_drafts import services
from payments.contributions import queries as budgets
from payments.contributions.models import BudgetState
from payments.contributions.services.showing import STATE_WORDS
from payments.models import Collection
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
    session, who, now = reading(), identity(), clock.now()
    estate = place_by_public_id(session, estate_id)
    grants.require(session, who.person_id, SEE, estate, now)
    budget = budgets.budget_by_public_id(session, budget_id)
    if session.get_one(Collection, budget.collection_id).estate_id != estate.id:
        raise NotFound("no-such-budget", "没有找到这一版分摊方案。")
    doors, word = services.shares_of(session, budget, estate), STATE_WORDS[BudgetState(budget.state)]
    audit.look(actor=who.actor, what="contributions", subject=f"place:{estate.code}", now=now)
    return page("payments/budget_shares.html", estate=estate, budget=budget, doors=doors, word=word, yuan=yuan_text)
