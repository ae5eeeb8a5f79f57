"""The page of alarms: what waits first, then what was settled and by whom."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.database import reading
from kernel.web import Pages, identity, page, require_grant
from payments.alarms.services import settling, showing
from payments.rules.alarm import DECISION_WORDS

blp = Pages(
    "alarms_pages",
    __name__,
    guard=require_grant(settling.MANAGE),
    url_prefix="/work/alarms",
    template_folder="../templates",
)


@blp.route("")
def alarms() -> Response:
    """Alarms to look at, and those settled."""
    who, now, session = identity(), clock.now(), reading()
    return page(
        "payments/alarms.html",
        waiting=showing.open_alarms(session, who.person_id, now=now),
        settled=showing.settled_alarms(session, who.person_id, now=now),
        decisions=[(one.value, word) for one, word in DECISION_WORDS.items()],
        china_text=china_text,
    )
