"""What anybody may know of an estate's surveys."""

from collections.abc import Mapping
from typing import Any

from kernel.web import Api, open_to_all
from surveys.questionnaires.needs import menus
from surveys.questionnaires.needs.schemas import PublicEstateAnswer, PublicPlaceAnswer

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
    found = menus.public_estate(estate)
    return {
        "estate": found.estate.code,
        "name": found.estate.name,
        "campaigns": found.campaigns,
        "menus": [
            {
                "campaign": campaign.public_id,
                "wishes": [
                    {**wish.__dict__, "stand": stand, "marks": _marked(marks, wish.item)} for wish, stand in lines
                ],
            }
            for campaign, lines, marks in found.menus
        ],
    }


@blp.route("/wants/<place>", methods=["GET"])
@blp.response(200, PublicPlaceAnswer)
def place_wants(place: str) -> Any:
    """What the estates under a place want together, and in how many of them what became of it. Made of the estates'
    public figures alone."""
    found = menus.public_place(place)
    return {
        "place": found.place.code,
        "name": found.place.name,
        "years": [
            {
                "campaign": each.campaign.public_id,
                "year": each.campaign.year,
                "estates": each.estates,
                "wishes": each.wanted,
                "outcomes": [{"label": label, "estates": counts} for label, counts in each.done],
            }
            for each in found.years
        ],
    }


def _marked(marks: Mapping[str, tuple[int, int]], item: str) -> dict[str, int] | None:
    return {"households": marks[item][0], "sum": marks[item][1]} if item in marks else None
