"""The pages on which a household asks for a visit and sees what is kept of its visits."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_day
from kernel.web import Pages, identity, page, require_resident
from portal.home_visits import rules
from portal.home_visits.models import VisitState
from portal.home_visits.services import asking
from portal.home_visits.words import STATES, day_choices, visit_words

blp = Pages("home_visit_pages", __name__, guard=require_resident, template_folder="templates")


@blp.route("/d/<dwelling_id>/visit")
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


@blp.route("/me/visits")
def mine() -> Response:
    """All that is kept of one's own visits."""
    today = china_day(clock.now())
    found = [
        (visit_words(visit, today), STATES[VisitState(visit.state)], home)
        for visit, home in asking.kept_of_mine(identity())
    ]
    return page("home_visits/mine.html", found=found)
