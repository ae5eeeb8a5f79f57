"""Files of answers: what stands in them, who gets which, and that their numbers are the results page's."""

import csv
import io
import uuid
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.audit.models import AuditEntry
from kernel.database import reading, transaction
from kernel.grants.models import Grant
from kernel.people.models import Account
from kernel.places.queries import place_by_id
from kernel.storage import store
from surveys.questionnaires.exports.models import Export
from surveys.questionnaires.exports.services import making
from surveys.questionnaires.publicly.services import release_waiting
from surveys.questionnaires.services import campaigns, counting, results
from surveys.questionnaires.sheets import services as sheets
from tests.surveys.questionnaires.conftest import NOW
from tests.surveys.questionnaires.standing.conftest import House


@pytest.fixture(autouse=True)
def _today():
    with clock.at(NOW):
        yield


@pytest.fixture
def answered(survey):
    """Three households answered: the full sheet, one that types formulas, one that ticks other things."""
    tricky = {"q35": '=HYPERLINK("http://x","看")', "q36": "+阿强"}
    third = {"q12": ["roads"], "q35": "请打13912345678找我", "q04": 5025, "q36": None, "q36_phone": None}
    for home, changes in zip(survey.dwellings, ({}, tricky, third), strict=False):
        account = survey.owner(home)
        survey.submit(account, home, answers=survey.answers(account, home, **changes))
    while counting.drain_tally(now=NOW):
        pass
    return survey


def staff(make, survey, role="community_worker"):
    """A member of staff of the estate: worker (its community), street, district officer."""
    place = place_by_id(reading(), survey.estate.parent_id)
    for _ in range({"community_worker": 0, "street_officer": 1, "district_officer": 2}[role]):
        place = place_by_id(reading(), place.parent_id)
    account = make.account()
    make.grant(account, role, place)
    return make.signed_in(reading().get_one(Account, account.id))


def made(visitor, survey, **body):
    """Ask for a file, let the timer make it, fetch it."""
    asked = visitor.post(f"/api/v1/staff/campaigns/{survey.campaign}/exports", json={"format": "xlsx", **body})
    assert asked.status_code == 202, asked.json
    assert making.make_waiting(now=NOW) == 1
    found = visitor.get(f"/api/v1/staff/exports/{asked.json['export']}").json
    assert found["state"] == "ready"
    assert found["done_count"] == found["row_count"]
    answer = visitor.get(f"/api/v1/staff/exports/{asked.json['export']}/file")
    assert answer.status_code == 200
    return answer


def table(sheet):
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]


def test_the_numbers_of_the_file_are_those_of_the_results_page(answered, make):
    visitor = staff(make, answered)
    book = openpyxl.load_workbook(io.BytesIO(made(visitor, answered).data))
    assert book.sheetnames == ["答卷", "代码", "说明", "汇总", "汇总表"]
    who = reading().query(Export).one().person_id
    page = results.staff_results(answered.campaign, person_id=who, now=NOW)
    told = {
        (figure.no, row.label or None, cell.label): (cell.n, row.respondents)
        for figure in page.figures
        for row in figure.rows
        for cell in row.cells
    }
    found = {
        (line["题号"], line["行"], line["选项"]): (line["户数"], line["回答该题的户数"])
        for line in table(book["汇总"])
        if line["选项"]
    }
    assert found == told
    codes = table(book["代码"])
    assert len(codes) == 3
    water = next(
        cell for f in page.figures if f.code == "q12" for r in f.rows for cell in r.cells if cell.code == "water"
    )
    assert sum(row["q12/water"] for row in codes) == water.n == 2
    assert sorted(row["q04"] for row in codes) == [50.25, 86.5, 86.5]


def test_a_visit_says_whether_a_second_came_along_and_staff_who_it_was(survey, make):
    alone, both = House(survey), House(survey, 1)
    worker = alone.staff("worker")
    second = both.staff("second", "group_member")
    alone.visit(worker, second)
    both.word(second, both.visit(worker, second).response)
    third = survey.owner(survey.dwellings[2])
    survey.submit(third, survey.dwellings[2])
    visitor = staff(make, survey)
    book = openpyxl.load_workbook(io.BytesIO(made(visitor, survey, named=True).data))
    assert [row["_second"] for row in table(book["代码"])] == ["one", "two", None]
    assert [row["_second_name"] for row in table(book["代码"])] == [None, "李工", None]
    assert {row["意思"] for row in table(book["说明"]) if row["列代码"] == "_second"} >= {
        "第二人已确认",
        "没有第二人确认",
    }
    without = openpyxl.load_workbook(io.BytesIO(made(visitor, survey).data))
    assert sorted(str(row["_second"]) for row in table(without["代码"])) == ["None", "one", "two"]
    assert "_second_name" not in table(without["代码"])[0]


