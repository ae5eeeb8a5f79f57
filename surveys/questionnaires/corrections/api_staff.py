"""Correcting the wording of a campaign that runs."""

from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_grant
from surveys.questionnaires.corrections import services
from surveys.questionnaires.corrections.schemas import Correct, CorrectionsAnswer, MappingAnswer, Remap

blp = Api(
    "survey_corrections",
    __name__,
    guard=require_grant("survey.manage"),
    url_prefix="/api/v1/staff/campaigns",
    description="Corrected wordings and their mappings",
)


@blp.route("/<campaign>/corrections", methods=["GET"])
@blp.response(200, CorrectionsAnswer)
def corrections(campaign: str) -> Any:
    """What was corrected, and which wording the campaign asks with now."""
    return services.history(campaign)


@blp.route("/<campaign>/corrections/proposed/<version>", methods=["GET"])
@blp.response(200, MappingAnswer)
def proposed(campaign: str, version: str) -> Any:
    """The mapping that equal codes suggest: to be looked over, changed and sent back."""
    return {"mapping": services.proposed(campaign, version)}


@blp.route("/<campaign>/corrections", methods=["POST"])
@blp.arguments(Correct)
@blp.response(201, CorrectionsAnswer)
def correct(body: dict[str, Any], campaign: str) -> Any:
    """Go on with another version. What the mapping leaves unsaid comes back by question code in ``fields``."""
    who = identity()
    services.correct(
        campaign,
        version=body["version"],
        mapping=body["mapping"],
        reason=body["reason"],
        person_id=who.person_id or 0,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )
    return services.history(campaign)


@blp.route("/<campaign>/corrections/mapping", methods=["GET"])
@blp.response(200, MappingAnswer)
def mapping(campaign: str) -> Any:
    """The mapping of the last correction as it counts now."""
    return {"mapping": services.last_mapping(campaign)}


@blp.route("/<campaign>/corrections/mapping", methods=["POST"])
@blp.arguments(Remap)
@blp.response(201, CorrectionsAnswer)
def remap(body: dict[str, Any], campaign: str) -> Any:
    """Replace that mapping by another; everything is counted again."""
    who = identity()
    services.remap(
        campaign,
        mapping=body["mapping"],
        reason=body["reason"],
        person_id=who.person_id or 0,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )
    return services.history(campaign)
