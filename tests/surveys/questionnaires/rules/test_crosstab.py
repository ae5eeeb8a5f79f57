"""Two questions against each other, filters, and words without who wrote them."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from surveys.questionnaires import data
from surveys.questionnaires.rules import form
from surveys.questionnaires.rules.crosstab import (
    FACTS,
    Crosstab,
    Filters,
    Of,
    axes,
    axis,
    cells_of,
    redacted,
    written_words,
)
from tests.surveys.questionnaires.answers import FULL

HERE = Of("wechat_self", 2, False, True, "b1")
FORM = form.read(data.shipped("estate-renovation-needs"))


def test_every_cell_a_sheet_can_be_in_has_its_words():
    for side in (*FACTS, *axes(FORM)):
        assert set(cells_of(side, FULL, HERE)) <= {code for code, _ in side.cells}, side.code
    assert [cells_of(side, FULL, HERE) for side in FACTS] == [["no"], ["yes"], ["2"], ["wechat_self"]]
    assert cells_of(axis(FORM, "@old"), FULL, Of("wechat_self", 2, False, None, "b1")) == []


def test_personal_questions_are_no_sides_and_unknown_ones_are_refused():
    codes = {side.code for side in axes(FORM)}
    assert {"q09", "q12", "q11/parking", "q04", "q37/photos", "q07/over_60"} <= codes
    assert not codes & {"q36", "q36_phone", "q38"}
    with pytest.raises(Invalid):
        axis(FORM, "q36")


ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "q09": st.sampled_from(["agree", "disagree", "undecided"]),
        "q12": st.lists(st.sampled_from(["water", "roads", "gas"]), min_size=1, max_size=3, unique=True),
    },
)


@given(st.lists(ANSWERS, max_size=30))
def test_a_table_counts_each_sheet_that_answers_both_and_marks_what_is_small(sheets):
    table = Crosstab(axis(FORM, "q12"), axis(FORM, "q09"))
    for answers in sheets:
        table.add(answers, HERE)
    told = table.written()
    both = [each for each in sheets if "q09" in each and "q12" in each]
    assert told["sheets"] == len(both) == sum(column["of"] for column in told["columns"])
    truth = Counter((row, each["q09"]) for each in both for row in each["q12"])
    for line in told["lines"]:
        for column, cell in zip(told["columns"], line["cells"], strict=True):
            assert cell["n"] == truth[line["code"], column["code"]]
            assert cell["small"] == (0 < cell["n"] < 5)


@pytest.mark.parametrize(
    ("filters", "takes"),
    [
        ({}, True),
        ({"channel": "wechat_self"}, True),
        ({"channel": "worker_visit"}, False),
        ({"level": 2}, True),
        ({"level": 0}, False),
        ({"let": True}, False),
        ({"let": False}, True),
        ({"old": True}, False),
        ({"old": False}, False),
        ({"building": "b1"}, True),
        ({"building": "b2"}, False),
    ],
)
def test_a_filter_takes_only_what_is_known_to_be_so(filters, takes):
    assert Filters(**filters).takes(Of("wechat_self", 2, False, None, "b1")) is takes


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("请找陈秀英，电话13812345678。", "请找［姓名］，电话［号码］。"),
        ("3栋2单元501漏水", "［门牌］漏水"),
        ("3幢 501室漏水", "［门牌］漏水"),
        ("住5-2-301，灯不亮", "住［门牌］，灯不亮"),
        ("楼上601房总漏水", "楼上［门牌］总漏水"),
        ("身份证 440203195001011234", "身份证 ［号码］"),
        ("12栋的灯不亮", "［门牌］的灯不亮"),
        ("2026年再改，物业费0.5元", "2026年再改，物业费0.5元"),
        ("英明的决定", "英明的决定"),
    ],
)
def test_words_are_shown_without_phones_doors_and_names_of_the_roster(text, seen):
    assert redacted(text, ["陈秀英", "英"]) == seen


def test_only_open_questions_that_are_not_personal_are_read():
    assert written_words(FORM, {**FULL, "q36": "陈秀英"}, "") == [("35. 其他建议", "楼道的灯晚上不亮。")]
    assert written_words(FORM, FULL, "q02.other") == []
