"""What a worker may take along: the homes of his building, while the campaign takes answers."""

import json
import re
from html import unescape

import pytest

from kernel import clock
from kernel.database import reading
from kernel.places.queries import place_by_id
from surveys.questionnaires.services import campaigns
from tests.surveys.questionnaires.conftest import open_survey


@pytest.fixture
def survey(make):
    return open_survey(make, clock.now())


@pytest.fixture
def worker(make, survey):
    account = make.account("worker")
    make.grant(account, "community_worker", survey.estate)
    return make.signed_in(account)


def path(survey, building=None):
    building = building or place_by_id(reading(), survey.dwellings[0].building_id).public_id
    return f"/work/surveys/{survey.campaign}/pack?building={building}"


def given(answer):
    return json.loads(unescape(re.search(r'data-pack="([^"]*)"', answer.text).group(1)))


def test_a_pack_holds_the_homes_of_the_building_and_what_conditions_read_of_them_but_nobody(survey, worker, make):
    garage = make.dwelling(place_by_id(reading(), survey.dwellings[0].building_id), door="G1", use="parking")
    account = survey.owner(survey.dwellings[1])
    survey.submit(account, survey.dwellings[1], now=clock.now())
    answer = worker.get(path(survey))
    assert answer.status_code == 200
    pack = given(answer)
    assert [door["dwelling"] for door in pack["doors"]] == [home.public_id for home in survey.dwellings]
    assert garage.public_id not in answer.text
    assert pack["doors"][0]["facts"]["channel"] == "worker_visit"
    assert pack["doors"][0]["facts"]["dwelling.floor"] == survey.dwellings[0].floor
    assert answer.text.count(">已填<") == 1


def test_the_building_has_to_be_the_workers_and_the_campaign_has_to_ask_there(survey, worker, make):
    elsewhere = make.estate("别的小区", code="elsewhere")
    foreign = make.place("building", elsewhere, name="9栋")
    assert worker.get(path(survey, foreign.public_id)).status_code == 404
    make.grant(account := make.account("both"), "community_worker", elsewhere)
    assert make.signed_in(account).get(path(survey, foreign.public_id)).status_code == 404
    assert make.signed_in(account).get(path(survey)).status_code == 403
    assert worker.get(path(survey, survey.estate.public_id)).status_code == 404
    assert worker.get(path(survey, "nowhere")).status_code == 404
    assert make.signed_in(survey.owner(survey.dwellings[0])).get(path(survey)).status_code == 403


def test_the_pack_of_a_closed_campaign_opens_no_door_but_gives_what_the_phone_still_holds(survey, worker):
    campaigns.close_by_hand(survey.campaign, person_id=None, actor="test", now=clock.now())
    answer = worker.get(path(survey))
    assert (answer.status_code, "data-door=" in answer.text, "存成文件" in answer.text) == (200, False, True)
