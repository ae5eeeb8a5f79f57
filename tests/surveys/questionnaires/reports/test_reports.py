"""Reports for staff: made once for the same asking, in the background, each look written down."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.audit.models import AuditEntry
from kernel.database import reading
from kernel.people.models import Account
from kernel.places.models import Place
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.publicly.services import release_waiting
from surveys.questionnaires.reports.models import SurveyReport
from surveys.questionnaires.reports.services import asking, making
from surveys.questionnaires.services import campaigns, counting
from surveys.questionnaires.sheets import services as sheets
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
    assert making.make_waiting(now=NOW) == 1
    assert making.make_waiting(now=NOW) == 0
    told = worker.get(f"/api/v1/staff/reports/{asked.json['report']}").json
    assert told["state"] == "ready"
    water = next(line for line in told["document"]["lines"] if line["code"] == "water")
    assert [cell["n"] for cell in water["cells"]] == [2, 1, 0]
    assert all(cell["small"] for cell in water["cells"][:2])
    assert [column["of"] for column in told["document"]["columns"]] == [2, 1, 0]
    page = worker.get(f"/work/surveys/reports/{asked.json['report']}").get_data(as_text=True)
    assert "2 户，100.0% 少" in page
    looks = [entry.action for entry in reading().scalars(sa.select(AuditEntry))]
    assert (looks.count("report.asked"), looks.count("look.report")) == (2, 2)


def drain():
    while counting.drain_tally(now=NOW):
        pass


def test_the_district_gets_blurred_tables_of_waves_that_no_filter_and_no_moment_can_take_apart(answered, make):
    district, worker = staff(make, answered, "district_officer"), staff(make, answered)

    def told(visitor, **body):
        report = ask(visitor, answered, "crosstabs", **body)
        assert report.status_code == 202, report.json
        making.make_waiting(now=NOW)
        return visitor.get(f"/api/v1/staff/reports/{report.json['report']}").json

    # Three have answered: no wave yet, nothing is counted, whatever the noise makes of it.
    nothing = told(district, rows="q09")
    for home in answered.dwellings[3:7]:
        answered.submit(answered.owner(home), home)
    drain()
    exact = told(worker, rows="q12", columns="@let")
    assert (exact["spec"].get("blurred"), exact["document"]["sheets"]) == (None, 7)
    assert district.get(f"/api/v1/staff/reports/{exact['report']}").status_code == 403
    seven = told(district, rows="q09", filters={"let": False})
    assert seven["report"] != nothing["report"]
    assert (seven["spec"]["columns"], seven["spec"]["filters"]) == ("@let", {})
    cells = [cell["n"] for line in seven["document"]["lines"] for cell in line["cells"]]
    assert all(n % 5 == 0 for n in cells)
    turned = told(district, rows="@let", columns="q09")
    assert sorted(cell["n"] for line in turned["document"]["lines"] for cell in line["cells"]) == sorted(cells)
    # An eighth answers and a tenant moves in: one newcomer is no wave, so nothing moves.
    answered.submit(answered.owner(answered.dwellings[7]), answered.dwellings[7])
    make.holding(make.person("林志强", "13800000009"), answered.dwellings[7], kind="tenant")
    drain()
    wave = making.next_wave(reading().query(Campaign).one().id, answered.estate, now=NOW)
    assert (wave.number, len(wave.sheets)) == (1, 7)
    assert told(district, rows="q09", columns="@let")["document"] == seven["document"]
    for fine in (
        {"columns": "q12", "filters": {"let": True}},
        {"filters": {"let": True, "old": True}},
        {"filters": {"building": reading().get_one(Place, answered.dwellings[0].building_id).public_id}},
    ):
        assert ask(district, answered, "crosstabs", rows="q09", **fine).status_code == 422
    assert ask(district, answered, "words", filters={"old": True}).status_code == 422
    page = district.get(f"/work/surveys/reports/{seven['report']}").get_data(as_text=True)
    assert "取到 5 的倍数" in page
    assert "楼栋" not in district.get(f"/work/surveys/{answered.campaign}/reports").get_data(as_text=True)


def test_reports_count_what_the_results_page_counts_after_a_tenants_sheet_and_a_correction(survey, make):
    """A tenant's sheet says nothing of consent, the owner's other sheet does; codes are the campaign's of now."""
    worker, home = staff(make, survey), survey.dwellings[0]
    tenant = make.account()
    make.tie(tenant, home, relation="tenant", level=2)
    survey.submit(tenant, home, answers=survey.answers(tenant, home, q02="tenant", q09="disagree", q10=["cost"]))
    for each in survey.dwellings[1:3]:
        survey.submit(survey.owner(each, level=2), each)
    drain()
    report = ask(worker, survey, "crosstabs", rows="q09").json["report"]
    making.make_waiting(now=NOW)
    counted = worker.get(f"/api/v1/staff/reports/{report}").json["document"]["lines"]
    live = worker.get(f"/api/v1/staff/campaigns/{survey.campaign}/results").json["figures"]
    agreed = next(figure for figure in live if figure["code"] == "q09")["rows"][0]["cells"]
    assert [line["cells"][0]["n"] for line in counted] == [cell["n"] for cell in agreed] == [2, 0, 0]


