"""The page of a worker's doors of today."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_day
from kernel.web import Pages, identity, page, require_grant
from portal.home_visits import rules
from portal.home_visits.services import going
from portal.home_visits.words import day_choices, visit_words

blp = Pages(
    "work_today",
    __name__,
    guard=require_grant(going.ACTION),
    url_prefix="/work/today",
    template_folder="templates",
)


@blp.route("")
def today() -> Response:
    """Doors, what for, which half of the day: no name, no amount. The look is written down."""
    now = clock.now()
    day = china_day(now)
    found = going.today(identity(), now=now)
    return page(
        "home_visits/today.html",
        walks=found.walks,
        later=[(rules.day_text(each, day), count) for each, count in found.later],
        words=lambda visit: visit_words(visit, day),
        days=day_choices(now, after_today=True),
        halves=rules.HALVES,
    )
