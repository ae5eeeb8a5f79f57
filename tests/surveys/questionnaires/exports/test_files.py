"""SPSS files read back by ReadStat, sealed files, photos, the layout offices hand in, formulas."""

import io
import uuid
import zipfile
from datetime import datetime

import openpyxl
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kernel import clock
from kernel.database import reading
from kernel.errors import DomainError
from kernel.storage import store
from surveys.questionnaires import data
from surveys.questionnaires.exports import photos, sealed_files
from surveys.questionnaires.exports.models import Export
from surveys.questionnaires.exports.sav import SavFile, variables
from surveys.questionnaires.models import Purpose
from surveys.questionnaires.rules import form
from surveys.questionnaires.rules.columns import TableColumn, columns, csv_text
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.services import attachments, counting, results
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.conftest import NOW
from tests.surveys.questionnaires.exports.test_exports import made, staff, table
from tests.surveys.questionnaires.forms import cells_of

FORM = form.read(data.shipped("estate-renovation-needs"))
AT = datetime(2026, 11, 22, 10, 0)


@pytest.fixture(autouse=True)
def _today():
    with clock.at(NOW):
        yield


def read_sav(path):
    frame, about = pyreadstat.read_sav(str(path), output_format="dict")
    return frame, about


def written(tmp_path, wanted, rows):
    """An SPSS file of rows that say what stands in some columns, by code."""
    path = tmp_path / f"{uuid.uuid4()}.sav"
    file = SavFile(path, wanted, rows=len(rows), title="居民问卷", made_at=AT)
    for row in rows:
        held = [row.get(column.code, "") for column in wanted]
        file.row([file.cell(place, cell, cell) for place, cell in enumerate(held)])
    file.close([], len(rows))
    return path


def test_an_spss_file_of_the_official_sheet_reads_back_with_names_labels_and_values(tmp_path):
    wanted = columns(FORM, named=True)
    held = {code: coded for code, (coded, _) in cells_of(FORM, {**FULL, "q35": "灯不亮。" * 120}).items()}
    frame, about = read_sav(written(tmp_path, wanted, [held, {}]))
    assert about.number_rows == 2
    assert about.file_encoding == "UTF-8"
    labels = dict(zip(about.column_names, about.column_labels, strict=True))
    assert labels["q09"] == "9. 您同意本小区改造吗"
    assert about.variable_value_labels["q09"][1.0] == "同意"
    assert frame["q09"][0] == 1
    assert about.variable_value_labels["q12_water"] == {1.0: "选了", 0.0: "没选"}
    assert (frame["q12_water"][0], frame["q12_roads"][0]) == (1, 0)
    assert frame["q04"][0] == 86.5
    assert frame["q35"][0] == "灯不亮。" * 120  # 480 characters, 1,440 bytes: six segments
    assert frame["q36"][0] == "陈秀英"
    assert frame["q09"][1] is None
    assert frame["q35"][1] == ""
    assert about.variable_measure["q04"] == "scale"
    assert about.variable_measure["q09"] == "nominal"


TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=300)


@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.integers(-500, 10**7)), TEXTS, st.sampled_from([None, "a", "b"])), max_size=6
    ),
    st.integers(1, 300),
)
def test_whatever_stands_in_a_table_reads_back_from_the_spss_file(tmp_path_factory, rows, longest):
    wanted = [
        TableColumn("number", "1", "数", "", "number", (), False, 0, True),
        TableColumn("text", "2", "字", "", "text", (), True, longest),
        TableColumn("pick", "3", "选", "", "single", (("a", "甲"), ("b", "乙")), False),
    ]
    given_rows = []
    for number, text, pick in rows:
        held = {"text": text[:longest].rstrip()}
        held |= {} if number is None else {"number": number}
        held |= {} if pick is None else {"pick": pick}
        given_rows.append(held)
    frame, _ = read_sav(written(tmp_path_factory.mktemp("sav"), wanted, given_rows))
    for at, row in enumerate(given_rows):
        assert frame["number"][at] == row.get("number")
        assert frame["text"][at] == row["text"]
        assert frame["pick"][at] == ({"a": 1, "b": 2}[row["pick"]] if "pick" in row else None)


def test_names_of_variables_are_such_as_spss_takes_each_once():
    codes = ["q12/water", "q12_water", "_estate", "with", "1st", "Q12/WATER", "x" * 90, "x" * 91, "q.", "电话"]
    names = [variable.name for variable in variables([TableColumn(c, "", "", "", "", (), False) for c in codes])]
    assert names[:4] == ["q12_water", "q12_water_2", "estate", "v_with"]
    assert len({name.lower() for name in names}) == len(names)
    assert all(len(name.encode()) <= 64 and name[0].isalpha() and not name.endswith(".") for name in names)


@pytest.fixture
def answered(survey):
    """Two households: one with a photo it agrees to publish, one with a photo it does not."""
    for home, agrees in zip(survey.dwellings, (True, False), strict=False):
        account = survey.owner(home)
        picture = io.BytesIO()
        Image.new("RGB", (40, 30), (200, 0, 0)).save(picture, "JPEG")
        file = attachments.attach(
            survey.campaign,
            home.public_id,
            purpose=Purpose.PHOTO,
            data=picture.getvalue(),
            channel=Channel.WECHAT_SELF,
            account_id=account.id,
            person_id=account.person_id,
            key=survey.key(account),
            now=NOW,
        )
        consent = {"use": True, "call": True, "photos": agrees}
        shown = [{"file": file, "caption": "../../漏水 找13812345678"}]
        survey.submit(account, home, answers=survey.answers(account, home, q20=shown, q37=consent))
    while counting.drain_tally(now=NOW):
        pass
    return survey


