"""The workers' pages: scoped by the places of a grant, contacts behind a look that is written down."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from kernel.audit.models import AuditEntry
from kernel.database import reading
from kernel.places.models import Place
from kernel.places.queries import dwellings_of_estate, place_by_id, places_under
from tests.factories import Factory, Visitor


def community_of(estate: Place) -> Place:
    """The community above an estate."""
    return place_by_id(reading(), estate.parent_id or 0)


def worker_at(make: Factory, place: Place) -> Visitor:
    """A signed-in worker in charge of a place."""
    account = make.account()
    make.grant(account, "community_worker", place)
    return make.signed_in(account)


def test_the_pages_are_for_who_may_assist(make: Factory, client: FlaskClient) -> None:
    estate = make.estate()
    resident, _ = make.owner(dwellings_of_estate(reading(), estate.id)[0])
    leader = make.account()
    make.grant(leader, "group_leader", estate)
    assert client.get("/work").status_code == 302
    assert make.signed_in(resident).get("/work").status_code == 403
    assert make.signed_in(leader).get("/work").status_code == 403
    assert worker_at(make, community_of(estate)).get("/work").status_code == 200


def test_one_estate_opens_at_once_and_two_are_listed(make: Factory) -> None:
    first = make.estate(buildings=2)
    community = community_of(first)
    worker = worker_at(make, community)
    assert "2栋" in worker.get("/work").text
    make.estate(name="工商局宿舍", community=community)
    text = worker.get("/work").text
    assert "工商局宿舍" in text
    assert "2栋" not in text
    assert "0/16" in text


def test_a_building_lists_its_doors_with_words(make: Factory) -> None:
    estate = make.estate(units=2)
    worker = worker_at(make, community_of(estate))
    building = places_under(reading(), estate, "building")[0]
    text = worker.get(f"/work/b/{building.public_id}").text
    assert "1单元" in text
    assert "2单元" in text
    assert ">401<" in text
    assert "未缴" in text


def test_a_worker_of_one_building_sees_no_other(make: Factory) -> None:
    estate = make.estate(buildings=2)
    one, two = places_under(reading(), estate, "building")
    worker = worker_at(make, one)
    listed = worker.get("/work").text
    assert one.name in listed
    assert f"/work/b/{two.public_id}" not in listed
    assert worker.get(f"/work/b/{one.public_id}").status_code == 200
    assert worker.get(f"/work/b/{two.public_id}").status_code == 403
    elsewhere = dwellings_of_estate(reading(), estate.id)[-1]
    assert worker.get(f"/work/d/{elsewhere.public_id}").status_code == 403


def test_an_estate_of_another_community_is_not_found(make: Factory) -> None:
    estate, other = make.estate(), make.estate(name="别处")
    worker = worker_at(make, community_of(estate))
    assert worker.get(f"/work/e/{estate.public_id}").status_code == 200
    assert worker.get(f"/work/e/{other.public_id}").status_code == 404


def test_the_page_of_a_household_names_nobody_until_the_look_and_the_look_is_kept(make: Factory) -> None:
    estate = make.estate()
    dwelling = dwellings_of_estate(reading(), estate.id)[0]
    make.owner(dwelling, name="欧阳锋", phone="13812345678")
    worker = worker_at(make, community_of(estate))
    text = worker.get(f"/work/d/{dwelling.public_id}").text
    assert "欧阳" not in text
    assert "138" not in text
    answer = worker.post(f"/api/v1/work/dwellings/{dwelling.public_id}/contact-looks", json={}, key="look-0001")
    again = worker.post(f"/api/v1/work/dwellings/{dwelling.public_id}/contact-looks", json={}, key="look-0001")
    assert answer.status_code == 201
    assert answer.json == {"people": [{"name": "欧阳锋", "holding": "业主", "phone": "13812345678"}]} == again.json
    looks = reading().scalars(sa.select(AuditEntry).where(AuditEntry.action == "look.contacts")).all()
    assert [look.subject for look in looks] == [f"dwelling:{dwelling.public_id}"]


@pytest.mark.parametrize("role", ["group_leader", "building_leader"])
def test_leaders_cannot_look_at_contacts(make: Factory, role: str) -> None:
    estate = make.estate()
    dwelling = dwellings_of_estate(reading(), estate.id)[0]
    place = estate if role == "group_leader" else places_under(reading(), estate, "building")[0]
    leader = make.account()
    make.grant(leader, role, place)
    answer = make.signed_in(leader).post(f"/api/v1/work/dwellings/{dwelling.public_id}/contact-looks", json={})
    assert answer.status_code == 403


def test_a_worker_of_another_place_cannot_look(make: Factory) -> None:
    dwelling = dwellings_of_estate(reading(), make.estate().id)[0]
    worker = worker_at(make, make.estate(name="别处"))
    answer = worker.post(f"/api/v1/work/dwellings/{dwelling.public_id}/contact-looks", json={})
    assert answer.status_code == 403
    assert reading().scalars(sa.select(AuditEntry).where(AuditEntry.action == "look.contacts")).all() == []
