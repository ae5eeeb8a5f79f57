"""Spreadsheets become questionnaires, or say by row why they cannot."""

import io
from typing import Any

import pytest
from openpyxl import Workbook

from kernel.errors import Invalid
from surveys.questionnaires.rules import form
from surveys.questionnaires.xlsform import importing, workbook
from surveys.questionnaires.xlsform.importing import Imported

SETTINGS = [{"form_id": "needs_2027", "form_title": "需求调查", "version": "2027-1"}]
YES_NO = [("yn", "yes", "是"), ("yn", "no", "否")]


def imported(survey: list[dict[str, str]], choices: Any = YES_NO, **more: Any) -> Imported:
    """Read a form written as rows."""
    names = ("list_name", "name", "label")
    rows = [one if isinstance(one, dict) else dict(zip(names, one, strict=True)) for one in choices]
    sheets = {"survey": survey, "choices": rows, "settings": more.pop("settings", SETTINGS), **more}
    return importing.read_form(workbook.written(sheets))


def questions(found: Imported) -> dict[str, dict[str, Any]]:
    """The questions by code; nothing may have been refused."""
    assert [str(remark) for remark in found.refused] == []
    assert found.document is not None
    form.read(found.document)
    return {one["code"]: one for section in found.document["sections"] for one in section["questions"]}


def said(remarks: list[importing.Remark]) -> str:
    """All remarks as one text."""
    return "\n".join(map(str, remarks))


def test_groups_become_sections_and_every_common_type_its_kind() -> None:
    found = imported(
        [
            {"type": "begin group", "name": "home", "label": "一、房屋"},
            {"type": "select_one yn", "name": "q1", "label": "1. 自住吗", "required": "yes"},
            {"type": "select_multiple yn", "name": "q2", "label": "可多选", "constraint": "count-selected(.) <= 1"},
            {"type": "integer", "name": "people", "label": "几口人", "constraint": ". >= 0 and . <= 30"},
            {"type": "decimal", "name": "area", "label": "面积", "constraint": ". >= 10 and . <= 500"},
            {"type": "text", "name": "words", "label": "建议", "constraint": "string-length(.) <= 200"},
            {"type": "date", "name": "day", "label": "日期", "constraint": ". <= today()"},
            {"type": "end group"},
            {"type": "begin_group", "name": "more", "label": "二、其他"},
            {"type": "note", "name": "thanks", "label": "谢谢"},
            {"type": "image", "name": "photo", "label": "照片"},
            {"type": "image", "name": "sign", "label": "签名", "appearance": "signature"},
            {"type": "rank yn", "name": "order", "label": "排序"},
            {"type": "range", "name": "score", "label": "打分", "parameters": "start=1 end=5 step=1"},
            {"type": "end_group"},
        ]
    )
    made = questions(found)
    assert found.document is not None
    assert [section["title"] for section in found.document["sections"]] == ["一、房屋", "二、其他"]
    assert (found.document["code"], found.document["edition"]) == ("needs_2027", "2027-1")
    assert {code: one["kind"] for code, one in made.items()} == {
        "q1": "single",
        "q2": "multi",
        "people": "number",
        "area": "number",
        "words": "text",
        "day": "date",
        "thanks": "note",
        "photo": "photo",
        "sign": "signature",
        "order": "ranking",
        "score": "rating",
    }
    assert (made["q1"]["no"], made["q1"]["title"], made["q1"]["required"]) == ("1", "自住吗", True)
    assert (made["people"]["low"], made["people"]["high"], made["area"]["decimals"]) == (0, 30, 2)
    assert (made["q2"]["max"], made["words"]["max"], made["day"]["not_future"]) == (1, 200, True)


def test_conditions_of_groups_and_rows_are_joined_and_needed_answers_may_depend() -> None:
    made = questions(
        imported(
            [
                {"type": "select_one yn", "name": "has", "label": "有吗"},
                {"type": "begin group", "name": "g", "label": "组", "relevant": "${has} = 'yes'"},
                {"type": "integer", "name": "n", "label": "几个", "constraint": ". > 0 and . < 10"},
                {"type": "begin group", "name": "inner", "label": "里组"},
                {"type": "text", "name": "t", "label": "字", "relevant": "${n} >= 3", "required": "${n} > 5"},
                {"type": "end group"},
                {"type": "end group"},
            ]
        )
    )
    yes = {"is": ["has", "yes"]}
    assert made["n"]["show_if"] == yes
    assert (made["inner"]["kind"], made["inner"]["title"]) == ("note", "里组")
    assert made["t"]["show_if"] == {"all": [yes, {"at_least": ["n", 3]}]}
    assert made["t"]["require_if"] == {"at_least": ["n", 6]}


