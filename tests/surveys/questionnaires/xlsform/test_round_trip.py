"""Whatever is accepted as a questionnaire comes back from a spreadsheet asking the same and taking the same answers."""

import random
from datetime import date
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kernel.errors import Invalid
from surveys.questionnaires import data
from surveys.questionnaires.rules import form, languages
from surveys.questionnaires.rules.plan import Plan, together
from surveys.questionnaires.xlsform import compiling, exporting, importing, kept, workbook
from tests.surveys.questionnaires.forms import KINDS, answers, document

TODAY = date(2026, 11, 25)


def read_or_none(raw: dict[str, Any]) -> form.Form | None:
    """The form of a document, or None for one that is not in order (a condition that can never hold)."""
    try:
        return form.read(raw)
    except Invalid:
        return None


def outcome(plan: Plan, given_: dict[str, Any]) -> Any:
    """What becomes of answers: kept in normal form, or which questions are wrong."""
    try:
        checked = plan.check(given_, {}, today=TODAY)
    except Invalid as refused:
        return sorted(refused.fields)
    return checked.answers | checked.private


@given(st.integers(0, 10**9))
def test_a_form_comes_back_from_its_spreadsheet_taking_the_very_same_answers(seed: int) -> None:
    chance = random.Random(seed)
    first = read_or_none(document(chance))
    assume(first is not None)
    assert first is not None
    made = exporting.export(first)
    found = importing.read_form(workbook.written(made.sheets))
    assert [str(remark) for remark in found.refused] == []
    back = form.read(found.document)
    assert [(one.code, one.kind, one.title, one.required) for one in back.with_inner.values()] == [
        (one.code, one.kind, one.title, one.required) for one in first.with_inner.values()
    ]
    # Where fewer may be chosen than must be, the spreadsheet cannot say it, and the export says that it cannot.
    assume(not any("最少选几项" in text or "必填没有写" in text for text in made.listed))
    before, after = Plan(first), Plan(back)
    for _ in range(25):
        given_ = answers(chance, first)
        assert outcome(after, given_) == outcome(before, given_)


@given(st.integers(0, 10**9))
def test_what_is_taken_is_taken_again_and_what_is_hidden_never(seed: int) -> None:
    chance = random.Random(seed)
    read = read_or_none(document(chance))
    assume(read is not None)
    assert read is not None
    plan = Plan(read)
    for _ in range(25):
        given_ = answers(chance, read)
        try:
            checked = plan.check(given_, {}, today=TODAY)
        except Invalid:
            continue
        asked = {one.code: one for one in plan.asked(checked.answers, {})}
        assert checked.answers.keys() <= asked.keys()
        for code, value in checked.answers.items():
            if read.by_code[code].kind in ("single", "multi", "ranking"):
                chosen = [value] if isinstance(value, str) else value
                assert set(chosen) <= set(asked[code].options)
        assert all(one.code in checked.answers | checked.private for one in asked.values() if one.needed)
        assert plan.check(together(read, checked.answers, checked.private), {}, today=TODAY) == checked


def full(chance: random.Random) -> dict[str, Any]:
    """A questionnaire with what XLSForm has no words for, and two translations of some of it."""
    made = document(chance, kinds=(*KINDS, "photo", "signature", "note", "place"))
    questions = made["sections"][0]["questions"]
    made["intro"] = ["一户一份。", "填写自愿。"]
    made["subjects"] = {"consent": [chance.choice(questions)["code"]]}
    for one in questions:
        if one["kind"] == "single":
            made["rates"] = {"agree": {"question": one["code"], "option": one["options"][0]["code"]}}
            made["speaks_as"] = {"question": one["code"], "tenant": [one["options"][1]["code"]]}
            one["options"][-1]["text"] = {"label": "请说明", "max": 20, "required": True}
        if one["kind"] == "text":
            one |= {"placeholder": "写几个字", "private": chance.random() < 0.5}
        if one["kind"] == "rating":
            one |= {"low_label": "差", "high_label": "好", "hint": "点一个数"}
        if chance.random() < 0.3:
            one |= {"wrong": "请再看一看。", "hint": "慢慢填"}
        if chance.random() < 0.2:
            one["show_if"] = {"is": ["building.has_lift", False]}
    made["sections"].append({"code": "b", "title": "二", "questions": [questions.pop()]})
    made["sections"] = [section for section in made["sections"] if section["questions"]]
    places = [place for place in languages.places(made) if chance.random() < 0.6]
    texts = {place.address: f"{place.text} en" for place in places}
    made["languages"] = [{"code": "en", "name": "English", "texts": texts}] if texts else []
    return made


