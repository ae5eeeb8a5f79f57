"""Elections over HTTP: pages anyone may open, what residents and the street may do, and who may not."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from kernel import clock
from kernel.database import reading
from kernel.places.queries import ancestors
from surveys.votes import queries
from surveys.votes.elections import jobs
from surveys.votes.results import services as results
from surveys.votes.services import counting
from tests.factories import Factory, Visitor
from tests.surveys.votes.elections.calls import DOORS, UNTIL, a_tie, said
from tests.surveys.votes.stories import CLOSES, GROUP, HOUR, NOW, STREET, Estate, cast, opened

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CALL = {
    "matter": "residents.group",
    "title": "桃园北巷自管小组选举",
    "sections": [{"label": "全小区", "seats": 3, "most": 3}],
    "until": UNTIL.isoformat(),
    "contest": "equal",
    "signatures": 2,
    "list_days": 3,
    "notice_days": 0,
}


@pytest.fixture
def officer(make: Factory, estate: Estate) -> Visitor:
    street = next(place for place in ancestors(reading(), estate.place) if place.kind == "street")
    account = make.account()
    make.grant(account, "street_officer", street)
    return make.signed_in(account)


def text_of(page: Any) -> str:
    assert page.status_code == 200, page.get_data(as_text=True)
    return html.unescape(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)))


def test_a_call_from_the_form_to_the_draft(
    estate: Estate, officer: Visitor, make: Factory, client: FlaskClient
) -> None:
    people = {who: make.signed_in(estate.accounts[who]) for who in ("chen", "li", "zhao", "qian")}
    with clock.at(NOW):
        assert "发起提名" in text_of(officer.get("/work/elections/new"))
        made = officer.post("/api/v1/nominations", json=CALL | {"place": estate.place.code})
        assert made.status_code == 201, made.json
        call, section = made.json["id"], made.json["sections"][0]["id"]
        assert "提名中" in text_of(officer.get("/work/elections"))
        api = f"/api/v1/nominations/{call}"
        assert people["chen"].post("/api/v1/nominations", json=CALL | {"place": estate.place.code}).status_code == 403
        assert client.post(f"{api}/self", json={"section": section, "name": "x"}).status_code == 403
        assert "登录后自荐或推荐" in text_of(client.get(f"/n/{call}"))
        assert "我要自荐" in text_of(people["chen"].get(f"/n/{call}"))
        mine = people["chen"].post(f"{api}/self", json={"section": section, "name": "chen", "note": "退休电工"})
        assert mine.status_code == 201, mine.json
        body = {"section": section, "name": "zhao", "door": DOORS["zhao"]}
        assert people["qian"].post(f"{api}/joint", json=body).status_code == 201
        assert officer.post(f"{api}/committee", json=body | {"name": "li", "door": DOORS["li"]}).status_code == 201
        door = estate.dwellings[6].public_id
        assert "有人推荐您参选" in text_of(people["zhao"].get(f"/d/{door}"))
        for who in ("zhao", "li"):
            (nominee,) = [each for each in people[who].get(api).json["nominees"] if each["me"]]
            assert "同意参选" in text_of(people[who].get(f"/n/{call}"))
            url = f"{api}/nominees/{nominee['id']}/consent"
            assert people["chen"].post(url, json={"agrees": True}).status_code == 403
            assert people[who].post(url, json={"agrees": True}).status_code == 200
        nominees = {each["name"]: each for each in client.get(api).json["nominees"]}
        assert set(nominees) == {"chen", "zhao", "li"}
        assert people["li"].post(f"{api}/nominees/{nominees['zhao']['id']}/signature", json={}).status_code == 200
        manage = text_of(officer.get(f"/work/elections/{call}"))
        assert "1栋1单元401" in manage
        assert "2 户联名" in manage
        check = f"{api}/nominees/{nominees['chen']['id']}/check"
        assert officer.post(check, json={"qualified": True}).status_code == 200
        assert officer.post(f"{api}/nominees/{nominees['li']['id']}/check", json={"qualified": True}).status_code == 409
    with clock.at(UNTIL):
        other = make.account()
        street = next(place for place in ancestors(reading(), estate.place) if place.kind == "street")
        make.grant(other, "street_officer", street)
        colleague = make.signed_in(other)
        for name in ("li", "zhao"):
            url = f"{api}/nominees/{nominees[name]['id']}/check"
            assert colleague.post(url, json={"qualified": True}).status_code == 200
        listed = officer.post(f"{api}/list", json={})
        assert (listed.status_code, listed.json["state"]) == (200, "listed")
        assert "候选人公示到" in text_of(client.get(f"/n/{call}"))
    with clock.at(UNTIL + timedelta(days=10)):
        printed = officer.post(f"{api}/ballot", json={})
        assert printed.status_code == 201
        assert text_of(officer.get(f"/work/votes/{printed.json['id']}")).count("全小区（应选 3 人）") == 1
        assert officer.post(f"{api}/ballot", json={}).json == printed.json


def test_a_lot_over_http_needs_its_photo_and_shows_on_the_page(estate: Estate, officer: Visitor) -> None:
    vote_id = a_tie(estate)
    motion = said(vote_id)["motion"]
    with clock.at(CLOSES + 2 * HOUR):
        assert "得票相同" in text_of(officer.get(f"/work/votes/{vote_id}"))
        tied = [each["candidate"] for each in said(vote_id)["candidates"] if each["standing"] == "tied"]
        body = {
            "order": tied,
            "method": "当众摸纸条",
            "drawn_by": "王主持",
            "witnesses": ["甲", "乙"],
            "drawn_at": (CLOSES + HOUR).isoformat(),
        }
        url = f"/api/v1/votes/{vote_id}/motions/{motion}/lot"
        refused = officer.post(url, json=body)
        assert (refused.status_code, refused.json["code"]) == (422, "photo-needed")
        runoff = officer.post(f"/api/v1/votes/{vote_id}/motions/{motion}/run-off", json={})
        assert runoff.status_code == 201
        assert "另行投票" in text_of(officer.get(f"/work/votes/{runoff.json['id']}"))


def test_a_recall_petition_collects_lines_and_drafts_its_vote(
    estate: Estate, make: Factory, client: FlaskClient
) -> None:
    vote_id = opened(estate, GROUP)
    for who in ("chen", "li", "zhao", "qian"):
        cast(vote_id, estate.voter(who), DOORS[who], ["陈建国", "李桂兰"])
    cast(vote_id, estate.voter("factory"), "1栋1单元202", ["陈建国", "李桂兰"])
    with clock.at(CLOSES):
        counting.close(vote_id, by=STREET, now=CLOSES)
        counting.publish_result(vote_id, by=STREET, now=CLOSES)
        assert "不能发起罢免" in text_of(client.get(f"/v/{vote_id}/recall"))
        results.finalise(vote_id, by=STREET, now=CLOSES)
        owner = make.signed_in(estate.accounts["chen"])
        assert "提议罢免谁" in text_of(owner.get(f"/v/{vote_id}/recall"))
        chosen = [each["candidate"] for each in said(vote_id)["candidates"][:1]]
        body = {"candidates": chosen, "reason": "半年没有公布收支"}
        stranger = make.signed_in(make.account("o-nobody"))
        assert stranger.post(f"/api/v1/votes/{vote_id}/recalls", json=body).status_code == 403
        made = owner.post(f"/api/v1/votes/{vote_id}/recalls", json=body)
        assert made.status_code == 201, made.json
        assert (made.json["signatures"], made.json["needed"], made.json["state"]) == (1, 2, "collecting")
        again = make.signed_in(estate.accounts["li"]).post(f"/api/v1/votes/{vote_id}/recalls", json=body)
        assert again.status_code == 409
        page = text_of(make.signed_in(estate.accounts["li"]).get(f"/recall/{made.json['id']}"))
        assert "我家联名" in page
        url = f"/api/v1/recalls/{made.json['id']}/signature"
        assert owner.post(url, json={}).json["signatures"] == 1, "a line signs once"
        reached = make.signed_in(estate.accounts["li"]).post(url, json={})
        assert (reached.json["signatures"], reached.json["state"]) == (2, "reached")
        assert make.signed_in(estate.accounts["zhao"]).post(url, json={}).status_code == 409
        for _ in range(2):
            jobs.on_recall_reached({"petition": made.json["id"]}, now=CLOSES)
        draft = client.get(f"/api/v1/recalls/{made.json['id']}").json["vote"]
        motions = queries.motions_of(reading(), queries.vote_by_public_id(reading(), draft).id)
        assert [each.title for each in motions] == ["是否同意罢免陈建国"]
        assert "联名达到名册的" in queries.vote_by_public_id(reading(), draft).intro