def test_chinese_is_the_sheets_own_and_the_other_languages_come_as_translations() -> None:
    found = imported(
        [{"type": "select_one l", "name": "q", "label::English (en)": "Which?", "label::中文 (zh)": "哪一个？"}],
        [
            {"list_name": "l", "name": "a", "label::English (en)": "A", "label::中文 (zh)": "甲"},
            {"list_name": "l", "name": "b", "label::English (en)": "B", "label::中文 (zh)": "乙"},
        ],
    )
    made = questions(found)["q"]
    assert (made["title"], [option["label"] for option in made["options"]]) == ("哪一个？", ["甲", "乙"])
    assert found.document is not None
    texts = {"q/title": "Which?", "q/options/a": "A", "q/options/b": "B"}
    assert found.document["languages"] == [{"code": "en", "name": "English", "texts": texts}]
    assert found.listed == []


def test_or_other_asks_for_words_and_codes_that_are_numbers_are_rewritten_and_listed() -> None:
    found = imported(
        [
            {"type": "select_one l or_other", "name": "Q1", "label": "哪个"},
            {"type": "text", "name": "why", "label": "为什么", "relevant": "${Q1} = '2'"},
        ],
        [("l", "1", "甲"), ("l", "2", "乙")],
    )
    made = questions(found)
    assert [option["code"] for option in made["q1"]["options"]] == ["o_1", "o_2", "other"]
    assert made["q1"]["options"][2]["text"]["max"] == 200
    assert made["why"]["show_if"] == {"is": ["q1", "o_2"]}
    assert "survey 表第 2 行：代码 Q1 改写成 q1" in said(found.listed)
    assert "choices 表第 2 行：代码 1 改写成 o_1" in said(found.listed)


CASCADE = [
    ("district", "zj", "浈江"),
    ("district", "wj", "武江"),
    {"list_name": "street", "name": "dh", "label": "东河", "district": "zj"},
    {"list_name": "street", "name": "cz", "label": "车站", "district": "zj"},
    {"list_name": "street", "name": "xh", "label": "新华", "district": "wj"},
    {"list_name": "street", "name": "hm", "label": "惠民", "district": "wj"},
]


def test_a_choice_filter_limits_the_options_and_later_conditions_read_the_one_question() -> None:
    made = questions(
        imported(
            [
                {"type": "select_one district", "name": "d", "label": "区"},
                {"type": "select_one street", "name": "s", "label": "街道", "choice_filter": "district=${d}"},
                {"type": "text", "name": "t", "label": "字", "relevant": "${s} = 'xh'"},
            ],
            CASCADE,
        )
    )
    assert [(option["code"], option["show_if"]) for option in made["s"]["options"]] == [
        ("dh", {"is": ["d", "zj"]}),
        ("cz", {"is": ["d", "zj"]}),
        ("xh", {"is": ["d", "wj"]}),
        ("hm", {"is": ["d", "wj"]}),
    ]
    assert made["t"]["show_if"] == {"is": ["s", "xh"]}


@pytest.mark.parametrize(
    ("filter_", "of_xh"),
    [
        ("${d} = district", {"is": ["d", "wj"]}),
        ("district=${d} and 1=1", {"is": ["d", "wj"]}),
        ("district=${d} or name='xh'", None),
        ("district != ${d}", {"not": {"is": ["d", "wj"]}}),
        ("selected(${m}, district)", {"has": ["m", "wj"]}),
        ("district=${d} and ${n} > 3", {"all": [{"is": ["d", "wj"]}, {"at_least": ["n", 4]}]}),
    ],
)
def test_any_filter_our_conditions_can_say_comes_along(filter_: str, of_xh: Any) -> None:
    made = questions(
        imported(
            [
                {"type": "select_one district", "name": "d", "label": "区"},
                {"type": "select_multiple district", "name": "m", "label": "哪些区"},
                {"type": "integer", "name": "n", "label": "数", "constraint": ". >= 0 and . <= 9"},
                {"type": "select_multiple street", "name": "s", "label": "街道", "choice_filter": filter_},
            ],
            CASCADE,
        )
    )
    xh = next(option for option in made["s"]["options"] if option["code"] == "xh")
    assert xh.get("show_if") == of_xh


@pytest.mark.parametrize("filter_", ["starts-with(district, ${d})", "position(..) > 1", "district=${t}"])
def test_a_filter_our_conditions_cannot_say_is_refused(filter_: str) -> None:
    found = imported(
        [
            {"type": "select_one district", "name": "d", "label": "区"},
            {"type": "text", "name": "t", "label": "字"},
            {"type": "select_one street", "name": "s", "label": "街道", "choice_filter": filter_},
        ],
        CASCADE,
    )
    assert found.document is None
    assert [(remark.sheet, remark.row) for remark in found.refused] == [("survey", 4)]
    assert "choice_filter" in said(found.refused)


