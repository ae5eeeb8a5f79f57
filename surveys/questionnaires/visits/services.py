"""What a worker takes along to a building. Sheets come back through the same submission as everybody's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel import grants
from kernel.database import reading
from kernel.places.models import Dwelling, DwellingUse, Place
from kernel.places.queries import dwellings_of_building
from surveys.questionnaires import queries
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.rules import lifecycle
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.lifecycle import Channel, State
from surveys.questionnaires.second_visitors.services import asking
from surveys.questionnaires.second_visitors.services.asking import Candidate
from surveys.questionnaires.services.campaigns import building_asked
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.services.responses import ASSIST, facts_of


@dataclass(frozen=True)
class Stop:
    """A door of the building: whether it has a response that counts, and what the register knows for conditions."""

    dwelling: Dwelling
    answered: bool
    facts: dict[str, Any]


@dataclass(frozen=True)
class Pack:
    """A building's homes with the questionnaire that is asked there. ``version``: its public id; ``companions``: who
    may be chosen as second visitor. ``closed``: nothing more is filled in; what a phone still holds is looked after."""

    campaign: Campaign
    version: str
    form: Form
    estate: Place
    building: Place
    companions: Sequence[Candidate]
    stops: Sequence[Stop]
    closed: bool


def pack_of(campaign: str, building: str, *, person_id: int | None, now: datetime) -> Pack:
    """What the visit pack of a building holds.

    Raises NotFound (no such campaign or building, not asked there), NotAllowed without response.assist at the building,
    Conflict (not open yet).
    """
    session = reading()
    found, estate, house = building_asked(session, campaign, building)
    grants.require(session, person_id, ASSIST, house, now)
    state = State(found.state)
    if state == State.DRAFT:
        lifecycle.must_take_answers(state, found.closes_at, now)
    answered = queries.answered_dwellings(session, found.id, estate.id)
    return Pack(
        campaign=found,
        version=queries.version_by_id(session, found.version_id).public_id,
        form=form_of(session, found.version_id),
        estate=estate,
        building=house,
        companions=asking.candidates(session, [house], but=person_id, now=now),
        stops=[
            Stop(
                dwelling,
                dwelling.id in answered,
                facts_of(dwelling.floor, house.facts, estate.facts, Channel.WORKER_VISIT),
            )
            for dwelling in dwellings_of_building(session, house.id)
            if dwelling.use == DwellingUse.HOME
        ],
        closed=not lifecycle.takes_answers(state, found.closes_at, now),
    )
