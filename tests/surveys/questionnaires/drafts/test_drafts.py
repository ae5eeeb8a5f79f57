"""Drafts on the server: question by question, from several phones of one person, until submitted or forgotten."""

import uuid
from datetime import timedelta

import pytest

from kernel import clock
from kernel.database import reading
from kernel.places.queries import place_by_id
from surveys.questionnaires.drafts import services
from surveys.questionnaires.drafts.models import Draft
from surveys.questionnaires.services import campaigns
from tests.surveys.questionnaires.conftest import NOW


@pytest.fixture(autouse=True)
def _today():
    with clock.at(NOW):
        yield


@pytest.fixture
def visit(survey, make):
    """A household's account, its client, its dwelling and the address of its draft."""
    home = survey.dwellings[0]
    account = survey.owner(home)
    return account, make.signed_in(account), home, f"/api/v1/campaigns/{survey.campaign}/drafts/{home.public_id}"


def save(client, url, number, key=None, **changes):
    return client.patch(url, json={"number": number, "changes": changes, "channel": "wechat_self", "at": "9"}, key=key)


def test_answers_are_saved_one_by_one_and_read_on_another_phone(visit):
    _, client, _, url = visit
    assert client.get(url).json == {"number": 0, "answers": {}, "channel": "", "at": "", "saved_at": None}
    assert save(client, url, 0, q09="agree").json == {"number": 1}
    assert save(client, url, 1, q36="陈秀英", q12=["water"]).json == {"number": 2}
    assert save(client, url, 2, q12=None).json == {"number": 3}
    found = client.get(url).json
    assert found["answers"] == {"q09": "agree", "q36": "陈秀英"}
    assert (found["number"], found["at"], found["saved_at"]) == (3, "9", "2026-11-22T10:00:00+08:00")


def test_whoever_saved_on_an_older_draft_is_told_and_nothing_is_lost(visit):
    _, client, _, url = visit
    save(client, url, 0, q09="agree")
    late = save(client, url, 0, q09="disagree")
    assert (late.status_code, late.json["code"]) == (409, "draft-elsewhere")
    assert client.get(url).json["answers"] == {"q09": "agree"}
    assert save(client, url, 1, q09="disagree").status_code == 200


def test_the_same_key_saves_once(visit):
    _, client, _, url = visit
    key = str(uuid.uuid4())
    assert save(client, url, 0, key, q09="agree").json == save(client, url, 0, key, q09="agree").json == {"number": 1}


def test_a_draft_is_unreadable_in_the_database(visit):
    _, client, _, url = visit
    save(client, url, 0, q35="楼道的灯不亮", q36="陈秀英")
    sealed = reading().query(Draft).one().sealed
    assert "灯".encode() not in sealed
    assert "陈".encode() not in sealed


def test_a_draft_is_its_writers_alone(visit, survey, make):
    _, client, home, url = visit
    save(client, url, 0, q09="agree")
    family = make.signed_in(survey.owner(home, level=2))
    assert family.get(url).json["number"] == 0
    stranger = make.signed_in(survey.owner(survey.dwellings[1]))
    for answer in (stranger.get(url), save(stranger, url, 0, q09="agree")):
        assert (answer.status_code, answer.json["code"]) == (404, "no-such-dwelling")
    assert stranger.get(f"/q/{survey.campaign}/{home.public_id}/draft").status_code == 404


def test_a_worker_keeps_a_draft_of_his_own_at_the_door(visit, survey, make):
    _, _, _, url = visit
    account = make.account()
    make.grant(account, "community_worker", place_by_id(reading(), survey.estate.parent_id))
    worker = make.signed_in(account)
    assert save(worker, url, 0, q09="agree").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"number": -1, "changes": {}},
        {"number": "1", "changes": {}},
        {"number": 0, "changes": []},
        {"number": 0, "changes": {"nobody_asked": 1}},
        {"number": 0, "changes": {"q35": "字" * 30000}},
        {"number": 0, "changes": {}, "answers": {}},
    ],
    ids=range(7),
)
def test_what_is_no_draft_is_refused(visit, body):
    _, client, _, url = visit
    assert client.patch(url, json=body).status_code == 422
    assert client.get(url).json["number"] == 0


def test_a_closed_campaign_keeps_the_draft_readable_and_takes_no_more(visit, survey):
    _, client, home, url = visit
    save(client, url, 0, q09="agree", q35="楼道的灯不亮", q11={"water": 2}, q07="七口人")
    campaigns.close_by_hand(survey.campaign, person_id=None, actor="test", now=NOW)
    assert save(client, url, 1, q09="disagree").status_code == 410
    assert client.get(url).json["answers"]["q09"] == "agree"
    page = f"/q/{survey.campaign}/{home.public_id}"
    assert "看我填过的内容" in client.get(page).get_data(as_text=True)
    text = client.get(f"{page}/draft").get_data(as_text=True)
    assert "楼道的灯不亮" in text
    assert "（没有填完）" in text


def test_a_draft_goes_after_its_sheet_was_submitted_but_not_the_familys(visit, survey, make):
    account, client, home, url = visit
    other = survey.owner(home, level=2)
    family = make.signed_in(other)
    save(client, url, 0, q09="agree")
    save(family, url, 0, q09="disagree")
    assert services.forget_submitted(now=NOW) == 0
    survey.submit(account, home)
    assert services.forget_submitted(now=NOW) == 1
    assert [draft.account_id for draft in reading().query(Draft)] == [other.id]
    assert save(family, url, 1, q09="agree").json == {"number": 2}
    page = f"/q/{survey.campaign}/{home.public_id}"
    assert "看我填过的内容" in family.get(page).get_data(as_text=True)
    assert "看我填过的内容" not in client.get(page).get_data(as_text=True)


def test_what_is_saved_in_the_instant_of_a_submission_or_by_a_slower_clock_is_not_taken_for_submitted(visit, survey):
    account, client, home, url = visit
    save(client, url, 0, q09="agree")
    first = survey.submit(
        account, home, answers=survey.answers(account, home, q37={"use": True, "call": True, "photos": True})
    )
    assert client.get(url).json["answers"] == {}
    assert save(client, url, 1, q35="还有一件事").json == {"number": 2}  # the very instant of the submission
    with clock.at(NOW - timedelta(hours=1)):
        assert save(client, url, 2, q09="disagree").json == {"number": 3}
    assert services.forget_submitted(now=NOW) == 0
    assert client.get(url).json["answers"] == {"q35": "还有一件事", "q09": "disagree"}
    body = {"response": first.response, "question": "q37", "item": "photos"}
    assert client.post("/api/v1/my/survey-consents/withdrawals", json=body).status_code == 200
    assert client.get(url).json["answers"] == {"q35": "还有一件事", "q09": "disagree"}  # nobody handed that in
    survey.submit(account, home)
    assert services.forget_submitted(now=NOW) == 1


def test_drafts_are_forgotten_ninety_days_after_closing(visit, survey):
    _, client, _, url = visit
    save(client, url, 0, q09="agree")
    campaigns.close_by_hand(survey.campaign, person_id=None, actor="test", now=NOW)
    assert services.forget_old(now=NOW + timedelta(days=89)) == 0
    assert services.forget_old(now=NOW + timedelta(days=91)) == 1
    assert client.get(url).json["number"] == 0
