"""The doors still to visit, for the worker."""

from typing import Any

from kernel import clock
from kernel.web import Api, identity, require_grant
from surveys.questionnaires.doors import services
from surveys.questionnaires.doors.schemas import BuildingQuery, DoorsAnswer
from surveys.questionnaires.services.responses import ASSIST

blp = Api(
    "survey_doors",
    __name__,
    guard=require_grant(ASSIST),
    url_prefix="/api/v1/staff",
    description="Doors that have not answered",
)


@blp.route("/campaigns/<campaign>/doors-not-answered", methods=["GET"])
@blp.arguments(BuildingQuery, location="query", as_kwargs=True)
@blp.response(200, DoorsAnswer)
def doors_not_answered(campaign: str, building: str) -> Any:
    """The homes of a building that have not answered, for its worker; each look is written down."""
    who = identity()
    found = services.doors_not_answered(campaign, building, person_id=who.person_id, actor=who.actor, now=clock.now())
    return {"building": found.building.name, "homes": found.homes, "doors": found.dwellings}