def written(read: form.Form) -> bytes:
    """The file of a form, as the command and the page write it; pyxform takes it."""
    packed = workbook.written(kept.sheets_of(read, exporting.export(read)))
    compiling.xform(packed)
    return packed


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_a_form_of_any_kind_comes_back_from_its_file_whole(seed: int) -> None:
    read = read_or_none(full(random.Random(seed)))
    assume(read is not None)
    assert read is not None
    found = importing.read_form(written(read))
    assert [str(remark) for remark in found.refused] == []
    assert [str(remark) for remark in found.listed] == []
    assert found.document == read.document
    assert form.read(found.document).content_hash == read.content_hash


def edited(sheets: dict[str, list[dict[str, str]]]) -> importing.Imported:
    """A file whose sheets somebody changed."""
    return importing.read_form(workbook.written(sheets))


def test_what_is_changed_in_the_file_is_changed_and_the_rest_stays_whole() -> None:
    read = form.read(data.shipped("estate-renovation-needs"))
    sheets = kept.sheets_of(read, exporting.export(read))
    rows = {row["name"]: row for row in sheets["survey"] if row["type"] != "end_group"}
    rows["q02"]["label"] = "2. 您和这套房子的关系"
    owner = next(row for row in sheets["choices"] if row["list_name"] == "q02" and row["name"] == "owner")
    owner["label"] = "房主"
    new = {"list_name": "q03", "name": "gift", "label": "受赠"}
    sheets["choices"].insert(sheets["choices"].index(owner), new)
    found = edited(sheets)
    assert [str(one) for one in (*found.refused, *found.listed)] == []
    expected = form.read(data.shipped("estate-renovation-needs")).document
    q02, q03 = expected["sections"][0]["questions"][1:3]
    q02["title"], q02["options"][0]["label"] = "您和这套房子的关系", "房主"
    q03["options"].insert(0, {"code": "gift", "label": "受赠"})
    got = found.document
    assert got is not None
    assert sorted(got["sections"][0]["questions"][2]["options"], key=str) == sorted(q03["options"], key=str)
    got["sections"][0]["questions"][2]["options"] = q03["options"]
    assert got == expected


def test_what_a_changed_file_can_no_longer_say_is_told_with_its_row() -> None:
    read = form.read(data.shipped("estate-renovation-needs"))
    sheets = kept.sheets_of(read, exporting.export(read))
    place = next(at for at, row in enumerate(sheets["survey"]) if row["name"] == "q04")
    sheets["survey"][place]["label"] = "4. 房子多大"  # the unit stood in the label
    gone = {"q09", "q10"}
    sheets["survey"] = [row for row in sheets["survey"] if row["name"].partition("__")[0] not in gone]
    for row in sheets["survey"]:
        row.pop("relevant", None)
    found = edited(sheets)
    said = [str(one) for one in (*found.refused, *found.listed)]
    assert any("subjects：q09 不在表里了" in line for line in said), said
    assert any("rates 提到的题不在表里了" in line for line in said), said
    assert any(f"第 {place + 2} 行：q04：title 表里改过" in line for line in said), said


def test_a_file_whose_own_sheet_was_lost_or_spoilt_is_read_from_the_others() -> None:
    read = form.read(data.shipped("estate-renovation-needs"))
    made = exporting.export(read)
    assert edited(dict(made.sheets)).document is not None
    found = edited({**kept.sheets_of(read, made), "gongjian": [{"document": "{broken"}]})
    assert found.document is not None
    assert any("另存的问卷内容不完整" in str(one) for one in found.listed)


def test_translations_stand_in_columns_beside_the_sheets_own_words_and_in_the_form_of_the_phone() -> None:
    raw = data.shipped("estate-renovation-needs")
    texts = {"q02/title": "You are", "q02/options/owner": "the owner", "title": "Survey"}
    read = form.read({**raw, "languages": [{"code": "en", "name": "English", "texts": texts}]})
    made = exporting.export(read)
    row = next(one for one in made.survey if one["name"] == "q02")
    assert (row["label::中文 (zh)"], row["label::English (en)"]) == ("2. 您是这套房子的", "2. You are")
    assert "label" not in row
    assert made.settings[0]["default_language"] == "中文 (zh)"
    xml = compiling.xform(exporting.export(read, at_doors=True).sheets)
    assert '<translation lang="English (en)">' in xml
    assert "2. You are" in xml
    # Without the sheet of our own, the columns alone bring the translations back.
    back = importing.read_form(workbook.written(made.sheets)).document
    assert back is not None
    assert back["languages"][0]["texts"] == {"q02/title": "You are", "q02/options/owner": "the owner"}
