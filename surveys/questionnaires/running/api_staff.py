"""What the street does with a campaign while it runs."""

from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_grant
from surveys.questionnaires.running import services
from surveys.questionnaires.running.schemas import AddPlaces, MoveTimes, Remind, Reminded, RunAnswer
from surveys.questionnaires.schemas import CampaignInfo
from surveys.questionnaires.services.campaigns import info

blp = Api(
    "survey_running",
    __name__,
    guard=require_grant(services.MANAGE),
    url_prefix="/api/v1/staff/campaigns",
    description="A campaign while it runs",
)


@blp.route("/<campaign>/run", methods=["GET"])
@blp.response(200, RunAnswer)
def run(campaign: str) -> Any:
    """How many homes have not answered, estate by estate, and when they were reminded."""
    return services.run_of(campaign, person_id=identity().person_id, now=clock.now())


@blp.route("/<campaign>/times", methods=["PUT"])
@blp.arguments(MoveTimes)
@blp.response(200, CampaignInfo)
def move_times(body: dict[str, Any], campaign: str) -> Any:
    """Let a coming campaign open and close at other times, an open one end earlier or later; a time that has come is
    not taken back."""
    who = identity()
    services.move_times(
        campaign,
        opens_at=body["opens_at"],
        closes_at=body["closes_at"],
        reason=body["reason"],
        person_id=who.person_id or 0,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )
    return info(campaign)


@blp.route("/<campaign>/places", methods=["POST"])
@blp.arguments(AddPlaces)
@blp.response(200, CampaignInfo)
def add_places(body: dict[str, Any], campaign: str) -> Any:
    """Ask in more estates while a campaign runs."""
    who = identity()
    services.add_places(
        campaign,
        body["places"],
        person_id=who.person_id or 0,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )
    return info(campaign)


@blp.route("/<campaign>/reminders", methods=["POST"])
@blp.arguments(Remind)
@blp.response(201, Reminded)
def remind(body: dict[str, Any], campaign: str) -> Any:
    """Remind the households of an estate that have not answered; never more often than the deployment allows."""
    who = identity()
    number = services.remind(
        campaign,
        body["estate"],
        person_id=who.person_id or 0,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )
    return {"number": number}
