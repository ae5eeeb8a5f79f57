"""What importing a roster would change: the roster against what the register knows. Importing it twice changes nothing.

Who is who: an organisation is its name; a person is name and number; someone whose number changed, or who has none, is
the one of that name who already holds the dwelling. A number the roster no longer shows is kept, for an empty cell
says nothing; a holder it no longer names has left.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.register.rules.rows import Holder, RosterDwelling

Place = tuple[str, str, str]
"""(building, unit, door)"""

Key = tuple[Any, ...]


@dataclass(frozen=True)
class KnownPerson:
    """A person of the register, opened."""

    id: int
    name: str
    phone: str | None
    organisation: bool


@dataclass(frozen=True)
class KnownHolding:
    """Who holds a dwelling today. ``from_roster``: by an earlier import, so that an import may end it."""

    id: int
    person_id: int
    relation: str
    from_roster: bool


@dataclass(frozen=True)
class KnownDwelling:
    """A dwelling of the register with its holdings of today."""

    id: int
    public_id: str
    place: Place
    label: str
    floor: int | None
    area_dm2: int | None
    use: str
    holdings: tuple[KnownHolding, ...]


@dataclass
class PersonPlan:
    """Someone the roster names. ``id`` is ``None`` for a new person; ``new_phone``: write ``phone`` into an old one."""

    name: str
    phone: str | None
    organisation: bool
    id: int | None = None
    new_phone: bool = False


@dataclass(frozen=True)
class DwellingChange:
    """A known dwelling the roster describes otherwise. ``facts``: name to (old, new); ``add``, ``end``: holdings."""

    known: KnownDwelling
    facts: dict[str, tuple[Any, Any]]
    add: list[tuple[Key, str]]
    end: list[KnownHolding]


@dataclass
class Plan:
    """Everything an import would write, and what it would leave."""

    people: dict[Key, PersonPlan] = field(default_factory=dict)
    new: list[RosterDwelling] = field(default_factory=list)
    changed: list[DwellingChange] = field(default_factory=list)
    unchanged: int = 0
    missing: list[str] = field(default_factory=list)
    """labels of known dwellings the roster does not name; left as they are"""

    @property
    def new_people(self) -> int:
        """Persons and organisations to make."""
        return sum(1 for person in self.people.values() if person.id is None)

    @property
    def changed_people(self) -> int:
        """Known persons who get another number."""
        return sum(1 for person in self.people.values() if person.new_phone)


def make_plan(roster: Sequence[RosterDwelling], known: Iterable[KnownDwelling], people: Sequence[KnownPerson]) -> Plan:
    """Compare. ``people``: all who hold something in the estate, and all in the city with a number of the roster."""
    by_place = {dwelling.place: dwelling for dwelling in known}
    plan = Plan(people=_who_is_who(roster, by_place, people))
    for dwelling in roster:
        before = by_place.pop(dwelling.place, None)
        if before is None:
            plan.new.append(dwelling)
            continue
        change = _change(dwelling, before, plan.people)
        if change.facts or change.add or change.end:
            plan.changed.append(change)
        else:
            plan.unchanged += 1
    plan.missing = sorted(dwelling.label for dwelling in by_place.values())
    return plan


def _who_is_who(
    roster: Sequence[RosterDwelling], by_place: Mapping[Place, KnownDwelling], people: Sequence[KnownPerson]
) -> dict[Key, PersonPlan]:
    by_id = {person.id: person for person in people}
    organisations = {person.name: person.id for person in people if person.organisation}
    by_number: dict[tuple[str, str | None], int] = {
        (person.name, person.phone): person.id for person in people if person.phone and not person.organisation
    }
    plans: dict[Key, PersonPlan] = {}
    places: dict[Key, list[Place]] = defaultdict(list)
    for dwelling in roster:
        for holder in dwelling.holders:
            places[holder.key].append(dwelling.place)
            person = plans.setdefault(holder.key, PersonPlan(holder.name, holder.phone, holder.organisation))
            person.phone = person.phone or holder.phone
    for person in plans.values():
        number = (person.name, person.phone)
        person.id = organisations.get(person.name) if person.organisation else by_number.get(number)
    taken: set[int | None] = {person.id for person in plans.values()}
    for key, person in plans.items():
        if person.id is None and not person.organisation:
            person.id = _by_dwelling(person.name, places[key], by_place, by_id, taken)
            taken.add(person.id)
    for person in plans.values():
        if person.id is not None and person.phone and person.id in by_id:
            person.new_phone = by_id[person.id].phone != person.phone
    return plans


def _by_dwelling(
    name: str,
    places: Sequence[Place],
    by_place: Mapping[Place, KnownDwelling],
    by_id: Mapping[int, KnownPerson],
    taken: set[int | None],
) -> int | None:
    """The one of that name who already holds one of the dwellings, unless another line of the roster is he."""
    for place in places:
        for holding in by_place[place].holdings if place in by_place else ():
            person = by_id.get(holding.person_id)
            if person is not None and person.name == name and not person.organisation and person.id not in taken:
                return person.id
    return None


def _change(dwelling: RosterDwelling, before: KnownDwelling, people: Mapping[Key, PersonPlan]) -> DwellingChange:
    facts: dict[str, tuple[Any, Any]] = {}
    if dwelling.floor is not None and dwelling.floor != before.floor:
        facts["floor"] = (before.floor, dwelling.floor)
    for name in ("area_dm2", "use"):
        old, new = getattr(before, name), getattr(dwelling, name)
        if old != new:
            facts[name] = (old, new)
    held = {(holding.person_id, holding.relation) for holding in before.holdings}
    wanted = _wanted(dwelling.holders)
    named = {(people[key].id, relation) for key, relation in wanted}
    add = [(key, relation) for key, relation in wanted if (people[key].id, relation) not in held]
    end = [
        holding
        for holding in before.holdings
        if holding.from_roster and (holding.person_id, holding.relation) not in named
    ]
    return DwellingChange(before, facts, add, end)


def _wanted(holders: Sequence[Holder]) -> list[tuple[Key, str]]:
    return list(dict.fromkeys((holder.key, holder.relation) for holder in holders))
