"""Who lives in the demo city, and the accounts that play the roles. Every name and number is invented."""

import json
import random
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import grants
from kernel.database import new_public_id, reading, transaction, use_case
from kernel.people import queries as people_queries
from kernel.people import services as people
from kernel.people.models import Holding, HoldingKind, Person, PersonKind
from kernel.places import queries as places
from kernel.places.models import DoorCode, Dwelling
from kernel.places.rules import CODE_LENGTH, CROCKFORD
from portal.demo import Demo
from portal.demo.city import estates_with_dwellings
from portal.demo.names import GIVEN_NAMES, SURNAMES
from portal.demo.personas import ELDER, PERSONAS, TAOYUAN, Persona

BY = "demo"
FACTORY_FLATS = {"zhibuchang-xiqu": 12}
"""Flats an owning organisation still holds."""
LANDLORD_FLATS = {"hechenganchang": 3}
"""Flats that belong to one and the same person."""


def households(demo: Demo) -> str:
    """An owner for every dwelling (some with a co-owner or a tenant), and a door code."""
    made = sum(_people_of(demo, estate.code, number) for number, (estate, _) in enumerate(estates_with_dwellings(demo)))
    return f"名册：{made} 位业主、共有人和租户"


@use_case
def _people_of(demo: Demo, code: str, number: int) -> int:
    chance = demo.random(f"people:{code}")
    with transaction() as session:
        estate = places.place_by_code(session, code)
        dwellings = places.dwellings_of_estate(session, estate.id)
        fixed = _owners_of_the_story() if code == TAOYUAN else {}
        holdings: list[tuple[Person, Dwelling, str]] = []
        shared: Person | None = None
        for count, dwelling in enumerate(dwellings):
            if count < FACTORY_FLATS.get(code, 0):
                shared = shared or _person(session, "市第二织布厂", "07518880001", PersonKind.ORGANISATION)
                holdings.append((shared, dwelling, HoldingKind.ORGANISATION))
                holdings.append((_someone(session, chance, number, count), dwelling, HoldingKind.TENANT))
                continue
            if count < LANDLORD_FLATS.get(code, 0):
                shared = shared or _someone(session, chance, number, count)
                owner = shared
            elif dwelling.label in fixed:
                owner = _person(session, *fixed[dwelling.label])
            else:
                owner = _someone(session, chance, number, count)
            holdings.append((owner, dwelling, HoldingKind.OWNER))
            if dwelling.label not in fixed and chance.random() < 0.15:
                second = HoldingKind.CO_OWNER if chance.random() < 0.6 else HoldingKind.TENANT
                holdings.append((_someone(session, chance, number, 5_000 + count), dwelling, second))
        session.flush()
        since = demo.ago(400)
        session.execute(
            sa.insert(Holding),
            [
                {
                    "person_id": person.id,
                    "dwelling_id": dwelling.id,
                    "kind": kind,
                    "evidence": "roster",
                    "held_from": since,
                }
                for person, dwelling, kind in holdings
            ],
        )
        session.execute(
            sa.insert(DoorCode),
            [
                {"code": _door_code(chance), "dwelling_id": dwelling.id, "issued_at": demo.ago(60)}
                for dwelling in dwellings
            ],
        )
        return len({person.id for person, _, _ in holdings})


def _owners_of_the_story() -> dict[str, tuple[str, str | None]]:
    owners: dict[str, tuple[str, str | None]] = {each.owns: (each.name, each.phone) for each in PERSONAS if each.owns}
    return {**owners, ELDER[0]: (ELDER[1], None)}


def _someone(session: Session, chance: random.Random, estate: int, count: int) -> Person:
    name = chance.choice(SURNAMES) + chance.choice(GIVEN_NAMES)
    phone = None if chance.random() < 0.06 else f"1{390_1000000 + estate * 10_000 + count}"
    return _person(session, name, phone)


def _person(session: Session, name: str, phone: str | None, kind: str = PersonKind.NATURAL) -> Person:
    # As people.add_person, without a round trip each: a big demo has fourteen thousand.
    person = Person(public_id=new_public_id(), kind=kind)
    people.seal_person(person, name=name, phone=phone)
    session.add(person)
    return person


def _door_code(chance: random.Random) -> str:
    return "".join(chance.choice(CROCKFORD) for _ in range(CODE_LENGTH))


def accounts(demo: Demo) -> str:
    """The accounts of the story with their ties and grants, and the sandbox's list of personas."""
    for persona in PERSONAS:
        _account(demo, persona)
    folder = demo.var / "sandbox"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "personas.json"
    aside = file.with_suffix(".part")
    aside.write_text(json.dumps([_told(each) for each in PERSONAS], ensure_ascii=False, indent=1), encoding="utf-8")
    aside.rename(file)
    return f"账号：{len(PERSONAS)} 个角色，名单在 sandbox/personas.json"


def _told(persona: Persona) -> dict[str, Any]:
    return {
        "openid": persona.openid,
        "name": f"{persona.name}（{persona.title}）",
        "says": persona.says,
        "phone": persona.phone,
    }


@use_case
def _account(demo: Demo, persona: Persona) -> None:
    with transaction() as session:
        account = people.make_sure_account(session, persona.openid, now=demo.ago(30))
        estate = places.place_by_code(session, TAOYUAN)
        homes = {each.label: each for each in places.dwellings_of_estate(session, estate.id)}
        owner = None
        if persona.owns:
            owner = people_queries.owners_of(session, homes[persona.owns].id)[0]
        if persona.tied_to:
            dwelling = homes[persona.tied_to]
            who = owner.id if owner else None
            people.tie(
                session,
                account,
                dwelling.id,
                level=persona.level,
                relation=persona.relation,
                person_id=who,
                actor=BY,
                now=demo.ago(20),
            )
        if persona.grant is None:
            return
        role, place_code = persona.grant
        if owner is not None:
            account.person_id = owner.id
            session.flush()
        account = people.make_sure_staff(
            session, persona.openid, name=persona.name, phone=persona.phone, now=demo.ago(30)
        )
        assert account.person_id is not None
        grants.give(
            session,
            person_id=account.person_id,
            role=role,
            place=places.place_by_code(session, place_code),
            now=demo.now,
            granted_by=BY,
            starts_at=demo.ago(180),
            ends_at=demo.now + timedelta(days=3 * 365),
        )


def door_of(label: str) -> str | None:
    """The door code of a dwelling of 桃园北巷, or None when there is none."""
    session = reading()
    estate = places.place_by_code(session, TAOYUAN)
    for dwelling in places.dwellings_of_estate(session, estate.id):
        if dwelling.label == label:
            return places.door_code_of(session, dwelling.id)
    return None