def test_labels_codes_and_codebook_fit_together(answered, make):
    book = openpyxl.load_workbook(io.BytesIO(made(staff(make, answered), answered).data))
    words, codes = ([[cell.value for cell in row] for row in book[name].iter_rows()] for name in ("答卷", "代码"))
    meaning = {(row["列代码"], str(row["代码"])): row["意思"] for row in table(book["说明"])}
    assert len(words[0]) == len(codes[0])
    for said, coded in zip(words[1:], codes[1:], strict=True):
        for column, code, label in zip(codes[0], coded, said, strict=True):
            if (column, str(code)) in meaning and "/" not in column:
                assert label == meaning[column, str(code)]
    assert {row[codes[0].index("q15/1")] for row in words[1:]} == {"排水、雨污分流"}


def test_without_names_no_name_phone_or_door_is_in_the_file_nor_the_order_of_doors(answered, make):
    for role in ("community_worker", "street_officer"):
        answer = made(staff(make, answered, role), answered, format="csv")
        text = answer.data.decode("utf-8-sig")
        for secret in ("陈秀英", "13812341234", "阿强", "13912345678", answered.dwellings[0].label):
            assert secret not in text
        assert "［号码］" in text
        assert "_door" not in text


def test_above_the_street_nobody_gets_a_line_of_a_household_but_the_public_figures(answered, make):
    """Not by asking, not after the close, not with a file of a better post: but every number that is public."""
    district = staff(make, answered, "district_officer")
    url = f"/api/v1/staff/campaigns/{answered.campaign}/exports"
    page = f"/work/surveys/{answered.campaign}"
    for home in answered.dwellings[3:6]:
        account = answered.owner(home)
        answered.submit(account, home, answers=answered.answers(account, home, q12=["roads"]))
    while counting.drain_tally(now=NOW):
        pass
    release_waiting(now=NOW)
    for closed in (False, True):
        if closed:
            campaigns.close_by_hand(answered.campaign, person_id=None, actor="test", now=NOW)
        for format in ("xlsx", "csv", "sav"):
            assert district.post(url, json={"format": format}).json["detail"].startswith("一户一行的表只给")
        assert 'data-format="csv"' not in district.get(page).get_data(as_text=True)
    book = openpyxl.load_workbook(io.BytesIO(made(district, answered, format="figures").data))
    assert book.sheetnames == ["汇总表", "汇总", "各小区", "说明"]
    public = results.public_results(answered.campaign, answered.estate.code)
    told = {
        (figure.title, row.label or None, cell.label): "未公布" if cell.n is None else cell.n
        for figure in public.figures
        for row in figure.rows
        for cell in row.cells
    }
    assert "未公布" in told.values()
    for name in ("汇总", "各小区"):
        lines = [line for line in table(book[name]) if line["选项"]]
        assert {(line["题目"], line["行"], line["选项"]): line["户数"] for line in lines} == told
        assert all((line["户数"] == "未公布") == (line["比例"] == "未公布") for line in lines)
    assert next(line["户数"] for line in table(book["各小区"])) == public.estate.answered == 6
    # A street officer who moves up to the district cannot fetch the rows he asked for before.
    street = staff(make, answered, "street_officer")
    made(street, answered, format="csv")
    mine = street.get(url).json["exports"][0]["export"]
    who = reading().query(Export).filter_by(public_id=mine).one().person_id
    with transaction() as session:
        session.execute(sa.update(Grant).where(Grant.person_id == who).values(role="district_officer"))
    assert street.get(f"/api/v1/staff/exports/{mine}/file").status_code == 403


def test_with_names_only_the_worker_gets_it_and_it_is_sealed_at_rest(answered, make):
    body = {"format": "xlsx", "named": True}
    for role in ("street_officer", "district_officer"):
        refused = staff(make, answered, role).post(f"/api/v1/staff/campaigns/{answered.campaign}/exports", json=body)
        assert refused.status_code == 403
    visitor = staff(make, answered)
    sheet = table(openpyxl.load_workbook(io.BytesIO(made(visitor, answered, named=True).data))["代码"])
    assert [row["_door"] for row in sheet] == [home.label for home in answered.dwellings[:3]]
    assert sheet[0]["q36"] == "陈秀英"
    assert sheet[0]["q36_phone"] == "13812341234"
    kept = reading().query(Export).one()
    assert not store().get(kept.storage_key).startswith(b"PK")


def test_nothing_in_a_file_is_a_formula(answered, make):
    visitor = staff(make, answered)
    answer = made(visitor, answered, named=True)
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    lines = list(
        csv.DictReader(io.StringIO(made(visitor, answered, named=True, format="csv").data.decode("utf-8-sig")))
    )
    assert lines[1]["q36"] == "'+阿强"
    assert lines[1]["q35"].startswith("'=HYPERLINK")


def test_each_asking_and_each_download_is_written_down(answered, make):
    made(staff(make, answered), answered)
    actions = [entry.action for entry in reading().query(AuditEntry)]
    assert "export.asked" in actions
    assert "look.export" in actions


