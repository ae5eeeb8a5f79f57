"""Our questionnaires as spreadsheets that other systems take."""

from xml.etree.ElementTree import canonicalize

import defusedxml.ElementTree as Xml
import pytest

from surveys.questionnaires import data
from surveys.questionnaires.rules import form
from surveys.questionnaires.rules.questions import KINDS
from surveys.questionnaires.xlsform import compiling, exporting, importing, workbook


@pytest.fixture(scope="module")
def official() -> form.Form:
    """The official sheet of 38 questions."""
    return form.read(data.shipped("estate-renovation-needs"))


def test_every_question_kind_of_the_registry_can_be_written() -> None:
    assert list(exporting.unwritten(KINDS)) == []


def test_the_official_sheet_is_accepted_by_pyxform_from_the_file_as_from_the_rows(official: form.Form) -> None:
    made = exporting.export(official)
    from_file = compiling.xform(workbook.written(made.sheets))
    assert canonicalize(from_file) == canonicalize(compiling.xform(made.sheets))
    leaves = {element.tag.partition("}")[2] for element in Xml.fromstring(from_file).iter()}
    assert {field.name for field in made.fields} <= leaves


def test_every_question_of_the_official_sheet_is_written_or_listed(official: form.Form) -> None:
    made = exporting.export(official)
    written = {field.code for field in made.fields} | {row["name"] for row in made.survey}
    for question in official.questions:
        assert question.code in written or any(text.startswith(f"{question.code}：") for text in made.listed)
    assert any("building.has_lift" in text for text in made.listed)
    assert all(field.name != "q34" for field in made.fields)


def test_with_the_table_of_doors_conditions_ask_the_register(official: form.Form) -> None:
    made = exporting.export(official, at_doors=True)
    rows = {row["name"]: row for row in made.survey}
    assert rows["q34"]["relevant"] == "${fact_renovated} = 'true'"
    assert rows["q16"]["relevant"] == "((${fact_floors} >= 4 or ${q05__total} >= 4) and not(${fact_has_lift} = 'true'))"
    assert 'src="jr://file-csv/doors.csv"' in compiling.xform(made.sheets)


def test_the_official_sheet_comes_back_as_the_same_kinds_of_questions(official: form.Form) -> None:
    found = importing.read_form(workbook.written(exporting.export(official).sheets))
    assert [str(remark) for remark in found.refused] == []
    back = form.read(found.document)
    for question in official.questions:
        if question.code in back.by_code and question.kind not in ("photo", "place"):
            twin = back.by_code[question.code]
            title = twin.title.partition("（㎡）")[0]
            assert (twin.kind, title, twin.required) == (question.kind, question.title, question.required)
            assert [option.label for option in twin.options] == [option.label for option in question.options]
            if question.kind in ("number_grid", "consent"):
                key = "rows" if question.kind == "number_grid" else "items"
                plain = [{k: v for k, v in row.items() if k != "unit"} for row in question.spec[key]]
                labelled = [row | {"label": row["label"].partition("（")[0]} for row in twin.spec[key]]
                assert labelled == plain


def test_codes_that_would_meet_in_one_field_name_stay_apart() -> None:
    options = [{"code": "b", "label": "乙", "text": {"label": "说", "max": 9}}, {"code": "c", "label": "丙"}]
    read = form.read(
        {
            "code": "x",
            "edition": "1",
            "title": "题",
            "sections": [
                {
                    "code": "a",
                    "title": "组",
                    "questions": [
                        {"code": "a__b", "kind": "text", "title": "字", "max": 9},
                        {"code": "a", "kind": "single", "title": "选", "options": options},
                        {"code": "door", "kind": "text", "title": "门", "max": 9},
                    ],
                }
            ],
        }
    )
    made = exporting.export(read, at_doors=True)
    assert len({field.name for field in made.fields}) == 4
    compiling.xform(made.sheets)


def test_a_cell_that_looks_like_a_formula_is_text() -> None:
    read = form.read(
        {
            "code": "x",
            "edition": "1",
            "title": "=1+1",
            "sections": [
                {
                    "code": "a",
                    "title": "组",
                    "questions": [{"code": "t", "kind": "text", "title": "=HYPERLINK(1)", "max": 9}],
                }
            ],
        }
    )
    rows = workbook.read(workbook.written(exporting.export(read).sheets)).survey
    assert "=HYPERLINK(1)" in [row.get("label") for row in rows]


def test_rows_are_asked_about_by_what_is_filled_in_and_counted_only_where_they_are_asked() -> None:
    two = [{"code": "a", "label": "有"}, {"code": "b", "label": "没有"}]
    asked = {"code": "has", "kind": "single", "title": "有吗", "options": two}
    inner = [{"code": "age", "kind": "number", "title": "年龄", "low": 0, "high": 120}]
    rows = {"code": "old", "kind": "repeat", "title": "老人", "max": 3, "required": True, "questions": inner}
    after = {"code": "more", "kind": "text", "title": "说明", "max": 9, "show_if": {"answered": "old"}}
    section = {"code": "s", "title": "一", "questions": [asked, {**rows, "show_if": {"is": ["has", "a"]}}, after]}
    read = form.read({"code": "f", "edition": "1", "title": "问卷", "sections": [section]})
    made = {row["name"]: row.get("relevant") for row in exporting.export(read).survey}
    assert made["old__least"] == "(${has} = 'a') and count(${old}) < 1"
    assert made["more"] == "(join('', ${old__age}) != '')"
    found = importing.read_form(workbook.written(exporting.export(read).sheets))
    assert found.document is not None
    assert form.read(found.document).by_code["more"].show_if == {"answered": "old"}
