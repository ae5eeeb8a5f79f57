"""What households say of what was done, and beginning with last year's answers."""

from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_resident
from kernel.web.rate_limits import limiter
from surveys.questionnaires.needs import opening, services
from surveys.questionnaires.needs.schemas import CopiedAnswer, GiveMarks, MarksAnswer

blp = Api(
    "survey_effects",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1/campaigns",
    description="What became of what one asked for",
)


@blp.route("/<campaign>/effects/<dwelling>", methods=["POST"])
@limiter.limit("30 per minute")
@blp.arguments(GiveMarks)
@blp.response(201, MarksAnswer)
def give_marks(body: dict[str, Any], campaign: str, dwelling: str) -> Any:
    """Give 1 to 5 to each item that is being done or done in one's estate; once a household."""
    who = identity()
    marks = services.mark(
        campaign,
        dwelling,
        body["marks"],
        account_id=who.account_id,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )
    return {"marks": marks}


@blp.route("/<campaign>/drafts/<dwelling>/from-last-time", methods=["POST"])
@limiter.limit("30 per minute")
@blp.response(201, CopiedAnswer)
def from_last_time(campaign: str, dwelling: str) -> Any:
    """Begin one's draft with the household's last answers, as far as this questionnaire still takes them. Consent,
    signature, date and photos are always given anew. 409 when a draft has been begun already."""
    who = identity()
    number, answers = opening.begin(
        campaign,
        dwelling,
        account_id=who.account_id,
        person_id=who.person_id,
        key=idempotency_key(),
        now=clock.now(),
    )
    return {"number": number, "answers": answers}
