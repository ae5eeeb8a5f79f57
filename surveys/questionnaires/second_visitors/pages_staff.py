"""The page of visits: those I am asked about, and mine that wait for the other one's word."""

from collections.abc import Iterable

from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.web import Pages, identity, page, require_grant
from surveys.questionnaires.second_visitors.queries import ACCOMPANY
from surveys.questionnaires.second_visitors.services import answering
from surveys.questionnaires.second_visitors.services.answering import Waiting

blp = Pages(
    "second_visitor_pages",
    __name__,
    guard=require_grant(ACCOMPANY),
    url_prefix="/work/visits",
    template_folder="../templates",
)


@blp.route("")
def waiting() -> Response:
    """What waits."""
    person_id, now = identity().person_id, clock.now()
    return page(
        "questionnaires/visits_waiting.html",
        asked=answering.waiting_for(person_id=person_id, now=now),
        mine=_by_person(answering.mine(person_id=person_id, now=now)),
        china_text=china_text,
    )


def _by_person(visits: Iterable[Waiting]) -> list[tuple[str, list[Waiting]]]:
    """Visits by whom they wait for: (name, his visits), as he confirms a day's round at once; two may share a name."""
    found: dict[int | None, list[Waiting]] = {}
    for each in visits:
        found.setdefault(each.person_id, []).append(each)
    return [(his[0].name, his) for his in found.values()]
