"""The API and the pages, over HTTP."""

import io
import json
import re
from datetime import timedelta

import pytest

from kernel import clock
from kernel.database import reading
from kernel.people.models import Account
from kernel.places.queries import ancestors, place_by_id
from surveys.questionnaires import queries
from surveys.questionnaires.publicly.services import release_waiting
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.services import campaigns, counting
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.conftest import NOW, drawn


@pytest.fixture(autouse=True)
def _today():
    with clock.at(NOW):
        yield


@pytest.fixture
def visit(survey, make):
    """A household's account, its client and its dwelling."""
    home = survey.dwellings[0]
    account = survey.owner(home)
    return account, make.signed_in(account), home


def upload(client, survey, home, data=None, **changes):
    form = {"dwelling": home.public_id, "channel": "wechat_self", "purpose": "signature", **changes.pop("form", {})}
    form["file"] = (io.BytesIO(data if data is not None else drawn()), "s.png")
    return client.post(f"/api/v1/campaigns/{survey.campaign}/attachments", data=form, **changes)


def body(survey, home, file, **changes):
    return {"dwelling": home.public_id, "channel": "wechat_self", "answers": {**FULL, "q38": file, **changes}}


def test_a_household_uploads_its_signature_submits_and_finds_its_receipt(survey, visit):
    _, client, home = visit
    file = upload(client, survey, home).json["file"]
    answer = client.post(f"/api/v1/campaigns/{survey.campaign}/responses", json=body(survey, home, file))
    assert answer.status_code == 201
    assert set(answer.json) == {"response", "number", "submitted_at", "standing"}
    assert answer.json["submitted_at"] == "2026-11-22T10:00:00+08:00"
    done = client.get(f"/q/{survey.campaign}/{home.public_id}/done")
    text = done.get_data(as_text=True)
    assert answer.json["number"][:32] in text
    assert "第1：排水、雨污分流" in text
    assert "13812341234" not in text
    assert "陈秀英" not in text


def test_whoever_only_knew_name_and_phone_tail_sees_the_receipt_but_not_the_answers(survey, visit, make):
    account, client, home = visit
    survey.submit(account, home)
    path = f"/q/{survey.campaign}/{home.public_id}/done"
    assert "排水、雨污分流" in client.get(path).get_data(as_text=True)
    weak = make.signed_in(survey.owner(home, level=1)).get(path).get_data(as_text=True)
    assert "回执编号" in weak
    assert "排水、雨污分流" not in weak
    assert "排水、雨污分流" in make.signed_in(survey.owner(home, level=2)).get(path).get_data(as_text=True)


def test_the_same_key_twice_gives_the_same_answer_and_another_body_is_refused(survey, visit):
    _, client, home = visit
    file = upload(client, survey, home).json["file"]
    url, key = f"/api/v1/campaigns/{survey.campaign}/responses", "a-key-of-the-phone"
    first = client.post(url, json=body(survey, home, file), key=key)
    again = client.post(url, json=body(survey, home, file), key=key)
    assert (again.status_code, again.json) == (first.status_code, first.json) == (201, first.json)
    other = client.post(url, json=body(survey, home, file, q09="disagree"), key=key)
    assert (other.status_code, other.json["code"]) == (422, "idempotency-key-reused")


def test_an_upload_repeated_with_its_key_gives_the_same_id_although_the_form_differs_in_bytes(survey, visit):
    _, client, home = visit
    first = upload(client, survey, home, key="picture-one")
    assert upload(client, survey, home, key="picture-one").json == first.json


def test_what_is_wrong_comes_back_by_question(survey, visit):
    _, client, home = visit
    answer = client.post(
        f"/api/v1/campaigns/{survey.campaign}/responses",
        json=body(survey, home, "x" * 22, q09="disagree", q10=["cost", "quality", "disturbance", "away"], role="admin"),
    )
    assert answer.status_code == 422
    assert answer.json["code"] == "answers-invalid"
    assert answer.json["fields"]["q10"] == ["最多选 3 项，您选了 4 项。"]
    assert "role" in answer.json["fields"]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"dwelling": "x"},
        {"channel": "paper_import"},
        {"channel": "carrier_pigeon"},
        {"answers": []},
        {"answers": None},
        {"answers": {"q" * 100: 1}},
        {"role": "administrator"},
    ],
    ids=str,
)
def test_a_misshapen_body_is_refused_before_anything_else(survey, visit, wrong):
    _, client, home = visit
    sent = {**body(survey, home, "x" * 22), **wrong} if wrong else []
    answer = client.post(f"/api/v1/campaigns/{survey.campaign}/responses", json=sent)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"


