"""Delivery and adopted rules over HTTP: the workers' pages, and the notice opened on a phone."""

import pytest

from kernel import clock
from kernel.database import reading
from kernel.places.queries import ancestors
from surveys.votes.bylaws import queries as bylaws
from surveys.votes.services.preparing import Staff
from tests.factories import Factory, Visitor
from tests.surveys.votes.proofs import photographed
from tests.surveys.votes.rolls.test_services import announced
from tests.surveys.votes.stories import HOUR, NOW, Estate, drafted

DURING = NOW + HOUR


@pytest.fixture
def officer(worker: Staff, make: Factory) -> Visitor:
    return make.signed_in(make.account("o-officer"))


def text(answer) -> str:
    return answer.get_data(as_text=True)


def test_a_worker_records_doors_by_building_and_sees_the_share(
    estate: Estate, make: Factory, worker: Staff, officer: Visitor
) -> None:
    vote_id = announced(estate)
    base = f"/api/v1/votes/{vote_id}/deliveries"
    with clock.at(DURING):
        assert "已送达 0 / 8 户" in text(officer.get("/work/deliveries"))
        assert "送达" in text(officer.get(f"/work/votes/{vote_id}"))
        page = text(officer.get(f"/work/deliveries/{vote_id}"))
        building = page.split(f"/work/deliveries/{vote_id}/b/")[1].split('"')[0]
        door = estate.dwellings[0].public_id
        doors = text(officer.get(f"/work/deliveries/{vote_id}/b/{building}?d={door}"))
        assert doors.count("checked") >= 1
        assert "还没送达" in doors
        sent = {
            "dwellings": [door, estate.dwellings[1].public_id],
            "way": "handed",
            "recipient": "owner",
            "evidence": [photographed(estate, worker)],
        }
        made = officer.post(base, json=sent, key="two-doors-at-once")
        assert made.status_code == 201, made.json
        assert officer.post(base, json=sent, key="two-doors-at-once").json == made.json
        assert officer.post(base, json={**sent, "recipient": "nobody"}).status_code == 422
        (share,) = officer.get(base).json["buildings"]
        assert (share["told"], share["proved"]) == (2, 2)
        flat = f"/work/deliveries/{vote_id}/d/{door}"
        assert flat in text(officer.get(f"/work/deliveries/{vote_id}/b/{building}"))
        record = text(officer.get(flat))
        for words in ("业主本人", "有凭证", "/api/v1/evidence/", "李工"):
            assert words in record
        assert "公告怎样送到我家的" in text(make.signed_in(estate.accounts["chen"]).get(f"/v/{vote_id}"))
        delivery = record.split(f"{base}/")[1].split("/revocation")[0]
        assert officer.post(f"{base}/{delivery}/revocation", json={"reason": "记错了户"}).status_code == 200
        assert "已撤销" in text(officer.get(flat))
        assert officer.get(base).json["buildings"][0]["told"] == 1
        posted = officer.post(f"{base}/public", json={"days": 7, "evidence": [photographed(estate, worker)]})
        assert posted.status_code == 201
        assert "已送达 8 / 8 户" in text(officer.get(f"/work/deliveries/{vote_id}"))


def test_the_notice_opened_on_ones_own_phone_is_a_delivery(estate: Estate, make: Factory, worker: Staff) -> None:
    vote_id = announced(estate)
    chen = make.signed_in(estate.accounts["chen"])
    with clock.at(DURING):
        assert "data-opened" in text(chen.get(f"/v/{vote_id}"))
        assert chen.post(f"/api/v1/votes/{vote_id}/opened", json={}).json == {"flats": 2}
        assert chen.post(f"/api/v1/votes/{vote_id}/opened", json={}).json == {"flats": 0}
        assert chen.get("/work/deliveries").status_code == 403
        assert chen.post(f"/api/v1/votes/{vote_id}/deliveries", json={}).status_code == 403


def test_rules_are_filed_confirmed_by_another_and_chosen_for_a_draft(
    estate: Estate, make: Factory, worker: Staff, officer: Visitor
) -> None:
    second = make.account("o-second")
    street = next(place for place in ancestors(reading(), estate.place) if place.kind == "street")
    make.grant(second, "street_officer", street)
    other = make.signed_in(second)
    vote_id = drafted(estate)
    sent = {
        "place": estate.place.code,
        "title": "桃园北巷业主大会议事规则",
        "adopted_on": "2025-06-01",
        "silence": "majority",
        "warning": "表决票送达后不投票的，视为同意已表决的多数意见。",
        "meeting": "首次业主大会",
        "evidence": [photographed(estate, worker, "bylaws")],
    }
    with clock.at(DURING):
        assert "登记议事规则" in text(officer.get("/work/bylaws"))
        assert "照规则的原话写" in text(officer.get("/work/bylaws/new"))
        made = officer.post("/api/v1/bylaws", json=sent)
        assert made.status_code == 201, made.json
        one = made.json["id"]
        assert "要由另一名工作人员" in text(officer.get(f"/work/bylaws/{one}"))
        assert officer.post(f"/api/v1/bylaws/{one}/confirmation", json={}).status_code == 403
        assert "核对无误" in text(other.get(f"/work/bylaws/{one}"))
        assert other.post(f"/api/v1/bylaws/{one}/confirmation", json={}).status_code == 200
        assert "不投票的怎样计" in text(officer.get(f"/work/votes/{vote_id}"))
        assert officer.post(f"/api/v1/votes/{vote_id}/silence", json={"bylaws": one}).status_code == 200
        assert officer.post(f"/api/v1/votes/{vote_id}/silence", json={"bylaws": None}).status_code == 200
        gone = officer.post(f"/api/v1/bylaws/{one}/withdrawal", json={"reason": "已修订"})
        assert gone.json["withdrawn_at"]
        assert make.signed_in(estate.accounts["chen"]).get("/work/bylaws").status_code == 403
    assert bylaws.usable_for(reading(), estate.place) == []
