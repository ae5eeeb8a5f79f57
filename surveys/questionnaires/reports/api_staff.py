"""Asking for reports and looking at them."""

from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_grant
from surveys.questionnaires.reports.schemas import AskCrosstab, AskWords, ReportAnswer
from surveys.questionnaires.reports.services import asking

blp = Api(
    "survey_reports",
    __name__,
    guard=require_grant(asking.RESULTS),
    url_prefix="/api/v1/staff",
    description="Reports of a campaign's answers",
)
EVERYBODY = {"channel": "", "level": None, "let": None, "old": None, "building": ""}


@blp.route("/campaigns/<campaign>/reports/crosstabs", methods=["POST"])
@blp.arguments(AskCrosstab)
@blp.response(202, ReportAnswer)
def ask_crosstab(body: dict[str, Any], campaign: str) -> Any:
    """Ask for two questions against each other. It is made in the background and shared with whoever asks the same."""
    who = identity()
    return asking.ask(
        campaign,
        {
            "kind": "crosstab",
            "rows": body["rows"],
            "columns": body["columns"],
            "filters": {**EVERYBODY, **body["filters"]},
        },
        estate=body["estate"],
        person_id=who.person_id or 0,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )


@blp.route("/campaigns/<campaign>/reports/words", methods=["POST"])
@blp.arguments(AskWords)
@blp.response(202, ReportAnswer)
def ask_words(body: dict[str, Any], campaign: str) -> Any:
    """Ask for what people wrote, with a word in it; names, phones and doors are taken out."""
    who = identity()
    return asking.ask(
        campaign,
        {
            "kind": "words",
            "question": body["question"],
            "find": body["find"],
            "filters": {**EVERYBODY, **body["filters"]},
        },
        estate=body["estate"],
        person_id=who.person_id or 0,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )


@blp.route("/reports/<report>", methods=["GET"])
@blp.response(200, ReportAnswer)
def look(report: str) -> Any:
    """A report; each look at a finished one is written down."""
    who = identity()
    found, _ = asking.look(report, person_id=who.person_id, actor=who.actor, now=clock.now())
    return found
