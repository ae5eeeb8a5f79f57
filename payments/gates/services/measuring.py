"""Measuring a collection: against what (one definition, wherever an average is shown), and how far it has come.

The average per household is the sum divided by all households of the *adopted base*; without one, of the register of
today. Where base and register differ, whoever shows the average shows both and why (``Measure.words``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import grants
from kernel.places.models import Place
from kernel.places.queries import households_by_estate, place_by_public_id
from payments import queries as payments
from payments.gates import queries
from payments.gates.models import GateBase
from payments.models import Collection
from payments.queries import totals
from payments.rules.disclosure import SEE
from payments.rules.gate import Condition, Standing, Wanted, base_words, measured, passed


@dataclass(frozen=True)
class Measure:
    """Against what a collection is measured. ``base``: the dated one, or None where the register counts;
    ``on_register``: the homes of today.
    """

    base: GateBase | None
    on_register: int
    wanted: Wanted

    @property
    def households(self) -> int:
        """All households an average is over."""
        return self.base.households if self.base else self.on_register

    @property
    def words(self) -> str:
        """Of which day the households are, and why they are not those of the register."""
        if self.base is None:
            return base_words(None, self.on_register, self.on_register, "")
        return base_words(self.base.as_of, self.base.households, self.on_register, self.base.why)


def measures_of(session: Session, collections: Sequence[Collection]) -> dict[int, Measure]:
    """Inner id of a collection -> what it is measured against; as many questions for a hundred as for one."""
    bases = queries.current_bases(session, [collection.id for collection in collections])
    homes = households_by_estate(session, [collection.estate_id for collection in collections])
    found = {}
    for collection in collections:
        base = bases.get(collection.id)
        wanted = Wanted(base.average_fen, base.target_fen, base.share_permille) if base else None
        on_register = homes.get(collection.estate_id, 0)
        found[collection.id] = Measure(base, on_register, wanted or Wanted(collection.average_fen))
    return found


@dataclass(frozen=True)
class BuildingGate:
    """One building against the same average."""

    building: str
    standing: Standing
    is_met: bool


@dataclass(frozen=True)
class Gate:
    """How far a collection has come now, exact to the fen: for whoever accounts for the money."""

    measure: Measure
    standing: Standing
    area_dm2: int
    conditions: list[Condition]
    buildings: list[BuildingGate]
    is_passed: bool

    @property
    def wanted(self) -> Wanted:
        """What is asked for."""
        return self.measure.wanted


def gate_of(session: Session, collection: Collection) -> Gate:
    """The gate of a collection and of each of its buildings."""
    measure = measures_of(session, [collection])[collection.id]
    base, wanted = measure.base, measure.wanted
    standing = replace(totals.estate_totals(session, collection.estate_id).standing, households=measure.households)
    homes = {str(name): int(many) for name, many in base.by_building.items()} if base else {}
    buildings = []
    for one in totals.building_sums(session, collection):
        stands = Standing(homes.get(one.building, one.dwellings), one.paid_households, one.paid_fen)
        buildings.append(BuildingGate(one.building, stands, stands.is_met(wanted.average_fen)))
    area = base.area_dm2 if base is not None and base.area_dm2 else queries.area_of(session, collection.estate_id)
    return Gate(measure, standing, area, measured(standing, wanted), buildings, passed(standing, wanted))


def gate_for(session: Session, estate: str, *, person_id: int | None, now: datetime) -> tuple[Place, Collection, Gate]:
    """The gate of an estate as the street and the community read it. Raises NotFound, NotAllowed."""
    place = place_by_public_id(session, estate)
    grants.require(session, person_id, SEE, place, now)
    collection = payments.collection_there(session, place.id)
    return place, collection, gate_of(session, collection)