def test_a_second_response_a_closed_campaign_and_a_foreign_door_each_have_their_answer_and_their_page(
    survey, visit, make
):
    account, client, home = visit
    survey.submit(account, home)
    url = f"/api/v1/campaigns/{survey.campaign}/responses"
    family = survey.owner(home)
    second = make.signed_in(family).post(url, json=body(survey, home, survey.signature(family, home)))
    assert (second.status_code, second.json["standing"]) == (201, "waits")
    assert "已经填过" in client.get(f"/q/{survey.campaign}/{home.public_id}").get_data(as_text=True)
    other = survey.dwellings[1]
    foreign = client.post(url, json=body(survey, other, "x" * 22))
    assert (foreign.status_code, foreign.json["code"]) == (404, "no-such-dwelling")
    assert client.get(f"/q/{survey.campaign}/{other.public_id}").status_code == 404
    assert client.get(f"/q/{survey.campaign}/{other.public_id}/done").status_code == 404
    late = make.signed_in(survey.owner(other))
    campaigns.close_by_hand(survey.campaign, person_id=None, actor="test", now=NOW)
    closed = late.post(url, json=body(survey, other, "x" * 22))
    assert (closed.status_code, closed.json["code"]) == (410, "campaign-closed")
    assert "已经截止" in late.get(f"/q/{survey.campaign}/{other.public_id}").get_data(as_text=True)


def test_before_sign_in_the_questionnaire_asks_to_sign_in_and_comes_back(survey, client):
    path = f"/q/{survey.campaign}/{survey.dwellings[0].public_id}"
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.location == f"/signin?next={path}"


def test_a_wrong_address_is_not_found_in_words(survey, visit):
    _, client, home = visit
    assert "没有找到" in client.get(f"/q/{'x' * 22}/{home.public_id}").get_data(as_text=True)
    assert client.get(f"/q/{survey.campaign}/{'x' * 22}").status_code == 404


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"GIF89a", "not-a-picture"), (b"", "no-file"), (b"\x89PNG\r\n\x1a\n" + b"0" * 99, "not-a-picture")],
)
def test_a_file_that_lies_about_its_type_is_refused(survey, visit, data, code):
    _, client, home = visit
    answer = upload(client, survey, home, data, form={"purpose": "photo"})
    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_an_upload_is_seen_by_whoever_made_it_and_by_nobody_else(survey, visit, make):
    _, client, home = visit
    file = upload(client, survey, home).json["file"]
    own = client.get(f"/api/v1/attachments/{file}")
    assert (own.status_code, own.mimetype) == (200, "image/png")
    neighbour = make.signed_in(survey.owner(survey.dwellings[1]))
    assert neighbour.get(f"/api/v1/attachments/{file}").status_code == 404


def test_an_upload_larger_than_the_limit_is_refused(survey, visit):
    _, client, _ = visit
    answer = client.post(
        f"/api/v1/campaigns/{survey.campaign}/attachments",
        data=b"--x\r\n",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(11 << 20)},
    )
    assert (answer.status_code, answer.json["code"]) == (413, "too-large")


def test_the_questionnaires_words_are_served_by_version_and_never_change(survey, client):
    whole = client.get(f"/api/v1/questionnaire-versions/{survey.version}")
    assert len(whole.json["sections"]) == 5
    assert "immutable" in whole.headers["Cache-Control"]
    part = client.get(f"/api/v1/questionnaire-versions/{survey.version}/sections/1")
    assert part.json == whole.json["sections"][1]
    again = client.get(
        f"/api/v1/questionnaire-versions/{survey.version}", headers={"If-None-Match": whole.headers["ETag"]}
    )
    assert again.status_code == 304
    assert client.get(f"/api/v1/questionnaire-versions/{survey.version}/sections/9").status_code == 404
    assert client.get(f"/api/v1/questionnaire-versions/{'x' * 22}").status_code == 404


