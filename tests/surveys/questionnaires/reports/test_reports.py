"""Reports for staff: made once for the same asking, in the background, each look written down."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.audit.models import AuditEntry
from kernel.database import reading
from kernel.people.models import Account
from kernel.places.queries import ancestors, place_by_id
from surveys.questionnaires.reports import services
from surveys.questionnaires.reports.models import SurveyReport
from surveys.questionnaires.services import counting
from tests.surveys.questionnaires.conftest import NOW
from tests.surveys.questionnaires.exports.test_exports import staff


@pytest.fixture(autouse=True)
def _today():
    with clock.at(NOW):
        yield


@pytest.fixture
def answered(survey, make):
    """Three households; the roster knows the first one's owner."""
    make.holding(make.person("陈秀英", "13800000001"), survey.dwellings[0])
    said = ["陈秀英说3栋2单元501漏水，打13812345678", "灯不亮，王小明", "灯不亮"]
    for home, words in zip(survey.dwellings, said, strict=False):
        account = survey.owner(home, level=2 if words == "灯不亮" else 1)
        changes = {"q35": words, "q36": "王小明", "q09": "disagree" if "漏水" in words else "agree"}
        if changes["q09"] == "disagree":
            changes["q10"] = ["cost"]
        survey.submit(account, home, answers=survey.answers(account, home, **changes))
    while counting.drain_tally(now=NOW):
        pass
    return survey


def ask(visitor, survey, kind, key=None, **body):
    return visitor.post(f"/api/v1/staff/campaigns/{survey.campaign}/reports/{kind}", json=body, key=key)


def test_a_table_of_two_questions_is_made_once_for_the_same_asking_and_shared(answered, make):
    officer, worker = staff(make, answered, "street_officer"), staff(make, answered)
    key = str(uuid.uuid4())
    asked = ask(officer, answered, "crosstabs", key, rows="q12", columns="q09")
    assert asked.status_code == 202, asked.json
    assert ask(officer, answered, "crosstabs", key, rows="q12", columns="q09").json["report"] == asked.json["report"]
    assert ask(worker, answered, "crosstabs", rows="q12", columns="q09").json["report"] == asked.json["report"]
    assert officer.get(f"/api/v1/staff/reports/{asked.json['report']}").json["state"] == "waiting"
    assert services.make_waiting(now=NOW) == 1
    assert services.make_waiting(now=NOW) == 0
    told = worker.get(f"/api/v1/staff/reports/{asked.json['report']}").json
    assert told["state"] == "ready"
    water = next(line for line in told["document"]["lines"] if line["code"] == "water")
    assert [cell["n"] for cell in water["cells"]] == [2, 1, 0]
    assert all(cell["small"] for cell in water["cells"][:2])
    assert [column["of"] for column in told["document"]["columns"]] == [2, 1, 0]
    page = worker.get(f"/work/surveys/reports/{asked.json['report']}").get_data(as_text=True)
    assert "2 100.0% 少" in page
    looks = [entry.action for entry in reading().scalars(sa.select(AuditEntry))]
    assert (looks.count("report.asked"), looks.count("look.report")) == (2, 2)


def test_cells_of_few_households_are_for_those_who_work_with_them_and_not_for_the_district(answered, make):
    for home in answered.dwellings[3:8]:
        answered.submit(answered.owner(home), home)
    while counting.drain_tally(now=NOW):
        pass
    account = make.account()
    district = ancestors(reading(), place_by_id(reading(), answered.estate.id))
    make.grant(account, "district_officer", next(one for one in district if one.kind == "district"))
    district = make.signed_in(reading().get_one(Account, account.id))
    worker = staff(make, answered)
    report = ask(district, answered, "crosstabs", rows="q12", columns="q09").json["report"]
    one = ask(district, answered, "crosstabs", rows="q09").json["report"]
    services.make_waiting(now=NOW)
    whole = worker.get(f"/api/v1/staff/reports/{report}").json["document"]
    assert [column["of"] for column in whole["columns"]] == [7, 1, 0]
    for _ in range(2):
        told = district.get(f"/api/v1/staff/reports/{report}").json["document"]
        assert [column["of"] for column in told["columns"]] == [None, None, 0]
        shown = {cell["n"] for line in told["lines"] for cell in line["cells"]}
        assert shown <= {None, 0}
    alone = district.get(f"/api/v1/staff/reports/{one}").json["document"]
    assert [line["cells"][0]["n"] for line in alone["lines"]] == [None, None, 0]
    page = district.get(f"/work/surveys/reports/{report}").get_data(as_text=True)
    assert "＊" in page
    assert "12.5%" not in page
    assert worker.get(f"/api/v1/staff/reports/{report}").json["document"] == whole


