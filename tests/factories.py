"""Small makers of what tests stand on. Everything goes through the kernel's own services; nothing is shared."""

import itertools
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, current_app, request
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from kernel import clock, grants
from kernel.database import reading, transaction, use_case
from kernel.grants.models import Grant
from kernel.people import services as people
from kernel.people.models import Account, Person, Tie
from kernel.places.models import Dwelling, Place
from kernel.places.rules import child_path, dwelling_label, sort_key
from kernel.web.guards import Identity

IDENTITY_HEADER = "X-Test-Account"
_KNOWN: dict[str, Identity] = {}


def session_identity() -> Identity | None:
    """The identity a test client claims (only in tests: the loader is put there by the ``app`` fixture)."""
    return _KNOWN.get(request.headers.get(IDENTITY_HEADER, ""))


def _dwelling(building: Place, unit: str, floor: int, door: str, area_dm2: int | None, use: str) -> Dwelling:
    return Dwelling(
        estate_id=building.parent_id,
        building_id=building.id,
        unit=unit,
        floor=floor,
        door=door,
        area_dm2=area_dm2,
        use=use,
        label=dwelling_label(building.name, unit, door),
        sort_key=sort_key(building.name, unit, door),
    )


class Visitor(FlaskClient):
    """A signed-in client whose writes carry what our pages send. ``post(url, json=…, key=…)``."""

    account_name: str = ""

    def open(self, *args: Any, key: str | None = None, **kwargs: Any) -> Any:
        """Add identity, sender and idempotency key to a request."""
        headers = dict(kwargs.pop("headers", None) or {})
        headers.setdefault("X-Requested-By", "gongjian")
        headers.setdefault("Idempotency-Key", key or str(uuid.uuid4()))
        if self.account_name:
            headers.setdefault(IDENTITY_HEADER, self.account_name)
        return super().open(*args, headers=headers, **kwargs)


class Factory:
    """``make.estate(...)``, ``make.person(...)`` … each in a transaction of its own, or several ``together`` in one."""

    def __init__(self) -> None:
        self._count = itertools.count(1)
        self._session: Session | None = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is made inside is made in one transaction: a COMMIT costs as much as three rows."""
        with transaction() as self._session:
            try:
                yield
            finally:
                self._session = None

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        if self._session is not None:
            yield self._session
            return
        with transaction() as session:
            yield session

    def _number(self) -> int:
        return next(self._count)

    @use_case
    def place(self, kind: str, parent: Place | None = None, name: str = "", code: str = "", **facts: Any) -> Place:
        """A place of a kind under a parent."""
        with self._writing() as session:
            return self._place(session, kind, parent, name, code, **facts)

    def _place(
        self, session: Session, kind: str, parent: Place | None, name: str = "", code: str = "", **facts: Any
    ) -> Place:
        code = code or f"{kind}-{self._number()}"
        place = Place(
            kind=kind,
            parent_id=parent.id if parent else None,
            code=code,
            name=name or code,
            path=child_path(parent.path if parent else "", code),
            facts=facts,
        )
        session.add(place)
        session.flush()
        return place

    def city(self) -> Place:
        """A city with nothing in it."""
        return self.place("city", name="韶关市")

    @use_case
    def estate(
        self,
        name: str = "桃园北巷",
        *,
        buildings: int = 1,
        units: int = 1,
        floors: int = 4,
        doors: int = 2,
        area_dm2: int = 8000,
        community: Place | None = None,
        code: str = "",
        **facts: Any,
    ) -> Place:
        """An estate with all the places above it and ``buildings × units × floors × doors`` homes of one area."""
        with self._writing() as session:  # one for all of it: most tests begin here
            if community is None:
                city = self._place(session, "city", None, "韶关市")
                district = self._place(session, "district", city, "浈江区")
                street = self._place(session, "street", district, "东河街道")
                community = self._place(session, "community", street, "启明社区")
            estate = self._place(session, "estate", community, name, code, built_year=1988, renovated=False, **facts)
            for number in range(1, buildings + 1):
                building = self._place(session, "building", estate, f"{number}栋", floors=floors, has_lift=False)
                session.add_all(
                    _dwelling(building, str(unit), floor, f"{floor}{door:02}", area_dm2, "home")
                    for unit in range(1, units + 1)
                    for floor in range(1, floors + 1)
                    for door in range(1, doors + 1)
                )
            return estate

    @use_case
    def dwelling(
        self,
        building: Place,
        *,
        unit: str = "1",
        floor: int = 1,
        door: str = "",
        area_dm2: int | None = 8000,
        use: str = "home",
    ) -> Dwelling:
        """A dwelling in a building."""
        with self._writing() as session:
            dwelling = _dwelling(building, unit, floor, door or f"{floor}{self._number():02}", area_dm2, use)
            session.add(dwelling)
            session.flush()
            return dwelling

    @use_case
    def person(self, name: str = "陈秀英", phone: str | None = "13800000001", kind: str = "natural") -> Person:
        """A person or organisation."""
        with self._writing() as session:
            return people.add_person(session, name=name, phone=phone, kind=kind)

    @use_case
    def holding(self, person: Person, dwelling: Dwelling, kind: str = "owner", now: datetime | None = None) -> None:
        """Join a person to a dwelling."""
        with self._writing() as session:
            people.hold(session, person, dwelling.id, kind, now=now or clock.now(), evidence="roster")

    @use_case
    def account(self, openid: str = "") -> Account:
        """A WeChat account."""
        with self._writing() as session:
            return people.make_sure_account(session, openid or f"o-{self._number()}", now=clock.now())

    @use_case
    def tie(
        self,
        account: Account,
        dwelling: Dwelling,
        *,
        level: int = 2,
        person: Person | None = None,
        relation: str = "self",
    ) -> Tie:
        """Let an account speak for a dwelling."""
        with self._writing() as session:
            return people.tie(
                session,
                account,
                dwelling.id,
                level=level,
                relation=relation,
                person_id=person.id if person else None,
                actor="test",
                now=clock.now(),
            )

    @use_case
    def grant(self, account: Account, role: str, place: Place, *, days: int | None = None) -> Grant:
        """Give an account's person a role; ``days``: its term (negative: already over)."""
        with self._writing() as session:
            account = people.make_sure_staff(session, account.openid, name="李工", phone=None, now=clock.now())
            now = clock.now()
            starts = datetime(2020, 1, 1, tzinfo=UTC)  # before any moment a test is told in, whatever year it runs
            ends = now + timedelta(days=days) if days is not None else None
            assert account.person_id is not None
            return grants.give(
                session,
                person_id=account.person_id,
                role=role,
                place=place,
                now=now,
                granted_by="test",
                starts_at=starts,
                ends_at=ends,
            )

    def owner(self, dwelling: Dwelling, name: str = "陈秀英", phone: str = "13800000001") -> tuple[Account, Person]:
        """An owner of a dwelling with an account tied at level 2."""
        with self.together():
            person = self.person(name, phone)
            self.holding(person, dwelling)
            account = self.account()
            self.tie(account, dwelling, person=person)
        return account, person

    def signed_in(self, account: Account) -> Visitor:
        """A client signed in as an account."""
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        with app.app_context():
            fresh = reading().get_one(Account, account.id)
            _KNOWN[fresh.public_id] = Identity(fresh.id, fresh.public_id, fresh.person_id)
        visitor = Visitor(app, app.response_class)
        visitor.account_name = account.public_id
        return visitor
