"""The list of dwellings with sheets to settle, and one of them with its sheets side by side."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.database import reading
from kernel.web import Pages, identity, page, require_grant
from surveys.questionnaires.standing.services import reviewing, settling

blp = Pages(
    "survey_cases_pages",
    __name__,
    guard=require_grant(settling.SETTLE),
    url_prefix="/work/surveys/cases",
    template_folder="../templates",
)

SPEAKS = {"owner": "业主一方", "tenant": "租客一方"}


@blp.route("")
def waiting() -> Response:
    """What waits in my places."""
    rows = settling.waiting(person_id=identity().person_id, now=clock.now())
    return page("questionnaires/staff_cases.html", rows=rows, china_text=china_text)


@blp.route("/<campaign>/<dwelling>")
def case(campaign: str, dwelling: str) -> Response:
    """One dwelling: where its sheets differ, what the household objects, and which shall count."""
    who, now = identity(), clock.now()
    found = settling.case(campaign, dwelling, person_id=who.person_id, actor=who.actor, now=now)
    session = reading()
    sheets = [(sheet, reviewing.by_words(session, sheet.response, now), SPEAKS[sheet.speaks]) for sheet in found.sheets]
    return page(
        "questionnaires/staff_case.html",
        found=found,
        sheets=sheets,
        compared=[row for row in sheets if row[0].counts or row[0].waits],
        is_open=any(dispute.settled_at is None for dispute, _ in found.disputes),
        word_of=settling.word_of,
        china_text=china_text,
    )