def test_filters_leave_out_the_other_sheets(answered, make):
    officer = staff(make, answered, "street_officer")
    proved = ask(officer, answered, "crosstabs", rows="q09", filters={"level": 2}).json["report"]
    elsewhere = ask(officer, answered, "crosstabs", rows="q09", filters={"building": "x" * 22}).json["report"]
    services.make_waiting(now=NOW)
    assert officer.get(f"/api/v1/staff/reports/{proved}").json["document"]["sheets"] == 1
    assert officer.get(f"/api/v1/staff/reports/{elsewhere}").json["document"]["sheets"] == 0


def test_what_people_wrote_is_found_without_who_they_are(answered, make):
    worker = staff(make, answered)
    report = ask(worker, answered, "words", find="不亮").json["report"]
    everything = ask(worker, answered, "words").json["report"]
    services.make_waiting(now=NOW)
    found = worker.get(f"/api/v1/staff/reports/{report}").json["document"]
    assert found["matches"] == 2
    assert sorted(each["text"] for each in found["shown"]) == ["灯不亮", "灯不亮，［姓名］"]
    texts = [each["text"] for each in worker.get(f"/api/v1/staff/reports/{everything}").json["document"]["shown"]]
    assert "［姓名］说［门牌］漏水，打［号码］" in texts
    kept = str([row.document for row in reading().scalars(sa.select(SurveyReport))])
    assert not any(secret in kept for secret in ("陈秀英", "13812345678", "王小明"))


def test_a_report_is_made_anew_when_five_more_have_answered(answered, make):
    worker = staff(make, answered)
    first = ask(worker, answered, "crosstabs", rows="q09").json["report"]
    services.make_waiting(now=NOW)
    assert ask(worker, answered, "crosstabs", rows="q09").json["report"] == first
    for home in answered.dwellings[3:8]:
        account = answered.owner(home)
        answered.submit(account, home)
    while counting.drain_tally(now=NOW):
        pass
    assert ask(worker, answered, "crosstabs", rows="q09").json["report"] != first


def test_a_report_is_for_whoever_may_see_all_its_estates(answered, make):
    officer = staff(make, answered, "street_officer")
    report = ask(officer, answered, "crosstabs", rows="q09").json["report"]
    services.make_waiting(now=NOW)
    stranger = make.account()
    make.grant(stranger, "community_worker", make.estate("工商局宿舍", floors=1))
    visitor = make.signed_in(reading().get_one(Account, stranger.id))
    assert visitor.get(f"/api/v1/staff/reports/{report}").status_code == 404
    assert ask(visitor, answered, "crosstabs", rows="q09").status_code == 403
    assert ask(officer, answered, "crosstabs", rows="q36").status_code == 422
    assert ask(officer, answered, "words", question="q36").status_code == 422
    assert officer.get(f"/work/surveys/{answered.campaign}/reports").status_code == 200


def test_nobody_waits_for_more_than_three_and_old_reports_go(answered, make):
    officer = staff(make, answered, "street_officer")
    for rows in ("q09", "q21", "q22"):
        assert ask(officer, answered, "crosstabs", rows=rows).status_code == 202
    assert ask(officer, answered, "crosstabs", rows="q26").status_code == 429
    assert services.forget_old(now=NOW + timedelta(days=31)) == 3