def test_the_numbers_of_the_spss_file_are_those_of_the_results_page(answered, make, tmp_path):
    visitor = staff(make, answered)
    path = tmp_path / "file.sav"
    path.write_bytes(made(visitor, answered, format="sav").data)
    frame, about = read_sav(path)
    page = results.staff_results(answered.campaign, person_id=reading().query(Export).one().person_id, now=NOW)
    for figure in page.figures:
        if figure.kind == "single" and "." not in figure.code:
            labels = about.variable_value_labels[figure.code]
            found = [labels[value] for value in frame[figure.code] if value is not None]
            assert {cell.label: cell.n for cell in figure.rows[0].cells if cell.n} == {
                label: found.count(label) for label in set(found)
            }
    assert "q36" not in frame
    assert "door" not in frame


def test_photos_come_by_door_for_the_worker_and_without_doors_where_households_agreed_for_publishing(answered, make):
    worker = staff(make, answered)
    whole = zipfile.ZipFile(io.BytesIO(made(worker, answered, format="photos").data))
    doors = {home.label for home in answered.dwellings[:2]}
    named = [name for name in whole.namelist() if name.endswith(".jpg")]
    assert {name.split("/")[1] for name in named} == doors
    assert all(".." not in name and "13812345678" not in name for name in named)
    assert whole.read(named[0]).startswith(b"\xff\xd8")
    assert not store().get(reading().query(Export).one().storage_key).startswith(b"PK")
    shown = zipfile.ZipFile(io.BytesIO(made(staff(make, answered), answered, format="photos_public").data))
    assert len([name for name in shown.namelist() if name.endswith(".jpg")]) == 1
    assert not any(door in name for door in doors for name in shown.namelist())
    refused = staff(make, answered, "street_officer").post(
        f"/api/v1/staff/campaigns/{answered.campaign}/exports", json={"format": "photos"}
    )
    assert refused.status_code == 403


def test_photos_of_the_paper_are_never_for_publishing():
    answers = {**FULL, "q20": [{"file": "a", "caption": ""}], "q38_paper": [{"file": "b", "caption": ""}]}
    assert [file for _, file, _ in photos.shots(FORM, answers, published=True)] == ["a"]
    assert [file for _, file, _ in photos.shots(FORM, answers, published=False)] == ["a", "b"]
    assert not photos.may_publish(FORM, FULL)
    assert not photos.may_publish(FORM, {})


def test_the_layout_offices_hand_in_has_title_unit_and_who_filled_it_in_and_the_same_figures(answered, make):
    book = openpyxl.load_workbook(io.BytesIO(made(staff(make, answered), answered).data))
    rows = [[cell.value for cell in row] for row in book["汇总表"].iter_rows()]
    assert rows[0][0] == "2026年居民问卷汇总表"
    assert rows[1][4] == "单位：户"
    assert rows[2] == ["题号", "题目", "行", "选项", "户数", "回答户数", "比例", "平均"]
    assert (rows[-1][0], rows[-1][2], rows[-1][5]) == ("填报人：", "审核人：", "填报日期：2026-11-22")
    sums = [(line["行"] or None, line["选项"] or None, line["户数"]) for line in table(book["汇总"])[1:]]
    assert [(row[2], row[3], row[4]) for row in rows[3:-1]] == sums


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "＝", "＋", "－", "＠", " =", "\n@"])
def test_no_start_of_a_formula_stays_one(start):
    assert csv_text(f"{start}1+1").startswith("'")


@settings(max_examples=30)
@given(st.binary(max_size=50), st.integers(1, 20))
def test_what_is_sealed_in_pieces_opens_in_pieces_of_any_size(app_free_vault, content, size):
    folder, monkey = app_free_vault
    monkey.setattr(sealed_files, "PIECE_BYTES", 16)
    (folder / "clear").write_bytes(content)
    sealed_files.seal_file(folder / "clear", folder / "sealed", context="x")
    sealed = (folder / "sealed").read_bytes()
    pieces = [sealed[at : at + size] for at in range(0, len(sealed), size)]
    assert b"".join(sealed_files.open_pieces(pieces, context="x")) == content
    with pytest.raises(DomainError):
        list(sealed_files.open_pieces([sealed[:-1]], context="x"))


@pytest.fixture(scope="module")
def app_free_vault(tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkey:
        from kernel.encryption import Vault

        vault = Vault([bytes(range(32))], [bytes(range(1, 33))])
        monkey.setattr(sealed_files, "vault", lambda: vault)
        yield tmp_path_factory.mktemp("sealed"), monkey


def test_a_sealed_files_pieces_cannot_be_dropped_or_swapped(app_free_vault):
    folder, monkey = app_free_vault
    monkey.setattr(sealed_files, "PIECE_BYTES", 16)
    (folder / "clear").write_bytes(bytes(40))
    sealed_files.seal_file(folder / "clear", folder / "sealed", context="x")
    sealed = (folder / "sealed").read_bytes()
    envelopes, at = [], 0
    while at < len(sealed):
        end = at + 4 + int.from_bytes(sealed[at : at + 4], "big")
        envelopes.append(sealed[at:end])
        at = end
    assert len(envelopes) == 3
    for wrong in (envelopes[:2], [envelopes[1], envelopes[0], envelopes[2]], []):
        with pytest.raises(DomainError):
            list(sealed_files.open_pieces(wrong, context="x"))
