"""What a household sees and says of the sheets filled in for it."""

from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_resident
from surveys.questionnaires.rules.standing import Opinion
from surveys.questionnaires.services import responses
from surveys.questionnaires.standing.schemas import HistoryAnswer, Said, SayOpinion
from surveys.questionnaires.standing.services import reviewing

blp = Api(
    "survey_standing",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1/campaigns",
    description="Which response counts, and what a household says of it",
)


@blp.route("/<campaign>/dwellings/<dwelling>/responses", methods=["GET"])
@blp.response(200, HistoryAnswer)
def history(campaign: str, dwelling: str) -> Any:
    """All sheets of a dwelling and which counts; for its household and its worker. No answers."""
    who, now = identity(), clock.now()
    found = responses.standing(campaign, dwelling, account_id=who.account_id, person_id=who.person_id, now=now)
    by_worker = found.relation == responses.WORKER
    return reviewing.history(found.asked, account_id=who.account_id, by_worker=by_worker, now=now)


@blp.route("/<campaign>/dwellings/<dwelling>/responses/<response>/reviews", methods=["POST"])
@blp.arguments(SayOpinion)
@blp.response(201, Said)
def say(body: dict[str, Any], campaign: str, dwelling: str, response: str) -> Any:
    """Confirm or contest what others filled in for the dwelling, within the days for it; said once."""
    who = identity()
    told = reviewing.say(
        campaign,
        dwelling,
        response,
        opinion=Opinion(body["opinion"]),
        text=body["text"],
        account_id=who.account_id,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )
    return {"response": told}