def test_a_choice_nobody_could_reach_is_refused_where_it_stands() -> None:
    found = imported(
        [
            {"type": "select_one district", "name": "d", "label": "区"},
            {"type": "select_one street", "name": "s", "label": "街道", "choice_filter": "district=${d}"},
        ],
        [*CASCADE, {"list_name": "street", "name": "zz", "label": "不明", "district": "nowhere"}],
    )
    assert [(remark.sheet, remark.row) for remark in found.refused] == [("choices", 8)]


def test_a_table_of_scores_becomes_a_matrix_and_a_screen_of_numbers_a_grid() -> None:
    made = questions(
        imported(
            [
                {"type": "begin_group", "name": "sat", "label": "满意吗", "appearance": "table-list"},
                {"type": "select_one s", "name": "water", "label": "供水", "required": "yes"},
                {"type": "select_one s", "name": "power", "label": "供电", "required": "yes"},
                {"type": "end_group"},
                {"type": "begin_group", "name": "home", "label": "几口人", "appearance": "field-list"},
                {"type": "integer", "name": "all", "label": "总人数", "constraint": ". >= 0 and . <= 30"},
                {"type": "integer", "name": "old", "label": "老人", "constraint": ". >= 0 and . <= 30"},
                {"type": "end_group"},
                {"type": "text", "name": "why", "label": "为什么", "relevant": "${water} <= 2 and ${old} > 0"},
            ],
            [("s", "1", "差"), ("s", "2", "中"), ("s", "3", "好"), ("s", "0", "没有")],
        )
    )
    assert (made["sat"]["kind"], made["sat"]["labels"], made["sat"]["none"]) == ("matrix", ["差", "中", "好"], "没有")
    assert (made["sat"]["required"], made["home"]["kind"]) == (True, "number_grid")
    assert made["why"]["show_if"] == {"all": [{"at_most": ["sat.water", 2]}, {"at_least": ["home.old", 1]}]}


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"type": "geopoint", "name": "x", "label": "在哪"}, "geopoint"),
        ({"type": "audio", "name": "x", "label": "录音"}, "audio"),
        ({"type": "select_one_from_file a.csv", "name": "x", "label": "哪个"}, "from_file"),
        ({"type": "text", "name": "x", "label": "编号", "constraint": "regex(., '[A-Z]+(')"}, "写法"),
        ({"type": "integer", "name": "x", "label": "数", "constraint": ". > ${a}"}, "限制"),
        ({"type": "text", "name": "x", "label": "字", "relevant": "${a} div 3 > 2"}, "显示条件"),
        ({"type": "text", "name": "x", "label": "字", "relevant": "${total} > 2"}, "calculate"),
        ({"type": "text", "name": "x", "label": "字", "required": "${a} > ${total}"}, "必填条件"),
        ({"type": "range", "name": "x", "label": "分", "parameters": "start=0 end=1 step=0.3"}, "range"),
        ({"type": "date", "name": "x", "label": "年", "appearance": "year"}, "年"),
        ({"type": "select_one one", "name": "x", "label": "唯一"}, "不到两个"),
    ],
)
def test_what_cannot_be_carried_over_is_refused_with_its_row(row: dict[str, str], word: str) -> None:
    found = imported(
        [
            {"type": "integer", "name": "a", "label": "数", "constraint": ". >= 0 and . <= 9"},
            {"type": "calculate", "name": "total", "calculation": "${a} div 7"},
            row,
        ],
        [*YES_NO, ("one", "x", "独一")],
    )
    assert found.document is None
    assert [(remark.sheet, remark.row) for remark in found.refused] == [("survey", 4)]
    assert word in said(found.refused)


MEMBERS = [
    {"type": "integer", "name": "n", "label": "几口人", "constraint": ". >= 0 and . <= 9"},
    {"type": "begin repeat", "name": "member", "label": "每口人", "repeat_count": "${n}"},
    {"type": "begin group", "name": "who", "label": "是谁"},
    {"type": "text", "name": "nick", "label": "称呼", "constraint": "string-length(.) <= 20"},
    {"type": "end group"},
    {"type": "integer", "name": "age", "label": "年龄", "constraint": ". >= 0 and . <= 120", "required": "yes"},
    {"type": "select_one yn", "name": "care", "label": "要人照料吗", "relevant": "${age} >= 60 and ${n} > 1"},
    {"type": "end repeat"},
    {"type": "text", "name": "after", "label": "还有吗", "relevant": "count(${member}) > 0"},
]


