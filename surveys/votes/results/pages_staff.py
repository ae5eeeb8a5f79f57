"""The organiser's page of a result: answer objections, count again, say that it is final."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.database import reading
from kernel.web import Pages, page, require_grant
from surveys.votes import result_sheet, words
from surveys.votes.callers import staff
from surveys.votes.results import services
from surveys.votes.results.rules import DOUBT_WORDS, RULING_WORDS, STAGE_WORDS
from surveys.votes.services.preparing import MANAGE

blp = Pages(
    "vote_results_staff_pages",
    __name__,
    guard=require_grant(MANAGE),
    url_prefix="/work/votes",
    template_folder="../templates",
)


@blp.route("/<vote>/result")
def result(vote: str) -> Response:
    """One result and the next step; what objectors wrote is shown, and the look is on record."""
    now = clock.now()
    found, standing = services.managed_standing(vote, by=staff(), now=now)
    return page(
        "votes/results/staff.html",
        vote=found,
        standing=standing,
        sheet=result_sheet.sheet(reading(), found),
        over=now >= standing.ends_at,
        stages=STAGE_WORDS,
        doubts=DOUBT_WORDS,
        without_heads=result_sheet.WITHOUT_HEADS,
        rulings=RULING_WORDS,
        words=words,
    )
