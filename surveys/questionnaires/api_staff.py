"""What staff do with campaigns: set up, open, close, look at the counts."""

from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_grant
from surveys.questionnaires.schemas import (
    CampaignInfo,
    CloseCampaign,
    CreateCampaign,
    LiveResultsQuery,
    OpenCampaign,
    ResultsAnswer,
)
from surveys.questionnaires.services import campaigns, results
from surveys.questionnaires.services.campaigns import info

manage = Api(
    "questionnaires_manage",
    __name__,
    guard=require_grant("survey.manage"),
    url_prefix="/api/v1/staff/campaigns",
    description="Setting up, opening and closing campaigns",
)
look = Api(
    "questionnaires_look",
    __name__,
    guard=require_grant("survey.results"),
    url_prefix="/api/v1/staff/campaigns",
    description="Live counts of campaigns",
)


@manage.route("", methods=["POST"])
@manage.arguments(CreateCampaign)
@manage.response(201, CampaignInfo)
def create(body: dict[str, Any]) -> Any:
    """Set up a campaign of a questionnaire version in some places."""
    who = identity()
    made = campaigns.create(
        version=body["version"],
        title=body["title"],
        year=body["year"],
        place_codes=body["places"],
        opens_at=body["opens_at"],
        closes_at=body["closes_at"],
        person_id=who.person_id or 0,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )
    return info(made)


@manage.route("/<campaign>/open", methods=["POST"])
@manage.arguments(OpenCampaign)
@manage.response(200, CampaignInfo)
def open_now(body: dict[str, Any], campaign: str) -> Any:
    """Open a campaign now."""
    who = identity()
    campaigns.open_by_hand(
        campaign,
        person_id=who.person_id or 0,
        actor=who.actor,
        closes_at=body["closes_at"],
        key=idempotency_key(),
        now=clock.now(),
    )
    return info(campaign)


@manage.route("/<campaign>/close", methods=["POST"])
@manage.arguments(CloseCampaign)
@manage.response(200, CampaignInfo)
def close_now(body: dict[str, Any], campaign: str) -> Any:
    """Close a campaign now, with a reason. A closed campaign is never opened again."""
    who = identity()
    campaigns.close_by_hand(
        campaign,
        person_id=who.person_id or 0,
        actor=who.actor,
        reason=body["reason"],
        key=idempotency_key(),
        now=clock.now(),
    )
    return info(campaign)


@look.route("/<campaign>/results", methods=["GET"])
@look.arguments(LiveResultsQuery, location="query", as_kwargs=True)
@look.response(200, ResultsAnswer)
def live_results(campaign: str, estate: str, channel: str) -> Any:
    """Live counts of the estates one may see results of, by one channel or by all."""
    found = results.staff_results(campaign, estate, channel=channel, person_id=identity().person_id, now=clock.now())
    return {
        "campaign": found.campaign.public_id,
        "state": found.state,
        "waiting": found.waiting,
        "channels": found.channels,
        "estates": found.estates,
        "figures": found.figures,
    }
