"""The page of what waits at the bank accounts in one's charge. It shows names: every look is on record."""

from werkzeug.wrappers import Response

from kernel import audit, clock
from kernel.database import end_reading, reading
from kernel.web import Pages, identity, page, require_grant
from payments.rules.bank_line import LINE_WORDS, OFFERED
from payments.statements import showing
from payments.statements.services.deciding import MANAGE

blp = Pages(
    "statements_pages",
    __name__,
    guard=require_grant(MANAGE),
    url_prefix="/work/statements",
    template_folder="../templates",
)


@blp.route("")
def accounts() -> Response:
    """Each account with the lines that wait."""
    who, now = identity(), clock.now()
    views = showing.account_views(reading(), who.person_id, now=now)
    end_reading()
    if any(view.lines for view in views):
        ids = ",".join(view.account.public_id for view in views)
        audit.look(actor=who.actor, what="statements", subject=f"bank_account:{ids}"[:200], now=now)
    decisions = [(one.value, LINE_WORDS[one]) for one in OFFERED]
    return page("payments/statements.html", views=views, decisions=decisions)
