"""Mappings for next year's sheets, for those who manage surveys."""

from typing import Any

from kernel.web import Api, acting, require_grant
from surveys.questionnaires.corrections.schemas import MappingAnswer
from surveys.questionnaires.yearly_mappings import services
from surveys.questionnaires.yearly_mappings.rules import Decision
from surveys.questionnaires.yearly_mappings.schemas import DecideMapping, ProposedMapping, ProposeMapping

blp = Api(
    "survey_yearly_mappings",
    __name__,
    guard=require_grant("survey.manage"),
    url_prefix="/api/v1/staff/questionnaires",
    description="Mappings by which last year's answers begin this year's sheets",
)


@blp.route("/versions/<version>/mappings", methods=["POST"])
@blp.arguments(ProposeMapping)
@blp.response(201, ProposedMapping)
def propose(body: dict[str, Any], version: str) -> Any:
    """Propose which question of an older version is which of this one; it counts once another person agrees."""
    return services.propose(body["version"], version, mapping=body["mapping"], reason=body["reason"], **acting())


@blp.route("/mappings/<mapping>/decision", methods=["POST"])
@blp.arguments(DecideMapping)
@blp.response(200, ProposedMapping)
def decide(body: dict[str, Any], mapping: str) -> Any:
    """Agree, refuse, or withdraw one's own."""
    return services.decide(mapping, decision=Decision(body["decision"]), **acting())


@blp.route("/versions/<version>/mappings/proposed/<other>", methods=["GET"])
@blp.response(200, MappingAnswer)
def proposed(version: str, other: str) -> Any:
    """The mapping from another version to this one that counts, or that equal codes suggest."""
    return {"mapping": services.suggested(other, version)}