def test_the_district_sees_public_figures_and_who_answered_by_five_homes_after_the_close_too(answered, make):
    district, worker = staff(make, answered, "district_officer"), staff(make, answered)
    sheets.refresh_due(now=NOW)
    live = f"/api/v1/staff/campaigns/{answered.campaign}/results"
    assert district.get(live).json["figures"] == []
    assert district.get(f"{live}?channel=wechat_self").status_code == 403
    assert worker.get(f"{live}?channel=wechat_self").status_code == 200
    for home in answered.dwellings[3:7]:
        answered.submit(answered.owner(home), home)
    drain()
    release_waiting(now=NOW)
    sheets.refresh_due(now=NOW + timedelta(hours=2))
    agreed = next(figure for figure in district.get(live).json["figures"] if figure["code"] == "q09")
    assert [cell["n"] for cell in agreed["rows"][0]["cells"]] == [None, None, 0]
    rates = district.get(f"/api/v1/staff/campaigns/{answered.campaign}/rates").json["rates"]
    assert district.get(live).json["channels"] == {"wechat_self": 7}
    # One more: how many answered is told at once, how they did so waits for four others, after the close as well.
    answered.submit(answered.owner(answered.dwellings[7]), answered.dwellings[7])
    drain()
    sheets.refresh_due(now=NOW + timedelta(hours=2.5))
    assert (rates["valid"]["homes"], rates["agree"], rates["may_agree"]) == (7, None, None)
    campaigns.close_by_hand(answered.campaign, person_id=None, actor="test", now=NOW)
    sheets.refresh_due(now=NOW + timedelta(hours=3))
    api = f"/api/v1/staff/campaigns/{answered.campaign}"
    seen = district.get(live).json
    assert (seen["estates"][0]["answered"], seen["channels"]) == (8, {"wechat_self": 7})
    assert worker.get(live).json["channels"] == {"wechat_self": 8}
    missing = district.get(f"{api}/rates").json
    assert (missing["rates"]["valid"]["homes"], missing["rates"]["agree"], missing["doors"]) == (7, None, {})
    # Three of the floors have 1 to 4 homes that answered or did not; and nothing is told that few homes weigh on.
    assert (len(missing["floors"]), missing["ages"]) == (0, [])
    assert worker.get(f"{api}/weighted-figures").json["covered"] == 8
    assert district.get(f"{api}/weighted-figures").json["figures"] == []
    page = district.get(f"/work/surveys/{answered.campaign}/results").get_data(as_text=True)
    assert "已公布的数字" in page
    assert "都没有公布" in page
    assert "加权" not in page


def test_filters_leave_out_the_other_sheets(answered, make):
    officer = staff(make, answered, "street_officer")
    proved = ask(officer, answered, "crosstabs", rows="q09", filters={"level": 2}).json["report"]
    elsewhere = ask(officer, answered, "crosstabs", rows="q09", filters={"building": "x" * 22}).json["report"]
    making.make_waiting(now=NOW)
    assert officer.get(f"/api/v1/staff/reports/{proved}").json["document"]["sheets"] == 1
    assert officer.get(f"/api/v1/staff/reports/{elsewhere}").json["document"]["sheets"] == 0


def test_what_people_wrote_is_found_without_who_they_are(answered, make):
    worker = staff(make, answered)
    report = ask(worker, answered, "words", find="不亮").json["report"]
    everything = ask(worker, answered, "words").json["report"]
    making.make_waiting(now=NOW)
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
    making.make_waiting(now=NOW)
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
    making.make_waiting(now=NOW)
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
    assert asking.forget_old(now=NOW + timedelta(days=31)) == 3
