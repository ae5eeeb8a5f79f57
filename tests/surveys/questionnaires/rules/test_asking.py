"""Who is asked what and may choose from what: the vectors shared with the page, rows of repeats, ways down a tree."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from surveys.questionnaires.rules import columns, form, tally
from surveys.questionnaires.rules.plan import Checked, Plan, shown, together
from surveys.questionnaires.rules.tally import ANSWERED
from tests.surveys.questionnaires.forms import cells_of

VECTORS = json.loads((Path(__file__).parents[1] / "asking_vectors.json").read_text(encoding="utf-8"))
TODAY = date(2026, 11, 22)


def sheet(*questions: dict[str, Any]) -> dict[str, Any]:
    """A document of these questions."""
    section = {"code": "s", "title": "一", "questions": list(questions)}
    return {"code": "x", "edition": "1", "title": "问卷", "sections": [section]}


CARE: dict[str, Any] = {
    "code": "care",
    "kind": "single",
    "title": "谁照料",
    "show_if": {"at_least": ["old.age", 70]},
    "options": [
        {"code": "home", "label": "家人"},
        {"code": "centre", "label": "机构", "show_if": {"at_least": ["old.age", 80]}},
        {"code": "other", "label": "其他", "text": {"label": "请说明", "max": 9}},
    ],
}
OLD: dict[str, Any] = {
    "code": "old",
    "kind": "repeat",
    "title": "每位老人",
    "row_label": "位老人",
    "max": 4,
    "questions": [
        {"code": "name", "kind": "text", "title": "姓名", "max": 10, "private": True},
        {"code": "age", "kind": "number", "title": "年龄", "low": 60, "high": 120, "required": True},
        CARE,
    ],
}
WHERE: dict[str, Any] = {
    "code": "where",
    "kind": "cascade",
    "title": "在哪个社区",
    "levels": ["区", "街道"],
    "options": [
        {"code": "zj", "label": "浈江"},
        {"code": "dh", "label": "东河", "under": "zj"},
        {"code": "cz", "label": "车站", "under": "zj"},
        {"code": "wj", "label": "武江"},
    ],
}
PEOPLE = {"code": "people", "kind": "number", "title": "几位老人", "low": 0, "high": 9}
FORM = form.read(sheet(PEOPLE, {**OLD, "rows_from": "people"}, WHERE))
PLAN = Plan(FORM)


def check(answers: dict[str, Any]) -> Checked:
    """Answers to the sheet above."""
    return PLAN.check(answers, {}, today=TODAY)


def faults_of(document: dict[str, Any]) -> dict[str, list[str]]:
    """What is wrong with a document."""
    with pytest.raises(Invalid) as refused:
        form.read(document)
    return dict(refused.value.fields)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["says"] for vector in VECTORS])
def test_every_shared_vector_asks_what_it_says(vector: dict[str, Any]) -> None:
    plan = Plan(form.read(sheet(*vector["questions"])))
    found = plan.asked(vector["answers"], vector["facts"])
    assert [{"code": one.code, "needed": one.needed, "options": list(one.options)} for one in found] == vector["asked"]


ROWS = [
    {"name": "陈秀英", "age": 90, "care": "centre"},
    {"age": 75, "care": "other", "care.other": "邻居"},
    {"name": "林", "age": 65},
]


def test_rows_are_kept_without_names_and_read_back_whole() -> None:
    checked = check({"people": 3, "old": ROWS, "where": ["zj", "dh"]})
    assert checked.answers["old"] == [{k: v for k, v in row.items() if k != "name"} for row in ROWS]
    assert checked.private == {"old.name": ["陈秀英", None, "林"]}
    assert together(FORM, checked.answers, checked.private)["old"] == ROWS
    lines = {line.title: line.texts for line in shown(FORM, checked.answers, private=checked.private)}
    assert lines["每位老人"][0] == "第 1 位老人：姓名 陈秀英；年龄 90；谁照料 机构"
    assert lines["每位老人"][1] == "第 2 位老人：年龄 75；谁照料 其他；请说明 邻居"
    assert "陈秀英" not in str(shown(FORM, checked.answers))
    assert lines["在哪个社区"] == ["浈江 › 东河"]


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        ({"people": 1}, "要填"),
        ({"people": 2, "old": [{"age": 61}]}, "前面填的是 2"),
        ({"old": [{"age": 61, "care": "home"}]}, "不用填"),
        ({"old": [{"age": 75, "care": "centre"}]}, "现在不能选"),
        ({"old": [{"age": 75}] * 5}, "最多填 4"),
        ({"old": [{}]}, "年龄"),
        ({"old": [{"age": 75, "cats": 1}]}, "格式"),
        ({"old": [{"age": "75"}]}, "格式"),
        ({"old": {"age": 75}}, "格式"),
        ({"old": [["age", 75]]}, "格式"),
        ({"old": [{"age": 59}]}, "60 到 120"),
        ({"where": ["zj"]}, "最后一级"),
        ({"where": ["wj", "dh"]}, "对不上"),
        ({"where": ["dh"]}, "对不上"),
        ({"where": "zj"}, "选项里选"),
        ({"where": ["zj", "nowhere"]}, "选项里选"),
    ],
)
def test_what_the_page_would_refuse_in_rows_and_trees_the_server_refuses(answers: dict[str, Any], word: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(answers)
    assert word in str(refused.value.fields)


def test_rows_say_how_many_people_and_households_are_counted_apart() -> None:
    counts = tally.total(tally.count(FORM, check({"old": [{"age": 75, "care": "home"}] * n}).answers) for n in (4, 1))
    assert (counts["old.care", "", "home"], counts["old.care", "homes", "home"]) == (5, 2)
    assert (counts["old", "rows", "sum"], counts["old", "rows", ANSWERED]) == (5, 2)
    public = {figure.code: figure for figure in tally.figures(FORM, counts, public=True)}
    staff = {figure.code: figure for figure in tally.figures(FORM, counts, public=False)}
    # Five people of two households: five rows would point at a door, so the public sees nothing of them.
    assert [cell.n for row in public["old.care"].rows for cell in row.cells] == [None, None, None]
    assert "old.age" not in public
    assert [cell.n for cell in staff["old.care"].rows[1].cells] == [5, 0, 0]
    assert staff["old.age"].rows[0].mean_of == (375, 5)
    assert staff["old"].rows[0].mean_of == (5, 2)


@given(st.lists(st.sampled_from(ROWS), min_size=1, max_size=4), st.integers(1, 3))
def test_taking_a_document_out_of_the_counts_leaves_nothing_of_it(rows: list[dict[str, Any]], times: int) -> None:
    answers = check({"old": rows, "where": ["wj"]}).answers
    once = [tally.count(FORM, answers) for _ in range(times)]
    away = [tally.count(FORM, answers, sign=-1) for _ in range(times)]
    assert set(tally.total([*once, *away]).values()) <= {0}


def test_columns_hold_every_row_and_names_only_in_the_named_table() -> None:
    checked = check({"old": ROWS, "where": ["zj", "cz"]})
    plain = {column.code for column in columns.columns(FORM, named=False)}
    named = {column.code for column in columns.columns(FORM, named=True)}
    assert named - plain == {f"old/{n}/name" for n in range(1, 5)}
    cells = cells_of(FORM, {**checked.answers, **checked.private})
    assert (cells["old/n"], cells["old/1/name"], cells["old/2/care.other"]) == (
        (3, 3),
        ("陈秀英", "陈秀英"),
        ("邻居", "邻居"),
    )
    assert (cells["where/1"], cells["where/2"]) == (("zj", "浈江"), ("cz", "车站"))
    assert cells_of(FORM, checked.answers).keys() <= plain


def inside(*questions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A repeat of these questions."""
    return {"code": "r", "kind": "repeat", "title": "每个", "max": 3, "questions": list(questions), **more}