def test_the_page_knows_the_register_and_asks_workers_on_one_long_page(survey, visit, make):
    _, client, home = visit
    page = client.get(f"/q/{survey.campaign}/{home.public_id}").get_data(as_text=True)
    assert 'class="step"' in page
    assert "家人代填" in page
    worker = make.account("worker")
    make.grant(worker, "community_worker", survey.estate)
    door = make.signed_in(worker).get(f"/q/{survey.campaign}/{home.public_id}").get_data(as_text=True)
    assert 'class="scroll"' in door
    assert "家人代填" not in door
    given = json.loads(re.search(r"data-given=\"([^\"]+)\"", door).group(1).replace("&#34;", '"'))
    assert given["facts"] == {
        "channel": "worker_visit",
        "dwelling.floor": 1,
        "building.floors": 4,
        "building.has_lift": False,
        "estate.renovated": False,
        "estate.built_year": 1988,
    }


def test_a_workers_look_at_answers_is_written_down(survey, visit, make):
    account, _, home = visit
    survey.submit(account, home)
    worker = make.account("worker")
    make.grant(worker, "community_worker", survey.estate)
    client = make.signed_in(worker)
    assert client.get(f"/q/{survey.campaign}/{home.public_id}/done").status_code == 200
    from kernel.audit.models import AuditEntry

    looks = reading().query(AuditEntry).filter(AuditEntry.action == "look.response").all()
    assert [look.actor for look in looks] == [f"account:{worker.public_id}"]


def staff(make, place, role):
    account = make.account(f"{role}-{place.code}")
    make.grant(account, role, place)
    return make.signed_in(reading().get_one(Account, account.id))


def test_staff_set_up_open_and_close_a_campaign_and_see_its_live_counts(survey, visit, make):
    account, _, home = visit
    survey.submit(account, home)
    counting.drain_tally(now=NOW)
    officer = staff(make, make_city(survey), "city_officer")
    made = officer.post(
        "/api/v1/staff/campaigns",
        json={
            "version": survey.version,
            "title": "明年问卷",
            "year": 2027,
            "places": [survey.estate.code],
            "closes_at": "2027-07-31T24:00:00+08:00".replace("31T24", "31T23"),
        },
    )
    assert (made.status_code, made.json["state"]) == (201, "draft")
    url = f"/api/v1/staff/campaigns/{made.json['campaign']}"
    assert officer.post(f"{url}/open", json={}).json["state"] == "open"
    assert officer.post(f"{url}/open", json={}).status_code == 409
    assert officer.post(f"{url}/close", json={"reason": "提前收齐"}).json["state"] == "closed"
    assert officer.get(f"/api/v1/staff/campaigns/{survey.campaign}/results").json["figures"] == []  # nothing is public
    street = staff(make, make_city(survey, 2), "street_officer")
    live = street.get(f"/api/v1/staff/campaigns/{survey.campaign}/results").json
    assert live["estates"] == [{"estate": survey.estate.code, "name": "桃园北巷", "answered": 1, "dwellings": 8}]
    agree = next(figure for figure in live["figures"] if figure["code"] == "q09")["rows"][0]
    assert agree["respondents"] == 1
    assert agree["cells"][0] == {"code": "agree", "label": "同意", "n": 1, "of": None}


def make_city(survey, below=0):
    """The city, or a place so many levels below it (2: the street)."""
    session = reading()
    return ancestors(session, place_by_id(session, survey.estate.id))[below]


def test_staff_of_elsewhere_and_people_without_a_role_are_turned_away(survey, visit, make):
    _, client, _ = visit
    url = f"/api/v1/staff/campaigns/{survey.campaign}"
    assert client.get(f"{url}/results").status_code == 403
    assert client.post(f"{url}/close", json={"reason": "提前收齐"}).status_code == 403
    elsewhere = staff(make, make.place("street", make.place("district")), "street_officer")
    assert elsewhere.get(f"{url}/results").status_code == 403
    assert elsewhere.post(f"{url}/close", json={"reason": "提前收齐"}).status_code == 403
    refused = elsewhere.post(
        "/api/v1/staff/campaigns",
        json={"version": survey.version, "title": "别处的", "year": 2027, "places": [survey.estate.code]},
    )
    assert refused.status_code == 403