def test_a_file_is_its_askers_alone_and_only_while_he_holds_his_post(answered, make):
    visitor = staff(make, answered)
    made(visitor, answered)
    export = reading().query(Export).one()
    other = staff(make, answered)
    assert other.get(f"/api/v1/staff/exports/{export.public_id}").status_code == 404
    assert other.get(f"/api/v1/staff/exports/{export.public_id}/file").status_code == 404
    with clock.at(NOW + timedelta(days=8)):
        assert visitor.get(f"/api/v1/staff/exports/{export.public_id}/file").status_code == 410
        assert making.forget_old(now=clock.now()) == 1
        assert making.forget_old(now=clock.now()) == 0
    assert visitor.get(f"/api/v1/staff/exports/{export.public_id}/file").status_code == 410


def test_the_same_key_asks_for_one_file_and_a_fourth_unfinished_one_is_refused(answered, make):
    visitor, url = staff(make, answered), f"/api/v1/staff/campaigns/{answered.campaign}/exports"
    key = str(uuid.uuid4())
    first = visitor.post(url, json={"format": "csv"}, key=key)
    assert visitor.post(url, json={"format": "csv"}, key=key).json == first.json
    for expected in (202, 202, 429):
        assert visitor.post(url, json={"format": "csv"}).status_code == expected
    assert len(visitor.get(url).json["exports"]) == 3


def test_a_maker_that_died_is_followed_by_another_and_three_deaths_are_a_failure(answered, make, monkeypatch):
    visitor, url = staff(make, answered), f"/api/v1/staff/campaigns/{answered.campaign}/exports"
    export = visitor.post(url, json={"format": "csv"}).json["export"]

    def dies(*_args, **_kwargs):
        raise RuntimeError("the machine went down")

    monkeypatch.setattr(making.table, "write", dies)
    for days in range(3):
        with clock.at(NOW + timedelta(hours=days)), pytest.raises(RuntimeError):
            making.make_waiting(now=clock.now())
    with clock.at(NOW + timedelta(hours=4)):
        making.make_waiting(now=clock.now())
        assert visitor.get(f"/api/v1/staff/exports/{export}").json["state"] == "failed"


def test_the_doors_not_answered_are_for_the_worker_and_each_look_is_written_down(answered, make):
    building = place_by_id(reading(), answered.dwellings[0].building_id)
    url = f"/api/v1/staff/campaigns/{answered.campaign}/doors-not-answered?building={building.public_id}"
    worker = staff(make, answered)
    told = worker.get(url).json
    assert told["homes"] == 8
    assert [door["door"] for door in told["doors"]] == [home.label for home in answered.dwellings[3:]]
    assert "look.doors_not_answered" in [entry.action for entry in reading().query(AuditEntry)]
    paper = worker.get(f"/work/surveys/{answered.campaign}/doors?building={building.public_id}").get_data(as_text=True)
    assert answered.dwellings[3].label in paper
    assert answered.dwellings[0].label not in paper
    assert staff(make, answered, "district_officer").get(url).status_code == 403
    leader = make.account()
    make.grant(leader, "group_leader", answered.estate)
    assert make.signed_in(leader).get(url).status_code == 403
    assert make.signed_in(answered.owner(answered.dwellings[4])).get(url).status_code == 403


def test_the_staffs_page_shows_the_estates_the_buttons_and_how_far_a_file_is(answered, make):
    visitor = staff(make, answered)
    assert "2026年居民问卷" in visitor.get("/work/surveys").get_data(as_text=True)
    visitor.post(f"/api/v1/staff/campaigns/{answered.campaign}/exports", json={"format": "xlsx"})
    text = visitor.get(f"/work/surveys/{answered.campaign}").get_data(as_text=True)
    assert "3 / 8 户已填" in text
    assert "排队中" in text
    assert "导出带门牌、姓名、电话的表" in text
    making.make_waiting(now=NOW)
    assert "下载（3 份）" in visitor.get(f"/work/surveys/{answered.campaign}").get_data(as_text=True)
    district = staff(make, answered, "district_officer").get(f"/work/surveys/{answered.campaign}")
    assert "带门牌" not in district.get_data(as_text=True)
    assert "导出汇总表" in district.get_data(as_text=True)


def test_the_operators_command_writes_a_file_without_names(answered, app, tmp_path):
    out = tmp_path / "all.csv"
    told = app.test_cli_runner().invoke(args=["survey", "export", answered.campaign, "--out", str(out)])
    assert (told.exit_code, "3 份答卷" in told.output) == (0, True)
    assert "陈秀英" not in out.read_text(encoding="utf-8-sig")
    wrong = app.test_cli_runner().invoke(args=["survey", "export", answered.campaign, "--out", str(tmp_path / "a.ods")])
    assert wrong.exit_code == 2


def test_the_staffs_page_says_which_floors_have_answered(answered, make):
    sheets.refresh_due(now=NOW)
    text = staff(make, answered).get(f"/work/surveys/{answered.campaign}").get_data(as_text=True)
    assert "2 / 2 户已填" in text  # the first floor
    assert "1 / 4 户已填" in text  # the second and third
    assert "没有租户登记的" in text
