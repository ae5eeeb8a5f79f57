"""How far each door, building and estate is: in words, never in amounts or answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel.places.models import Dwelling, Place
from kernel.places.queries import dwellings_of_building, place_by_id
from payments.services.doors import paid_doors
from portal.claims.queries import dwellings_with_waiting_claims
from portal.work import queries
from portal.work.queries import Count
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.queries import answered_dwellings, current_campaign


@dataclass(frozen=True)
class Door:
    """One dwelling on a worker's list. ``answered`` is None while no questionnaire runs in the estate."""

    dwelling: Dwelling
    answered: bool | None
    paid: bool
    claim_waits: bool

    @property
    def open(self) -> bool:
        """Whether there is something for the worker to do at this door."""
        return self.answered is False or self.claim_waits


@dataclass(frozen=True)
class Standing:
    """What is known about an estate now: its questionnaire, and which dwellings answered, paid, wait for a worker."""

    campaign: Campaign | None
    answered: frozenset[int]
    paid: frozenset[int]
    waiting: frozenset[int]


def standing_of(session: Session, estate: Place, now: datetime) -> Standing:
    """Reads the three features once an estate, so that a list of 30 buildings costs the same as one door."""
    campaign = current_campaign(session, estate, now)
    return Standing(
        campaign,
        frozenset(answered_dwellings(session, campaign.id, estate.id)) if campaign else frozenset(),
        frozenset(paid_doors(session, estate.id)),
        frozenset(dwellings_with_waiting_claims(session, estate.id)),
    )


def counts_by_building(session: Session, estate: Place, standing: Standing) -> dict[int, Count]:
    """Building id -> how far it is."""
    homes: dict[int, list[int]] = {}
    for dwelling_id, building_id in queries.homes_of_estate(session, estate.id):
        homes.setdefault(building_id, []).append(dwelling_id)
    return {
        building_id: Count(len(ids), len(standing.answered.intersection(ids)), len(standing.paid.intersection(ids)))
        for building_id, ids in homes.items()
    }


def total(counts: Sequence[Count]) -> Count:
    """The sum of several buildings."""
    return Count(sum(c.homes for c in counts), sum(c.answered for c in counts), sum(c.paid for c in counts))


def door_of(dwelling: Dwelling, standing: Standing) -> Door:
    """One door as the estate's standing tells it."""
    return Door(
        dwelling,
        dwelling.id in standing.answered if standing.campaign else None,
        dwelling.id in standing.paid,
        dwelling.id in standing.waiting,
    )


def doors_of(session: Session, building: Place, standing: Standing) -> list[Door]:
    """All doors of a building in the order one walks them."""
    return [door_of(dwelling, standing) for dwelling in dwellings_of_building(session, building.id)]


def next_open(doors: Sequence[Door], dwelling_id: int) -> Door | None:
    """The next door with something to do after this one, going round to the first; None when this was the last."""
    here = next((index for index, door in enumerate(doors) if door.dwelling.id == dwelling_id), -1)
    around = [*doors[here + 1 :], *doors[: max(here, 0)]]
    return next((door for door in around if door.open), None)


def by_unit(doors: Sequence[Door]) -> list[tuple[str, list[Door]]]:
    """Doors grouped by unit, in order; "" where a building has no units."""
    groups: dict[str, list[Door]] = {}
    for door in doors:
        groups.setdefault(door.dwelling.unit, []).append(door)
    return list(groups.items())


def estate_of(session: Session, dwelling: Dwelling) -> Place:
    """The estate a dwelling belongs to."""
    return place_by_id(session, dwelling.estate_id)
