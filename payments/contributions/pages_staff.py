"""Staff's pages: estates, an estate's budget and how far its contributions have come, and the official sheet."""

from werkzeug.wrappers import Response

from kernel import audit, clock
from kernel.clock import china_text
from kernel.database import reading
from kernel.money import yuan_text
from kernel.web import Pages, files, identity, page, require_grant
from payments.contributions.services import showing
from payments.contributions.services.sheets import official
from payments.rules.apportion import METHODS, MethodName
from payments.rules.budget_text import HINTS
from payments.rules.disclosure import SEE

blp = Pages(
    "contributions_work",
    __name__,
    guard=require_grant(SEE),
    url_prefix="/work/contributions",
    template_folder="../templates",
)


@blp.route("")
def estates() -> Response:
    """The estates whose collections one manages or sees."""
    rows = showing.overview(reading(), identity().person_id, now=clock.now())
    return page("payments/contributions_estates.html", rows=rows)


@blp.route("/<estate_id>")
def estate(estate_id: str) -> Response:
    """An estate's budgets, and every door's standing; a look at the doors is on record."""
    who, now = identity(), clock.now()
    view = showing.staff_view(reading(), estate_id, person_id=who.person_id, now=now)
    if view.doors:
        audit.look(actor=who.actor, what="contributions", subject=f"place:{view.estate.code}", now=now)
    return page(
        "payments/contributions_estate.html",
        view=view,
        methods=[(METHODS[name].title, HINTS[name]) for name in _OFFERED],
        scopes=showing.scopes_of(reading(), view.estate) if view.may_manage else [],
        yuan=yuan_text,
        china_text=china_text,
    )


_OFFERED = sorted(METHODS, key=lambda name: name is not MethodName.AREA)
"""By area first: that is what the law takes where nothing else was agreed (民法典 §283)."""


@blp.route("/<estate_id>.xlsx")
def sheet(estate_id: str) -> Response:
    """The official sheet of an estate's contributions; each download is logged."""
    who = identity()
    name, data = official(estate_id, person_id=who.person_id, actor=who.actor, now=clock.now())
    return files.saved(data, files.XLSX, name)
