"""The page on which a household asks for a visit."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_day
from kernel.web import Pages, identity, page, require_resident
from portal.home_visits import rules
from portal.home_visits.services import asking
from portal.home_visits.words import day_choices, visit_words

blp = Pages("home_visit_pages", __name__, guard=require_resident, url_prefix="/d", template_folder="templates")


@blp.route("/<dwelling_id>/visit")
def visit(dwelling_id: str) -> Response:
    """Ask, or see and change what was asked. Another household's dwelling is not found."""
    now = clock.now()
    dwelling, found, mine = asking.standing(identity(), dwelling_id, now=now)
    return page(
        "home_visits/ask.html",
        dwelling=dwelling,
        visit=found,
        words=visit_words(found, china_day(now)) if found else None,
        mine=mine,
        days=day_choices(now),
        purposes=rules.PURPOSES,
        halves=rules.HALVES,
    )
