"""Who of a building has not answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel import audit, grants
from kernel.database import reading
from kernel.places.models import Dwelling, Place
from surveys.questionnaires.doors import queries
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.services.campaigns import building_asked
from surveys.questionnaires.services.responses import ASSIST


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
    found, estate, place = building_asked(session, campaign, building)
    grants.require(session, person_id, ASSIST, place, now)
    listed = DoorList(
        found,
        estate,
        place,
        queries.not_answered(session, found.id, place.id),
        queries.homes(session, place.id),
    )
    audit.look(
        actor=actor, what="doors_not_answered", subject=f"place:{place.code}", now=now, payload={"campaign": campaign}
    )
    return listed
