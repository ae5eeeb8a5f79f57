"""A roll's objections and changes over HTTP: who sees what, and the whole way from objection to opening."""

import pytest
from flask.testing import FlaskClient

from kernel import clock
from kernel.database import reading
from kernel.places.queries import ancestors
from surveys.votes.services import preparing
from tests.factories import Factory, Visitor
from tests.surveys.votes.rolls.test_services import announced
from tests.surveys.votes.stories import HOUR, NOW, Estate, vote_row

DURING = NOW + HOUR


@pytest.fixture
def vote_id(estate: Estate) -> str:
    return announced(estate)


@pytest.fixture
def officer(estate: Estate, make: Factory) -> Visitor:
    account = make.account("o-officer")
    street = next(place for place in ancestors(reading(), estate.place) if place.kind == "street")
    make.grant(account, "street_officer", street)
    return make.signed_in(account)


def test_from_an_objection_over_a_correction_to_the_opening(
    estate: Estate, make: Factory, vote_id: str, officer: Visitor, client: FlaskClient
) -> None:
    chen = make.signed_in(estate.accounts["chen"])
    door, base = estate.dwellings[0].public_id, f"/api/v1/votes/{vote_id}/roll"
    with clock.at(DURING):
        page = chen.get(f"/v/{vote_id}/roll/objection").get_data(as_text=True)
        assert "只能为自家提" in page
        sent = {"dwelling": door, "kind": "area", "words": "房产证上是 80.50"}
        made = chen.post(f"{base}/objections", json=sent, key="objection-of-chen")
        again = chen.post(f"{base}/objections", json=sent, key="objection-of-chen")
        assert (made.status_code, again.json["id"]) == (201, made.json["id"])
        assert "等答复" in chen.get(f"/v/{vote_id}/roll/objection").get_data(as_text=True)
        (waiting,) = officer.get(f"{base}/all-objections").json["objections"]
        assert (waiting["words"], waiting["door"]) == ("房产证上是 80.50", "1栋1单元101")
        shown = officer.get(f"/work/votes/{vote_id}/roll?door=101").get_data(as_text=True)
        assert "房产证上是 80.50" in shown
        form = officer.get(f"/work/votes/{vote_id}/roll/change?dwelling={door}&objection={waiting['id']}")
        assert "更正后的面积" in form.get_data(as_text=True)
        assert "1 条异议等答复" in officer.get(f"/work/votes/{vote_id}").get_data(as_text=True)
        change = {
            "dwelling": door,
            "kind": "area",
            "area_dm2": 8_050,
            "reason": "按不动产登记簿更正",
            "objection": waiting["id"],
        }
        corrected = officer.post(f"{base}/changes", json=change)
        assert corrected.status_code == 201, corrected.json
        (mine,) = chen.get(f"{base}/objections").json["objections"]
        assert mine["state"] == "upheld"
    (logged,) = client.get(f"{base}/changes").json["changes"]
    assert (logged["door"], logged["old_area_dm2"], logged["new_area_dm2"]) == ("1栋1单元101", 8_000, 8_050)
    public = client.get(f"/v/{vote_id}/roll/changes").get_data(as_text=True)
    assert "按不动产登记簿更正" in public
    assert "80.00 → 80.50" in public
    opens_at = vote_row(vote_id).opens_at
    assert opens_at is not None
    preparing.open_voting(vote_id, by=preparing.OPERATOR, now=opens_at)


def test_the_log_and_the_roll_name_nobody(
    estate: Estate, make: Factory, vote_id: str, officer: Visitor, client: FlaskClient
) -> None:
    sent = {
        "dwelling": estate.dwellings[6].public_id,
        "kind": "owners",
        "reason": "按买卖合同更正",
        "owners": [{"name": "孙丽华", "phone": "13912345678"}],
    }
    with clock.at(DURING):
        assert officer.post(f"/api/v1/votes/{vote_id}/roll/changes", json=sent).status_code == 201
    for address in (f"/v/{vote_id}/roll", f"/v/{vote_id}/roll/changes", f"/api/v1/votes/{vote_id}/roll/changes"):
        told = client.get(address).get_data(as_text=True)
        assert "孙丽华" not in told
        assert "13912345678" not in told


def test_neighbours_and_residents_do_not_reach_the_streets_side(
    estate: Estate, make: Factory, vote_id: str, officer: Visitor, client: FlaskClient
) -> None:
    chen, zhao = make.signed_in(estate.accounts["chen"]), make.signed_in(estate.accounts["zhao"])
    base = f"/api/v1/votes/{vote_id}/roll"
    with clock.at(DURING):
        sent = {"dwelling": estate.dwellings[0].public_id, "kind": "area", "words": "不对"}
        made = chen.post(f"{base}/objections", json=sent).json["id"]
        assert zhao.post(f"{base}/objections", json=sent).status_code == 404
        assert zhao.get(f"{base}/objections").json["objections"] == []
        assert zhao.post(f"{base}/objections/{made}/withdrawal", json={}).status_code == 404
        assert chen.get(f"{base}/all-objections").status_code == 403
        assert chen.get(f"/work/votes/{vote_id}/roll").status_code == 403
        assert client.get(f"/v/{vote_id}/roll/objection").status_code == 302
        other = make.account("o-other")
        make.grant(other, "street_officer", make.place("street", make.place("district")))
        elsewhere = make.signed_in(other)
        assert elsewhere.get(f"{base}/all-objections").status_code == 403
        assert elsewhere.get(f"/work/votes/{vote_id}/roll").status_code == 404
        refused = officer.post(f"{base}/objections/{made}/rejection", json={"answer": ""})
        assert refused.status_code == 422
        done = officer.post(f"{base}/objections/{made}/rejection", json={"answer": "登记簿上是 80.00"})
        assert (done.status_code, done.json["state"]) == (200, "rejected")
        assert chen.post(f"{base}/objections/{made}/withdrawal", json={}).status_code == 409
