"""Beside the figures: who has not answered, how far the survey is, what the worker found at doors."""

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.audit.models import AuditEntry
from kernel.database import reading
from kernel.people.models import Account
from kernel.places.queries import place_by_id
from surveys.questionnaires import queries
from surveys.questionnaires.attempts.models import VisitAttempt
from surveys.questionnaires.publicly.services import release_waiting
from surveys.questionnaires.services import campaigns, counting
from surveys.questionnaires.sheets import services as sheets
from surveys.questionnaires.sheets.queries import standing
from tests.surveys.questionnaires.conftest import NOW


def answered(survey, homes):
    for home in homes:
        account = survey.owner(home)
        survey.submit(account, home)
    while counting.drain_tally(now=NOW):
        pass


@pytest.fixture
def worker(survey, make):
    account = make.account()
    make.grant(account, "community_worker", place_by_id(reading(), survey.estate.parent_id))
    return make.signed_in(reading().get_one(Account, account.id))


def test_beside_the_figures_stands_who_is_missing_but_never_a_group_that_points_at_a_door(survey, client):
    address = f"/q/{survey.campaign}/results?estate={survey.estate.code}"
    answered(survey, survey.dwellings)
    release_waiting(now=NOW)
    sheets.refresh_due(now=NOW)
    with clock.at(NOW):
        assert "谁还没有说话" not in client.get(address).get_data(as_text=True)
    campaigns.close_by_hand(survey.campaign, person_id=None, actor="test", now=NOW)
    with clock.at(NOW + timedelta(seconds=2)):
        text = client.get(address).get_data(as_text=True)
    assert "谁还没有说话" in text
    assert "8 / 8 户" in text  # homes without a registered tenant: all of them
    assert "2–3层" not in text  # four homes


def test_what_a_worker_finds_at_a_door_is_written_down_and_makes_the_rate_of_doors_reached(survey, make, worker):
    url = f"/api/v1/staff/campaigns/{survey.campaign}/visits"
    answered(survey, survey.dwellings[:2])
    with clock.at(NOW):
        key = str(uuid.uuid4())
        first = {"dwelling": survey.dwellings[2].public_id, "outcome": "refused"}
        made = worker.post(url, json=first, key=key)
        assert made.status_code == 201
        assert worker.post(url, json=first, key=key).json == made.json
        assert (
            worker.post(url, json={"dwelling": survey.dwellings[3].public_id, "outcome": "vacant"}).status_code == 201
        )
        assert worker.post(url, json={"dwelling": survey.dwellings[3].public_id, "outcome": "flew"}).status_code == 422
        elsewhere = make.account()
        make.grant(elsewhere, "community_worker", make.estate("工商局宿舍", floors=1))
        stranger = make.signed_in(reading().get_one(Account, elsewhere.id))
        assert stranger.post(url, json=first).status_code == 403
        page = worker.get(f"/work/d/{survey.dwellings[2].public_id}").get_data(as_text=True)
        assert "不愿填" in page
        sheets.refresh_due(now=NOW)
        told = worker.get(f"/api/v1/staff/campaigns/{survey.campaign}/rates?estate={survey.estate.code}").json
        page = worker.get(f"/work/surveys/{survey.campaign}/results?estate={survey.estate.code}").get_data(as_text=True)
        weighted = worker.get(f"/api/v1/staff/campaigns/{survey.campaign}/weighted-figures").json
    assert reading().scalar(sa.select(sa.func.count()).select_from(VisitAttempt)) == 2
    assert {name: told["rates"][name]["homes"] for name in ("total", "reached", "valid", "agree", "may_agree")} == {
        "total": 8,
        "reached": 1,
        "valid": 2,
        "agree": 2,
        "may_agree": 2,
    }
    assert told["doors"] == {"refused": 1, "vacant": 1}
    assert "12.5%（1/8）" in page
    assert "100.0%（2户，少） 加权 100.0%" in page
    assert "，加权 " in page.split("满意的占打了分的户", 1)[1].split("</ol>", 1)[0]  # a matrix
    assert "加权的数代表 2 / 8 户" in page
    assert "没有一户填、不算在内的：2–3层，没有租户登记、4–6层，没有租户登记" in page
    assert (weighted["covered"], weighted["homes"]) == (2, 8)
    agreed = next(each for each in weighted["figures"] if each["code"] == "q09")["rows"][0]["cells"][0]
    assert (agreed["code"], agreed["share"]) == ("agree", "100.0%")
    assert "全部 8 户里 25.0% 回答了（2026年11月22日 10:00）" in page
    assert "visit.recorded" in [entry.action for entry in reading().scalars(sa.select(AuditEntry))]


def test_a_closed_campaign_takes_no_more_visits(survey, worker):
    campaigns.close_by_hand(survey.campaign, person_id=None, actor="test", now=NOW)
    body = {"dwelling": survey.dwellings[2].public_id, "outcome": "met"}
    with clock.at(NOW):
        assert worker.post(f"/api/v1/staff/campaigns/{survey.campaign}/visits", json=body).status_code == 410


def test_how_many_households_have_old_people_or_children_is_said_by_the_community(survey, worker):
    answered(survey, survey.dwellings[:2])
    sheets.refresh_due(now=NOW)
    url = f"/api/v1/staff/estates/{survey.estate.code}/known-households"
    with clock.at(NOW):
        assert worker.post(url, json={"trait": "over_60", "households": 9, "source": "社区台账"}).status_code == 422
        assert worker.post(url, json={"trait": "over_60", "households": 5, "source": "社区台账"}).status_code == 201
        assert worker.post(url, json={"trait": "preschool", "households": 3, "source": "社区台账"}).status_code == 201
        assert worker.post(url, json={"trait": "over_60", "households": 4, "source": "户籍，6月"}).status_code == 201
        told = worker.get(f"/api/v1/staff/campaigns/{survey.campaign}/rates?estate={survey.estate.code}").json
        page = worker.get(f"/work/surveys/{survey.campaign}/results?estate={survey.estate.code}").get_data(as_text=True)
        assert worker.get(f"/api/v1/staff/campaigns/{survey.campaign}/rates").json["ages"] == told["ages"]
    assert "有60岁以上老人的 4 户（户籍，6月，2026年11月22日 10:00）" in page
    beside = re.sub(r" [a-z-]+=\"[^\"]*\"|\n", "", page)
    assert re.search("有60岁以上老人的</t[hd]><td>2 / 4 户</td><td>50.0%</td>", beside)  # who answered this question
    assert told["ages"] == [
        {"group": "有60岁以上老人的", "answered": 2, "total": 4},
        {"group": "没有60岁以上老人的", "answered": 0, "total": 4},
        {"group": "有学龄前儿童的", "answered": 0, "total": 3},
    ]


def test_a_sheet_is_made_anew_when_five_more_have_answered_and_rests_after_the_close(survey):
    assert sheets.refresh_due(now=NOW) == 1
    assert sheets.refresh_due(now=NOW) == 0
    answered(survey, survey.dwellings[:4])
    assert sheets.refresh_due(now=NOW) == 0
    assert sheets.refresh_due(now=NOW + timedelta(hours=1)) == 1
    answered(survey, survey.dwellings[4:6])
    campaigns.close_by_hand(survey.campaign, person_id=None, actor="test", now=NOW + timedelta(hours=2))
    assert sheets.refresh_due(now=NOW + timedelta(hours=2)) == 1
    assert standing(reading()) == []
    campaign = queries.campaigns(reading())[0]
    kept, _ = sheets.kept(reading(), campaign.id, [survey.estate.id])
    assert kept.rates.valid.homes == 6
