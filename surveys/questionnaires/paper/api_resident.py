"""What a household sees of a paper that is said to be its own, and that it says it is not."""

from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_resident
from surveys.questionnaires.paper.schemas import FormOnItsWay, FormRegistered, NoWords
from surveys.questionnaires.paper.services import contesting

blp = Api(
    "survey_papers_of_mine",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1/campaigns",
    description="A paper questionnaire of one's dwelling on its way",
)


@blp.route("/<campaign>/dwellings/<dwelling>/paper", methods=["GET"])
@blp.response(200, FormOnItsWay)
def on_its_way(campaign: str, dwelling: str) -> Any:
    """The paper that is being keyed for one's dwelling; ``paper`` is null when there is none. No answers."""
    return contesting.of_the_household(campaign, dwelling, account_id=identity().account_id) or {}


@blp.route("/<campaign>/dwellings/<dwelling>/papers/<paper>/objections", methods=["POST"])
@blp.arguments(NoWords)
@blp.response(201, FormRegistered)
def contest(body: dict[str, Any], campaign: str, dwelling: str, paper: str) -> Any:
    """Say, once, that the household handed in no such paper: it goes on only when somebody else has looked."""
    who = identity()
    told = contesting.contest(
        campaign,
        dwelling,
        paper,
        account_id=who.account_id,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )
    return {"paper": told}