def test_the_public_sees_figures_that_move_by_five_households_and_no_small_cell(survey, client):
    url = f"/api/v1/campaigns/{survey.campaign}/results"
    for home in survey.dwellings[:4]:
        account = survey.owner(home)
        survey.submit(account, home)
    counting.drain_tally(now=NOW)
    assert release_waiting(now=NOW) == 0
    early = client.get(f"{url}?estate={survey.estate.code}").json
    assert (early["estates"][0]["answered"], early["figures"]) == (None, [])
    for home in survey.dwellings[4:6]:
        account = survey.owner(home)
        survey.submit(account, home)
    odd = survey.dwellings[6]
    account = survey.owner(odd)
    survey.submit(account, odd, answers=survey.answers(account, odd, q09="disagree", q10=["cost"], q18="against"))
    counting.drain_tally(now=NOW)
    assert release_waiting(now=NOW) == 1
    running = client.get(f"{url}?estate={survey.estate.code}").json
    assert running["estates"][0]["answered"] == 7
    cells = {
        cell["code"]: cell["n"] for f in running["figures"] if f["code"] == "q09" for cell in f["rows"][0]["cells"]
    }
    assert cells == {"agree": None, "disagree": None, "undecided": 0}
    last = survey.dwellings[7]
    account = survey.owner(last)
    survey.submit(account, last)
    counting.drain_tally(now=NOW)
    assert release_waiting(now=NOW) == 0
    campaigns.close_by_hand(survey.campaign, person_id=None, actor="test", now=NOW)
    assert client.get(f"{url}?estate={survey.estate.code}").json["figures"] == running["figures"]
    assert client.get(url).json["figures"] == []
    whole = client.get(f"{url}?place={survey.estate.path.split('/')[1]}").json
    assert [f["code"] for f in whole["figures"]] == [f["code"] for f in running["figures"]]
    with clock.at(NOW + timedelta(seconds=2)):
        text = client.get(f"/q/{survey.campaign}/results?estate={survey.estate.code}").get_data(as_text=True)
        assert "合计" in client.get(f"/q/{survey.campaign}/results?place={survey.estate.path.split('/')[1]}").get_data(
            as_text=True
        )
    assert "都没有公布" in text
    assert "13812341234" not in text
    assert client.get(f"/q/{survey.campaign}/results?estate=elsewhere").status_code == 404


def test_staff_see_live_counts_by_channel(survey, make):
    home, visited = survey.dwellings[:2]
    account = survey.owner(home)
    survey.submit(account, home)
    by_family = survey.owner(visited)
    proxy = {"q38_proxy_name": "陈小明", "q38_proxy_relation": "child", "q38_proxy_phone": "13812341235"}
    channel = Channel.WECHAT_BY_FAMILY
    answers = {**survey.answers(by_family, visited, q09="undecided", q10=["policy"]), **proxy}
    survey.submit(by_family, visited, answers=answers, channel=channel)
    counting.drain_tally(now=NOW)
    worker = staff(make, survey.estate, "community_worker")
    url = f"/api/v1/staff/campaigns/{survey.campaign}/results"
    with clock.at(NOW):
        found = worker.get(url).json
        family = worker.get(f"{url}?channel=wechat_by_family").json
        assert worker.get(f"{url}?channel=smoke").status_code == 422
    assert found["channels"] == {"wechat_self": 1, "wechat_by_family": 1}
    said = {cell["code"]: cell["n"] for f in family["figures"] if f["code"] == "q09" for cell in f["rows"][0]["cells"]}
    assert said == {"agree": 0, "disagree": 0, "undecided": 1}
    assert counting.differences(queries.campaigns(reading())[0].id) == {}


def test_a_draft_is_not_public(survey, client):
    draft = campaigns.create(
        version=survey.version,
        title="还没开始",
        year=2027,
        place_codes=[survey.estate.code],
        opens_at=None,
        closes_at=None,
        person_id=None,
        actor="test",
        now=NOW,
    )
    assert client.get(f"/api/v1/campaigns/{draft}/results").status_code == 404


def test_a_dwellings_card_leads_to_the_questionnaire_and_later_to_its_receipt(survey, visit):
    from kernel.people.queries import tie_of
    from surveys.questionnaires.cards import cards_for

    account, _, home = visit
    tie = tie_of(reading(), account.id, home.id)
    card = cards_for(reading(), dwelling=home, tie=tie, now=NOW)[0]
    assert (card.status_word, card.href) == ("未填", f"/q/{survey.campaign}/{home.public_id}")
    survey.submit(account, home, channel=Channel.WECHAT_SELF)
    card = cards_for(reading(), dwelling=home, tie=tie, now=NOW)[0]
    assert (card.status_word, card.href) == ("已填", f"/q/{survey.campaign}/{home.public_id}/done")
    assert cards_for(reading(), dwelling=home, tie=None, now=NOW) == []
    assert queries.has_valid_response(reading(), queries.campaigns(reading())[0].id, home.id)
