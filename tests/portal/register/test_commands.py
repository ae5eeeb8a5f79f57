"""The commands as an office types them: ``flask roster``, ``flask qr``, ``flask user``."""

import json
import re
import shutil
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
import sqlalchemy as sa
import zxingcpp

from kernel import clock
from kernel.database import reading
from kernel.errors import Gone
from kernel.grants import grants_of
from kernel.people.queries import account_by_openid
from kernel.places.models import DoorCode, Dwelling
from kernel.places.queries import dwelling_by_door_code
from portal.cli.told import progress_shown

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def estate(make):
    return make.place(
        "estate", make.place("community", make.city(), code="qiming"), name="桃园北巷", code="taoyuan-beixiang"
    )


@pytest.fixture
def run(app, estate):
    return lambda *words: app.test_cli_runner().invoke(args=[str(word) for word in words])


@pytest.fixture
def imported(run):
    assert run("roster", "import", DATA / "roster_good.xlsx", "--estate", "taoyuan-beixiang").exit_code == 0


def test_a_good_roster_is_imported_and_the_counts_are_said(run):
    done = run("roster", "import", DATA / "roster_good.xlsx", "--estate", "taoyuan-beixiang")
    assert done.exit_code == 0, done.output
    assert "读到 96 行，0 行有错误" in done.output
    assert "已新增 96 户" in done.output
    assert "写入：96/96" in done.stderr
    again = run("roster", "import", DATA / "roster_good.xlsx", "--estate", "taoyuan-beixiang")
    assert "96 户不变" in again.output


def test_a_bad_roster_comes_back_beside_itself_and_exits_1(run, tmp_path):
    shutil.copy(DATA / "roster.xlsx", tmp_path / "名册.xlsx")
    done = run("roster", "import", tmp_path / "名册.xlsx", "--estate", "taoyuan-beixiang")
    assert done.exit_code == 1
    assert "什么也没有写入" in done.output
    page = openpyxl.load_workbook(tmp_path / "名册_错误.xlsx").active
    assert page["J2"].value == "错误原因"
    assert reading().scalar(sa.select(sa.func.count()).select_from(Dwelling)) == 0
    done = run("roster", "import", tmp_path / "名册.xlsx", "--estate", "taoyuan-beixiang", "--accept-good-rows")
    assert done.exit_code == 0
    assert reading().scalar(sa.select(sa.func.count()).select_from(Dwelling)) == 45


def test_a_machine_gets_one_json_object_and_no_progress(run, tmp_path):
    shutil.copy(DATA / "roster.xlsx", tmp_path / "r.xlsx")
    done = run(
        "roster",
        "import",
        tmp_path / "r.xlsx",
        "--estate",
        "taoyuan-beixiang",
        "--json",
        "--dry-run",
        "--errors",
        tmp_path / "e.xlsx",
    )
    answer = json.loads(done.stdout)
    assert done.stderr == ""
    assert done.exit_code == 1
    assert (answer["rows"], answer["bad_rows"], answer["written"]) == (55, 9, False)
    assert {"row": 10, "sheet": 1, "column": 3, "text": "没有写房号"} in answer["problems"]
    assert answer["annotated"] == str(tmp_path / "e.xlsx")


@pytest.mark.parametrize("words", [("没有.xlsx", "taoyuan-beixiang"), ("roster_good.xlsx", "nowhere")])
def test_what_cannot_be_read_exits_2_with_one_sentence(run, words):
    done = run("roster", "import", DATA / words[0], "--estate", words[1])
    assert done.exit_code == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1