def test_a_repeat_becomes_one_question_with_rows() -> None:
    made = questions(imported(MEMBERS))
    member = made["member"]
    assert (member["kind"], member["max"], member["rows_from"]) == ("repeat", 20, "n")
    assert [one["code"] for one in member["questions"]] == ["who", "nick", "age", "care"]
    assert member["questions"][3]["show_if"] == {"all": [{"at_least": ["member.age", 60]}, {"at_least": ["n", 2]}]}
    assert made["after"]["show_if"] == {"answered": "member"}


def test_a_repeat_counts_to_a_written_number_or_as_far_as_we_go() -> None:
    inside = {"type": "text", "name": "t", "label": "字", "constraint": "string-length(.) <= 5"}
    three = [
        {"type": "begin_repeat", "name": "r", "label": "每个", "repeat_count": "3"},
        inside,
        {"type": "end_repeat"},
    ]
    made = questions(imported(three))["r"]
    assert (made["min"], made["max"], made["required"]) == (3, 3, True)
    found = imported([{"type": "begin_repeat", "name": "r", "label": "每个"}, inside, {"type": "end_repeat"}])
    assert questions(found)["r"]["max"] == 20
    assert "survey 表第 2 行：没有写最多几份" in said(found.listed)


@pytest.mark.parametrize(
    ("rows", "row", "word"),
    [
        ([{"type": "geopoint", "name": "x", "label": "在哪"}], 3, "geopoint"),
        ([{"type": "begin_repeat", "name": "x", "label": "里面"}, {"type": "end_repeat"}], 3, "repeat"),
        ([{"type": "text", "name": "x", "label": "字", "relevant": "${x} != ''"}], 3, "x"),
    ],
)
def test_what_a_repeat_of_ours_cannot_hold_is_refused_with_its_row(
    rows: list[dict[str, str]], row: int, word: str
) -> None:
    age = {"type": "integer", "name": "age", "label": "年龄", "constraint": ". >= 0 and . <= 120"}
    found = imported([{"type": "begin_repeat", "name": "r", "label": "每个"}, *rows, age, {"type": "end_repeat"}])
    assert found.document is None
    assert row in [remark.row for remark in found.refused]
    assert word in said(found.refused)


def test_an_answer_inside_a_repeat_cannot_be_asked_about_from_outside() -> None:
    found = imported([*MEMBERS, {"type": "text", "name": "x", "label": "字", "relevant": "${age} > 60"}])
    assert [(remark.row, "重复填写" in remark.text) for remark in found.refused] == [(11, True)]
    count = imported([*MEMBERS[:1], {**MEMBERS[1], "repeat_count": "${n} * 2"}, *MEMBERS[2:]])
    assert [(remark.row, "repeat_count" in remark.text) for remark in count.refused][:1] == [(3, True)]


def test_what_is_left_behind_is_listed_with_its_row() -> None:
    found = imported(
        [
            {"type": "start", "name": "start"},
            {"type": "calculate", "name": "c", "calculation": "1 + 1"},
            {"type": "text", "name": "t", "label": "字", "default": "无", "constraint": "string-length(.) <= 5"},
            {"type": "integer", "name": "n", "label": "数"},
        ],
        other=[{"a": "b"}],
    )
    assert set(questions(found)) == {"t", "n"}
    text = said(found.listed)
    for part in (
        "第 2 行：start",
        "第 3 行：calculate c",
        "第 4 行：default",
        "第 5 行：没有写全范围",
        "other 表：这张表",
    ):
        assert part in text


def test_pyxforms_own_complaints_come_with_their_row() -> None:
    found = imported([{"type": "text", "name": "t", "label": "字", "relevant": "${nobody} = 'x'"}])
    assert found.document is None
    assert found.refused[0].row == 2
    assert "nobody" in said(found.refused)


def test_blank_rows_do_not_shift_the_numbers() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "survey"
    for line in (("type", "name", "label"), ("text", "a", "甲"), (), (), ("geopoint", "b", "乙")):
        sheet.append(line)
    book.create_sheet("settings").append(("form_id",))
    book["settings"].append(("blank",))
    out = io.BytesIO()
    book.save(out)
    assert [remark.row for remark in importing.read_form(out.getvalue()).refused] == [5]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04broken", b"type,name\ntext,a"])
def test_what_is_no_spreadsheet_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(Invalid, match="xlsx"):
        try:
            importing.read_form(data)
        except Invalid as refused:
            raise Invalid(refused.detail, refused.detail) from None


@pytest.mark.parametrize("sheet", [workbook.KEPT, "choices"])
def test_a_sheet_that_claims_a_million_rows_is_refused_before_they_are_walked(sheet: str) -> None:
    book = Workbook()
    for name in ("survey", sheet):
        book.create_sheet(name).append(("type", "name", "label"))
    book[sheet].cell(1_000_000, 1, "x")
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(Invalid) as refused:
        workbook.read(out.getvalue())
    assert refused.value.code == "form-too-large"
