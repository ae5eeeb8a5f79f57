"""How far each door, building and estate is: in words, never in amounts or answers."""

from collections.abc import Mapping, Sequence
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
from surveys.questionnaires.queries import answered_in_estates, current_campaigns


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
    """What is known about an estate now: its questionnaire, and which dwellings answered, paid, wait for a worker
    (those of other estates may be among them).
    """

    campaign: Campaign | None
    answered: frozenset[int]
    paid: frozenset[int]
    waiting: frozenset[int]


def standing_of(session: Session, estate: Place, now: datetime) -> Standing:
    """What is known about one estate."""
    return standings_of(session, [estate], now)[estate.id]


def standings_of(session: Session, estates: Sequence[Place], now: datetime) -> dict[int, Standing]:
    """The same of several, by their inner ids, in as many questions as for one: each of the three features is read
    once, so that a list of 30 estates or buildings costs what one door costs.
    """
    ids = [estate.id for estate in estates]
    campaigns = current_campaigns(session, ids, now)
    answered = answered_in_estates(session, {each.id for each in campaigns.values()}, ids)
    paid, waiting = frozenset(paid_doors(session, ids)), frozenset(dwellings_with_waiting_claims(session, ids))
    return {
        estate_id: Standing(
            campaign := campaigns.get(estate_id),
            frozenset(answered[campaign.id]) if campaign else frozenset(),
            paid,
            waiting,
        )
        for estate_id in ids
    }


def counts_by_building(session: Session, standings: Mapping[int, Standing]) -> dict[int, Count]:
    """Building id -> how far it is, for the buildings with homes of the estates whose standing is given."""
    homes: dict[tuple[int, int], list[int]] = {}
    for dwelling_id, building_id, estate_id in queries.homes_of_estates(session, list(standings)):
        homes.setdefault((estate_id, building_id), []).append(dwelling_id)
    return {
        building_id: Count(
            len(ids),
            len(standings[estate_id].answered.intersection(ids)),
            len(standings[estate_id].paid.intersection(ids)),
        )
        for (estate_id, building_id), ids in homes.items()
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
