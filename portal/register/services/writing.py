"""Writing a plan into the register, in the caller's transaction, many rows a statement."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import new_public_id
from kernel.encryption import vault
from kernel.people.models import Holding, Person, PersonKind
from kernel.people.services import end_tie, seal_person
from kernel.places.models import Dwelling, Place, PlaceKind
from kernel.places.rules import child_path, sort_key
from portal.register import queries
from portal.register.rules.plan import Key, PersonPlan, Plan
from portal.register.rules.rows import RosterDwelling

EVIDENCE = "roster"
_CHUNK = 1000


def write(
    session: Session,
    estate: Place,
    plan: Plan,
    *,
    actor: str,
    now: datetime,
    progress: Callable[[str, int, int], None] | None,
) -> None:
    """Write everything a plan says."""
    total = len(plan.new) + len(plan.changed)
    done = 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress("写入", done, max(total, 1))

    person_ids = _write_people(session, plan)
    buildings = _make_places(session, estate, plan.new)
    holdings: list[dict[str, Any]] = []
    made: list[tuple[str, RosterDwelling]] = []
    for part in _chunks(plan.new):
        made += zip(_insert_dwellings(session, estate, part, buildings), part, strict=True)
        tell(len(part))
    ids = queries.dwelling_ids(session, estate.id) if made else {}
    for public_id, dwelling in made:
        for key, relation in dict.fromkeys((holder.key, holder.relation) for holder in dwelling.holders):
            holdings.append(_holding(person_ids[key], ids[public_id], relation, now))
    holdings += _change_dwellings(session, plan, person_ids, actor=actor, now=now, tell=tell)
    for rows in _chunks(holdings):
        session.execute(sa.insert(Holding), list(rows))


def _write_people(session: Session, plan: Plan) -> dict[Key, int]:
    """Make the new persons, seal new numbers into known ones; every key's inner id."""
    ids = {key: person.id for key, person in plan.people.items() if person.id is not None}
    new = [(key, person) for key, person in plan.people.items() if person.id is None]
    for part in _chunks(new):
        rows = [_person_row(person) for _, person in part]
        session.execute(sa.insert(Person), rows)
        made = queries.person_ids(session, [row["public_id"] for row in rows])
        ids.update((key, made[row["public_id"]]) for (key, _), row in zip(part, rows, strict=True))
    for person in plan.people.values():
        if person.new_phone:
            row = session.get_one(Person, person.id)
            seal_person(row, name=person.name, phone=person.phone)
    session.flush()
    return ids


def _person_row(person: PersonPlan) -> dict[str, Any]:
    public_id = new_public_id()
    phone = person.phone
    return {
        "public_id": public_id,
        "kind": PersonKind.ORGANISATION if person.organisation else PersonKind.NATURAL,
        "name_sealed": vault().seal(person.name, context=f"person.name:{public_id}"),
        "phone_sealed": vault().seal(phone, context=f"person.phone:{public_id}") if phone else None,
        "phone_index": vault().blind_index("phone", phone) if phone else None,
    }


def _make_places(session: Session, estate: Place, new: Sequence[RosterDwelling]) -> dict[str, Place]:
    """The estate's buildings by name, those made that were missing, with their units."""
    buildings = queries.buildings_of(session, estate)
    units = queries.unit_codes_of(session, estate)
    storeys: dict[str, int] = {}
    for dwelling in new:
        storeys[dwelling.building] = max(storeys.get(dwelling.building, 1), dwelling.floor or 1)
    for name in sorted(storeys, key=sort_key):
        if name not in buildings:
            facts = {"floors": storeys[name]}
            buildings[name] = _place(session, estate, PlaceKind.BUILDING, _suffix(name), name, facts)
    session.flush()
    for building, unit in sorted({(dwelling.building, dwelling.unit) for dwelling in new if dwelling.unit}):
        if f"{buildings[building].code}-{unit}" not in units:
            _place(session, buildings[building], PlaceKind.UNIT, unit, f"{unit}单元", {})
    session.flush()
    return buildings


def _place(session: Session, parent: Place, kind: str, suffix: str, name: str, facts: dict[str, Any]) -> Place:
    code = f"{parent.code}-{suffix}"[:64]
    place = Place(
        public_id=new_public_id(),
        parent_id=parent.id,
        kind=kind,
        code=code,
        name=name,
        path=child_path(parent.path, code),
        facts=facts,
    )
    session.add(place)
    return place


def _suffix(building: str) -> str:
    """``3栋`` is ``taoyuan-beixiang-3``; a named building keeps its name."""
    short = building.removesuffix("栋")
    return short if re.fullmatch(r"[0-9A-Za-z]+", short) else building


def _insert_dwellings(
    session: Session, estate: Place, part: Sequence[RosterDwelling], buildings: dict[str, Place]
) -> list[str]:
    """Insert a few hundred dwellings; their public ids. No RETURNING: it costs psycopg half as much again."""
    rows = [
        {
            "public_id": new_public_id(),
            "estate_id": estate.id,
            "building_id": buildings[dwelling.building].id,
            "unit": dwelling.unit,
            "floor": dwelling.floor,
            "door": dwelling.door,
            "area_dm2": dwelling.area_dm2 or None,
            "use": dwelling.use,
            "label": dwelling.label,
            "sort_key": sort_key(dwelling.building, dwelling.unit, dwelling.door),
        }
        for dwelling in part
    ]
    session.execute(sa.insert(Dwelling), rows)
    return [str(row["public_id"]) for row in rows]


def _change_dwellings(
    session: Session,
    plan: Plan,
    person_ids: dict[Key, int],
    *,
    actor: str,
    now: datetime,
    tell: Callable[[int], None],
) -> list[dict[str, Any]]:
    """Write what changed of known dwellings; ended holdings take the ties with them that rested on them."""
    ended = [(holding, change.known) for change in plan.changed for holding in change.end]
    for holding, _ in ended:
        session.execute(sa.update(Holding).where(Holding.id == holding.id).values(held_until=now))
    still = {(person_ids[key], change.known.id) for change in plan.changed for key, _ in change.add}
    gone = {(holding.person_id, known.id) for holding, known in ended} - still
    for tie in queries.live_ties_of(session, gone) if gone else []:
        end_tie(session, tie, actor=actor, now=now)
    holdings = []
    for change in plan.changed:
        known = change.known
        if change.facts:
            values = {name: new for name, (_, new) in change.facts.items()}
            session.execute(sa.update(Dwelling).where(Dwelling.id == known.id).values(**values))
        holdings += [_holding(person_ids[key], known.id, relation, now) for key, relation in change.add]
        audit.record(
            session,
            actor=actor,
            action="dwelling.changed",
            subject=f"dwelling:{known.public_id}",
            now=now,
            payload={
                "facts": {name: list(pair) for name, pair in change.facts.items()},
                "holders_new": len(change.add),
                "holders_ended": len(change.end),
            },
        )
        tell(1)
    return holdings


def _holding(person_id: int, dwelling_id: int, relation: str, now: datetime) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "dwelling_id": dwelling_id,
        "kind": relation,
        "evidence": EVIDENCE,
        "held_from": now,
        "held_until": None,
    }


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for first in range(0, len(items), _CHUNK):
        yield items[first : first + _CHUNK]