def test_labels_of_a_building_are_printed_once_issued_and_every_code_leads_to_its_door(run, imported, tmp_path):
    done = run("qr", "sheets", "--estate", "taoyuan-beixiang", "--building", "3幢", "--out", tmp_path / "labels")
    assert done.exit_code == 0, done.output
    assert "已印 24 张门牌，其中新编号 24 个" in done.output
    [pdf] = (tmp_path / "labels").glob("*.pdf")
    scanned = [
        code.text
        for page in pypdfium2.PdfDocument(pdf)
        for code in zxingcpp.read_barcodes(page.render(scale=2).to_pil())
    ]
    assert len(set(scanned)) == 24
    doors = {dwelling_by_door_code(reading(), address.rsplit("/", 1)[1]).label for address in scanned}
    assert doors == {f"3栋{unit}单元{floor}0{door}" for unit in (1, 2) for floor in range(1, 7) for door in (1, 2)}
    again = run("qr", "sheets", "--estate", "taoyuan-beixiang", "--out", tmp_path / "labels")
    assert "已印 96 张门牌，其中新编号 72 个" in again.output
    assert len(list((tmp_path / "labels").glob("*.pdf"))) == 4


def test_a_dry_run_of_the_labels_writes_nothing(run, imported, tmp_path):
    done = run("qr", "sheets", "--estate", "taoyuan-beixiang", "--out", tmp_path / "labels", "--dry-run", "--json")
    assert json.loads(done.stdout)["labels"] == 96
    assert not (tmp_path / "labels").exists()
    assert reading().scalar(sa.select(sa.func.count()).select_from(DoorCode)) == 0


def test_a_revoked_code_leads_nowhere_and_the_next_printing_makes_another(run, imported, tmp_path):
    run("qr", "sheets", "--estate", "taoyuan-beixiang", "--out", tmp_path)
    code = reading().scalars(sa.select(DoorCode.code)).first()
    typed = f"{code[:4]}-{code[4:8]}-{code[8:]}".lower()
    done = run("qr", "revoke", typed)
    assert done.exit_code == 0
    with pytest.raises(Gone):
        dwelling_by_door_code(reading(), code)
    assert run("qr", "revoke", code).exit_code == 1
    assert run("qr", "revoke", "U" * 10).exit_code == 2
    assert "其中新编号 1 个" in run("qr", "sheets", "--estate", "taoyuan-beixiang", "--out", tmp_path).output


def test_an_estate_without_dwellings_says_what_to_do(run, tmp_path):
    done = run("qr", "sheets", "--estate", "taoyuan-beixiang", "--out", tmp_path)
    assert done.exit_code == 1
    assert "请先导入名册" in done.stderr


def test_a_role_is_given_for_a_term_and_taken_away(run):
    done = run("user", "grant", "o-worker", "community_worker", "qiming", "--until", "2099-12-31", "--name", "李工")
    assert done.exit_code == 0, done.output
    assert "社区工作者" in done.output
    assert re.search(r"到 2100-01-01 00:00|到 2099-12-31 24:00", done.output)
    assert "已经有了" in run("user", "grant", "o-worker", "community_worker", "qiming", "--until", "2099-12-31").output
    session = reading()
    person_id = account_by_openid(session, "o-worker").person_id
    assert len(grants_of(session, person_id, clock.now())) == 1
    assert run("user", "revoke", "o-worker").exit_code == 0
    assert grants_of(reading(), person_id, clock.now()) == []
    assert run("user", "revoke", "o-worker").exit_code == 1


@pytest.mark.parametrize(
    "words",
    [
        ("o-x", "king", "qiming"),
        ("o-x", "community_worker", "nowhere"),
        ("o-x", "city_officer", "qiming"),
        ("o-x", "community_worker", "qiming", "--until", "2020-01-01"),
    ],
)
def test_a_role_that_makes_no_sense_is_refused(run, words):
    assert run("user", "grant", *words).exit_code == 1


def test_a_terminal_gets_bars_and_a_pipe_gets_quarters(capsys, monkeypatch):
    with progress_shown(quiet=False) as tell:
        for done in range(0, 1001, 10):
            tell("读取", done, 1000)
    assert capsys.readouterr().err.splitlines() == [
        "读取：250/1000",
        "读取：500/1000",
        "读取：750/1000",
        "读取：1000/1000",
    ]
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with progress_shown(quiet=False) as tell:
        tell("写入", 500, 1000)
        tell("写入", 1000, 1000)
    assert "1000/1000" in capsys.readouterr().err
    with progress_shown(quiet=True) as tell:
        tell("读取", 1, 1)
    assert capsys.readouterr().err == ""
