"""Bodies over HTTP: form, read, tick, end; and who may not."""

import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from kernel import clock
from kernel.database import reading
from kernel.places.queries import ancestors
from tests.factories import Factory, Visitor
from tests.portal.bodies.test_forming import AFTER, elected_in
from tests.surveys.votes.stories import Estate, an_estate

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def estate(make: Factory) -> Estate:
    return an_estate(make)


@pytest.fixture
def officer(make: Factory, estate: Estate) -> Visitor:
    street = next(place for place in ancestors(reading(), estate.place) if place.kind == "street")
    account = make.account()
    make.grant(account, "street_officer", street)
    return make.signed_in(account)


def text_of(page: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)))


def test_a_group_from_result_to_public_page(estate: Estate, officer: Visitor, client: FlaskClient) -> None:
    vote_id = elected_in(estate)
    with clock.at(AFTER):
        assert "还没有成立自管小组或者业主委员会" in text_of(client.get(f"/g/{estate.place.code}"))
        assert "成立自管小组" in text_of(officer.get(f"/work/votes/{vote_id}"))
        assert "本人同意公布姓名" in text_of(officer.get(f"/work/bodies/new/{vote_id}"))
        elected = officer.get(f"/api/v1/bodies/elected/{vote_id}").json["elected"]
        members = [
            {
                "candidate": each["candidate"],
                "person": each["matches"][0]["person"],
                "office": "leader" if each["name"] == "li" else "member",
                "shown": True,
            }
            for each in elected
        ]
        body = {"vote": vote_id, "years": 3, "members": members}
        made = officer.post("/api/v1/bodies", json=body, key="the-key-of-forming")
        assert made.status_code == 201, made.json
        assert officer.post("/api/v1/bodies", json=body, key="the-key-of-forming").json == made.json
        assert officer.get(f"/work/bodies/new/{vote_id}").status_code == 409
        group = made.json["id"]
        page = text_of(client.get(f"/g/{estate.place.code}"))
        item = made.json["handover"][0]["id"]
        ticked = officer.post(f"/api/v1/bodies/{group}/handover/{item}", json={})
        assert ticked.json["handover"][0]["done_at"] is not None
        assert officer.post(f"/api/v1/bodies/{group}/handover/{'x' * 22}", json={}).status_code == 404
        assert "提前结束任期" in text_of(officer.get(f"/work/bodies/{group}"))
        assert officer.post(f"/api/v1/bodies/{group}/ending", json={}).json["state"] == "ended"
    for words in ("li", "组长", "2029年", "未交接", "由选举产生"):
        assert words in page
    assert client.get(f"/api/v1/bodies/{estate.place.code}").json["bodies"][0]["id"] == group


def test_residents_and_officers_of_elsewhere_form_nothing(estate: Estate, make: Factory, officer: Visitor) -> None:
    vote_id = elected_in(estate)
    body = {"vote": vote_id, "years": 3, "members": [{"candidate": "c" * 22, "person": "p" * 22, "shown": True}]}
    resident = make.signed_in(estate.accounts["chen"])
    assert resident.post("/api/v1/bodies", json=body).status_code == 403
    account = make.account()
    elsewhere = make.estate(name="别处", code="bie-chu")
    street = next(place for place in ancestors(reading(), elsewhere) if place.kind == "street")
    make.grant(account, "street_officer", street)
    other = make.signed_in(account)
    with clock.at(AFTER):
        assert other.post("/api/v1/bodies", json=body).status_code == 403
        assert other.get(f"/api/v1/bodies/elected/{vote_id}").status_code == 403
        for broken in ({**body, "members": []}, {**body, "years": 0}, {**body, "role": "x"}, {}):
            assert officer.post("/api/v1/bodies", json=broken).status_code == 422