YES = {
    "code": "yes",
    "kind": "single",
    "title": "有吗",
    "options": [{"code": "a", "label": "有"}, {"code": "b", "label": "无"}],
}
AGE = {"code": "age", "kind": "number", "title": "年龄", "low": 0, "high": 99}


@pytest.mark.parametrize(
    ("document", "where", "word"),
    [
        (sheet(inside(inside(AGE))), "r.r", "不能放在"),
        (sheet(inside({"code": "p", "kind": "ranking", "title": "排", "count": 1, "options": []})), "r.p", "不能放在"),
        (
            sheet(
                inside(
                    {
                        "code": "g",
                        "kind": "number_grid",
                        "title": "几个",
                        "rows": [{"code": "homes", "label": "户", "low": 0, "high": 9}],
                    }
                )
            ),
            "r",
            "行代码不能是",
        ),
        (sheet(inside()), "r", "没有要填的题"),
        (sheet(inside(AGE, max=99)), "r", "份数"),
        (sheet(inside(AGE, min=4)), "r", "份数"),
        (sheet(inside(AGE, AGE)), "r.age", "重复"),
        (sheet(inside(AGE, {**YES, "show_if": {"at_least": ["r.age", 100]}})), "r.yes", "永远不会成立"),
        (sheet(inside({**YES, "show_if": {"at_least": ["r.age", 9]}}, AGE)), "r.yes", "后面的题"),
        (sheet(inside(AGE), {**YES, "show_if": {"at_least": ["r.age", 9]}}), "yes", "重复填写的题里"),
        (sheet(inside({**AGE, "show_if": {"answered": "r"}})), "r.age", "重复填写的题里"),
        (sheet(inside(AGE, rows_from="n")), "r", "rows_from"),
        (sheet({**AGE, "code": "n", "decimals": 1}, inside(AGE, rows_from="n")), "r", "rows_from"),
        (sheet(inside(AGE, rows_from="n"), {**AGE, "code": "n"}), "r", "后面的题"),
        (
            sheet(
                YES,
                {
                    **YES,
                    "code": "q",
                    "options": [
                        {"code": "a", "label": "有", "show_if": {"is": ["yes", "z"]}},
                        {"code": "b", "label": "无"},
                    ],
                },
            ),
            "q",
            "没有 z",
        ),
        (
            sheet(
                AGE,
                {
                    **YES,
                    "options": [
                        {"code": "a", "label": "有", "show_if": {"at_least": ["age", 100]}},
                        {"code": "b", "label": "无"},
                    ],
                },
            ),
            "yes",
            "选项 a 的条件永远不会成立",
        ),
        (
            sheet(
                {
                    **YES,
                    "options": [
                        {"code": "a", "label": "有", "show_if": {"answered": "yes"}},
                        {"code": "b", "label": "无"},
                    ],
                }
            ),
            "yes",
            "圈",
        ),
        (sheet({**WHERE, "levels": ["区"]}), "where", "深"),
        (
            sheet(
                {
                    **WHERE,
                    "options": [{"code": "a", "label": "甲", "under": "b"}, {"code": "b", "label": "乙", "under": "a"}],
                }
            ),
            "where",
            "圈",
        ),
        (
            sheet({**YES, "options": [{"code": "a", "label": "有", "under": "b"}, {"code": "b", "label": "无"}]}),
            "yes",
            "级联",
        ),
        (sheet({**AGE, "low": [0]}), "document", "low"),
        (sheet({**AGE, "low": "none"}), "age", "范围"),
        (sheet({**YES, "options": ["a", "b"]}), "document", "options"),
        ({"code": "x", "edition": "1", "title": "t", "sections": "s"}, "document", "sections"),
    ],
)
def test_faults_of_repeats_limits_and_trees_are_found_before_anybody_answers(
    document: dict[str, Any], where: str, word: str
) -> None:
    assert any(word in text for text in faults_of(document)[where])


def test_a_number_may_not_exceed_one_that_was_answered_before() -> None:
    number = {"kind": "number", "title": "数", "low": 0, "high": 9}
    repeat = {"code": "r", "kind": "repeat", "title": "每家", "max": 2, "questions": [{**number, "code": "in"}]}
    repeat["questions"].append({**number, "code": "half", "at_most": "r.in", "at_least": "all"})
    plan = Plan(form.read(sheet({**number, "code": "all"}, {**number, "code": "some", "at_most": "all"}, repeat)))
    for answers in (
        {"all": 3, "some": 3},
        {"some": 9},  # nothing to be held against
        {"all": 2, "r": [{"in": 5, "half": 5}, {"half": 2}]},
    ):
        assert plan.check(answers, {}, today=TODAY).answers == answers
    for answers, where, word in (
        ({"all": 3, "some": 4}, "some", "不能比前面填的 3 多"),
        ({"r": [{"in": 5, "half": 6}]}, "r", "不能比前面填的 5 多"),
        ({"all": 2, "r": [{"half": 1}]}, "r", "不能比前面填的 2 少"),
    ):
        with pytest.raises(Invalid) as refused:
            plan.check(answers, {}, today=TODAY)
        assert word in refused.value.fields[where][0]
