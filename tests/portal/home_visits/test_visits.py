"""Asking for a visit and going there: one open a home, the asker's to change, the worker's own places, written down."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from kernel import clock, outbox
from kernel.audit.models import AuditEntry, AuditPayload
from kernel.database import reading
from kernel.errors import DomainError
from kernel.places.models import Dwelling
from kernel.places.queries import dwellings_of_estate, places_under
from kernel.web.guards import Identity
from portal.home_visits.models import HomeVisit
from portal.home_visits.rules import Half, Purpose
from portal.home_visits.services import asking, keeping
from portal.jobs import HANDLERS
from tests.factories import Factory, Visitor

NOW = datetime(2026, 12, 1, 1, tzinfo=UTC)
"""Nine in the morning in China."""
API, WORK = "/api/v1/home-visits", "/api/v1/work/home-visits"


class Street:
    """Two buildings of an estate, a household of the first door with two accounts, its neighbour, and a worker."""

    def __init__(self, make: Factory) -> None:
        self.make = make
        self.estate = make.estate(buildings=2)
        self.homes = dwellings_of_estate(reading(), self.estate.id)
        self.home, self.next_door = self.homes[:2]
        self.account, _ = make.owner(self.home)
        self.mine = make.signed_in(self.account)
        self.daughter = self._tied(self.home)
        self.neighbour = self._tied(self.next_door)
        self.worker = self.worker_of(places_under(reading(), self.estate, "building")[0])

    def _tied(self, home: Dwelling) -> Visitor:
        account = self.make.account()
        self.make.tie(account, home, level=1, relation="family")
        return self.make.signed_in(account)

    def worker_of(self, place) -> Visitor:
        """A signed-in worker of a place."""
        account = self.make.account()
        self.make.grant(account, "community_worker", place)
        return self.make.signed_in(account)


@pytest.fixture
def street(make: Factory) -> Iterator[Street]:
    with clock.at(NOW):
        yield Street(make)


def wish(home: Dwelling | None = None, *, ahead: int = 0, half: str = "pm", purpose: str = "seeing") -> dict[str, str]:
    """A body: what for, when; and where, for a new one."""
    body = {"purpose": purpose, "day": (date(2026, 12, 1) + timedelta(days=ahead)).isoformat(), "half": half}
    return body | ({"dwelling": home.public_id} if home else {})


def written(prefix: str) -> list[str]:
    """The actions of the audit chain that begin so, oldest first."""
    entries = reading().scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
    return [entry.action for entry in entries if entry.action.startswith(prefix)]


def said_of(prefix: str) -> list[dict[str, Any]]:
    """What the entries of the audit chain that begin so say beyond their heading, oldest first."""
    found = sa.select(AuditPayload.document).join(AuditEntry, AuditEntry.id == AuditPayload.entry_id)
    return list(reading().scalars(found.where(AuditEntry.action.startswith(prefix)).order_by(AuditEntry.id)))


def test_a_household_asks_once_changes_and_calls_off_and_every_step_is_written_down(street: Street) -> None:
    page = f"/d/{street.home.public_id}/visit"
    assert "请工作人员上门" in street.mine.get(f"/d/{street.home.public_id}").text
    assert "看不清、不会用手机" in street.mine.get(page).text
    first = street.mine.post(API, json=wish(street.home), key="ask-0001")
    again = street.mine.post(API, json=wish(street.home), key="ask-0001")
    assert (first.status_code, again.json) == (201, first.json)
    second = street.mine.post(API, json=wish(street.home, ahead=2))
    assert (second.status_code, second.json["code"]) == (409, "visit-open")
    assert "刷新页面" in second.json["detail"]
    url = f"{API}/{first.json['visit']}"
    assert street.mine.put(url, json=wish(ahead=1, half="am", purpose="vote")).json["half"] == "am"
    shown = street.mine.get(f"/d/{street.home.public_id}").text
    assert "明天上午，表决" in shown
    assert street.daughter.put(url, json=wish(ahead=1)).json["code"] == "not-the-asker"
    assert "家里另一位约的" in street.daughter.get(page).text
    assert street.mine.post(f"{url}/cancel", json={}, key="off-00001").json["state"] == "cancelled"
    assert street.mine.post(f"{url}/cancel", json={}, key="off-00001").status_code == 200
    assert street.mine.post(f"{url}/cancel", json={}).status_code == 410
    assert street.daughter.post(API, json=wish(street.home)).status_code == 201
    assert written("home_visit.") == [f"home_visit.{what}" for what in ("asked", "changed", "cancelled", "asked")]
    assert not any("seeing" in str(said) for said in said_of("home_visit."))


def test_another_household_is_told_nothing_and_bad_wishes_are_refused(street: Street, client: FlaskClient) -> None:
    visit = street.mine.post(API, json=wish(street.home)).json["visit"]
    assert street.neighbour.post(API, json=wish(street.home)).status_code == 404
    assert street.neighbour.put(f"{API}/{visit}", json=wish()).status_code == 404
    assert street.neighbour.post(f"{API}/{visit}/cancel", json={}).status_code == 404
    assert street.neighbour.get(f"/d/{street.home.public_id}/visit").status_code == 404
    assert client.get(f"/d/{street.home.public_id}/visit").status_code == 302
    for odd in (
        wish(street.next_door, ahead=14),
        wish(street.next_door, ahead=-1),
        wish(street.next_door) | {"half": "night"},
        wish(street.next_door) | {"purpose": "tea"},
        wish(street.next_door) | {"day": "tomorrow"},
        wish(street.next_door) | {"state": "done"},
    ):
        assert street.neighbour.post(API, json=odd).status_code == 422


def test_a_worker_walks_his_doors_of_today_and_says_what_became_of_them(street: Street, make: Factory) -> None:
    asked = street.mine.post(API, json=wish(street.home)).json["visit"]
    street.neighbour.post(API, json=wish(street.next_door, ahead=3, purpose="money"))
    own = street.homes[2]
    assert street.worker.post(WORK, json=wish(own, purpose="survey")).status_code == 201
    assert street.worker.post(WORK, json=wish(street.home)).json["code"] == "visit-open"
    door = street.worker.get(f"/work/d/{street.home.public_id}").text
    assert "今天下午" in door
    assert "记到今天" not in door
    assert "2 户" in street.worker.get("/").text
    listed = street.worker.get("/work/today").text
    assert listed.index(street.home.label) < listed.index(own.label)
    assert "工作人员记的" in listed
    assert f"/work/d/{street.home.public_id}" in listed
    assert street.next_door.label not in listed
    assert "12月4日 周五" in listed
    assert "陈" not in listed
    assert [said["doors"] for said in said_of("look.doors_of_today")] == [2]
    url = f"{WORK}/{asked}"
    assert street.worker.post(f"{url}/missed", json={"day": "2026-12-01", "half": "pm"}).status_code == 422
    moved = {"day": "2026-12-02", "half": "am"}
    assert street.worker.post(f"{url}/missed", json=moved, key="miss-0001").json["tries"] == 1
    assert street.worker.post(f"{url}/missed", json=moved, key="miss-0001").json["tries"] == 1
    assert "来过 1 次，没有遇到" in street.mine.get(f"/d/{street.home.public_id}").text
    with clock.at(NOW + timedelta(days=2)):
        late = street.worker.get("/work/today").text
        assert ">过期<" in late
        assert "12月2日 周三上午 · 看不清" in late
        assert "点开改时间" in street.mine.get(f"/d/{street.home.public_id}").text
        assert street.worker.post(f"{url}/done", json={}).json["state"] == "done"
        assert street.worker.post(f"{url}/done", json={}).status_code == 410
        assert street.home.label not in street.worker.get("/work/today").text
    assert written("home_visit.")[-2:] == ["home_visit.missed", "home_visit.done"]
    # the whole household is told, once each, and nobody what for
    while outbox.deliver_due(HANDLERS, now=NOW + timedelta(days=2)):
        pass
    for reader in (street.mine, street.daughter):
        told = {one["kind"]: one["text"] for one in reader.get("/api/v1/notices").json["notices"]}
        assert set(told) == {"visit_put_off", "visit_done"}
        assert "改到12月2日 周三上午再来" in told["visit_put_off"]
        assert "看不清" not in "".join(told.values())
    assert street.neighbour.get("/api/v1/notices").json["notices"] == []
    # what is kept of it is shown to who asked, and to nobody else of the household
    assert "/me/visits" in street.mine.get("/me").text
    kept = street.mine.get("/me/visits").text
    assert "已上门" in kept
    assert "看不清" in kept
    assert [one["visit"] for one in street.mine.get(f"{API}/mine").json["visits"]] == [asked]
    assert street.daughter.get(f"{API}/mine").json["visits"] == []
    assert "还没有约过" in street.daughter.get("/me/visits").text


def test_workers_of_other_places_and_residents_have_no_part_in_it(street: Street, make: Factory) -> None:
    visit = street.mine.post(API, json=wish(street.home)).json["visit"]
    moved = {"day": "2026-12-02", "half": "am"}
    other_building = street.worker_of(places_under(reading(), street.estate, "building")[1])
    for stranger in (other_building, street.worker_of(make.estate(name="别处"))):
        assert street.home.label not in stranger.get("/work/today").text
        assert stranger.post(f"{WORK}/{visit}/done", json={}).status_code == 404
        assert stranger.post(f"{WORK}/{visit}/missed", json=moved).status_code == 404
        assert stranger.post(WORK, json=wish(street.next_door)).status_code == 403
    leader = make.account()
    make.grant(leader, "group_leader", street.estate)
    for outsider in (street.mine, make.signed_in(leader)):
        assert outsider.get("/work/today").status_code == 403
        assert outsider.post(f"{WORK}/{visit}/done", json={}).status_code == 403
        assert "/work/today" not in outsider.get("/").text


def test_what_a_worker_put_down_the_household_may_move_and_it_becomes_its_own(street: Street) -> None:
    visit = street.worker.post(WORK, json=wish(street.home)).json
    assert "工作人员记下的" in street.daughter.get(f"/d/{street.home.public_id}/visit").text
    changed = street.daughter.put(f"{API}/{visit['visit']}", json=wish(ahead=2))
    assert (visit["by_worker"], changed.json["by_worker"]) == (True, False)
    assert street.mine.put(f"{API}/{visit['visit']}", json=wish(ahead=1)).status_code == 403


def test_what_nobody_saw_to_ends_by_itself_and_may_be_asked_anew(street: Street) -> None:
    for asker, home in ((street.mine, street.home), (street.neighbour, street.next_door)):
        assert asker.post(API, json=wish(home)).status_code == 201
    assert keeping.lapse(now=NOW + timedelta(days=30)) == 0
    late = NOW + timedelta(days=31)
    with clock.at(late):
        assert "没有办成" in street.mine.get(f"/d/{street.home.public_id}").text  # also before the job came by
        assert street.mine.post(API, json=wish(street.home, ahead=31)).status_code == 201
        assert keeping.lapse(now=late) == 1
        assert keeping.lapse(now=late) == 0
        assert "没有办成" in street.neighbour.get(f"/d/{street.next_door.public_id}").text
        assert "已约" in street.mine.get(f"/d/{street.home.public_id}").text
    assert written("home_visit.").count("home_visit.lapsed") == 2
    assert keeping.forget_old(now=late + timedelta(days=365)) == 0
    assert keeping.forget_old(now=late + timedelta(days=366)) == 2, "the open one stays"


def test_of_two_who_ask_at_once_one_is_told_that_it_is_asked(street: Street, app: Flask) -> None:
    who = Identity(street.account.id, street.account.public_id, None)
    home = street.home.public_id

    def run(half: Half) -> str:
        with app.app_context():
            try:
                return asking.ask(who, home, Purpose.OTHER, date(2026, 12, 3), half, key=None, now=NOW).state
            except DomainError as no:
                return no.code

    work: list[Callable[[], str]] = [lambda half=half: run(half) for half in (Half.AM, Half.PM, Half.AM)]
    with ThreadPoolExecutor(len(work)) as pool:
        told = sorted(pool.map(lambda call: call(), work))
    assert told == ["open", "visit-open", "visit-open"]
    assert len(reading().scalars(sa.select(HomeVisit)).all()) == 1
