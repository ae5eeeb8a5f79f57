"""What anybody may know of an estate's surveys."""

from typing import Any

from kernel.web import Api, open_to_all
from surveys.questionnaires.needs import services
from surveys.questionnaires.needs.schemas import PublicEstateAnswer

blp = Api(
    "survey_needs_public",
    __name__,
    guard=open_to_all,
    url_prefix="/api/v1/estates",
    description="What an estate asked for and what became of it",
)


@blp.route("/<estate>/surveys", methods=["GET"])
@blp.response(200, PublicEstateAnswer)
def estate_surveys(estate: str) -> Any:
    """An estate's surveys, what most households want, and what became of it. No small numbers, no names."""
    found = services.public_estate(estate)
    return {
        "estate": found.estate.code,
        "name": found.estate.name,
        "campaigns": found.campaigns,
        "menus": [
            {
                "campaign": campaign.public_id,
                "wishes": [{**wish.__dict__, "stand": stand} for wish, stand in lines],
            }
            for campaign, lines in found.menus
        ],
    }
