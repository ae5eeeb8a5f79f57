"""Who of a building has not answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel import audit, grants
from kernel.database import reading
from kernel.errors import NotFound
from kernel.places.models import Dwelling, Place, PlaceKind
from kernel.places.queries import place_by_public_id
from surveys.questionnaires import queries as campaigns
from surveys.questionnaires.doors import queries
from surveys.questionnaires.models import Campaign

ASSIST = "response.assist"


@dataclass(frozen=True)
class DoorList:
    """The homes of a building that have not answered, of how many ``homes``."""

    campaign: Campaign
    estate: Place
    building: Place
    dwellings: Sequence[Dwelling]
    homes: int


def doors_not_answered(campaign: str, building: str, *, person_id: int | None, actor: str, now: datetime) -> DoorList:
    """Who of a building has not answered: for those who fill in at its doors, never for neighbours; each look is
    written down. Raises NotFound, NotAllowed."""
    session = reading()
    found = campaigns.campaign_by_public_id(session, campaign)
    place = place_by_public_id(session, building)
    estates = {estate.id: estate for estate in campaigns.estates_of(session, found.id)}
    if place.kind != PlaceKind.BUILDING or place.parent_id not in estates:
        raise NotFound("not-asked-here", "这次问卷不在这栋楼进行。")
    grants.require(session, person_id, ASSIST, place, now)
    listed = DoorList(
        found,
        estates[place.parent_id],
        place,
        queries.not_answered(session, found.id, place.id),
        queries.homes(session, place.id),
    )
    audit.look(
        actor=actor, what="doors_not_answered", subject=f"place:{place.code}", now=now, payload={"campaign": campaign}
    )
    return listed
