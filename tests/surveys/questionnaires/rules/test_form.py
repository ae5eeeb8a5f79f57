"""Reading questionnaire documents: the shipped one, and every fault that must be found before anybody answers."""

import copy
import json

import pytest

from kernel.errors import Invalid
from surveys.questionnaires import data
from surveys.questionnaires.rules import form


def sheet(*questions, **more):
    return {
        "code": "x",
        "edition": "1",
        "title": "问卷",
        "sections": [{"code": "s", "title": "一", "questions": list(questions)}],
        **more,
    }


def single(code, *options, **more):
    return {
        "code": code,
        "no": code[1:],
        "kind": "single",
        "title": "题",
        "options": [{"code": o, "label": o} for o in options or ("a", "b")],
        **more,
    }


def faults_of(document):
    with pytest.raises(Invalid) as refused:
        form.read(document)
    return refused.value.fields


def test_the_official_sheet_has_its_thirty_eight_questions_in_five_parts():
    read = form.read(data.shipped("estate-renovation-needs"))
    numbers = {question.no for question in read.questions}
    assert numbers == {str(n) for n in range(1, 39)}
    assert [section.title[:2] for section in read.sections] == ["一、", "二、", "三、", "四、", "五、"]
    required = {question.no for question in read.questions if question.required and question.show_if is None}
    assert required == {"2", "6", "9", "11", "15", "21", "22", "26", "27", "37", "38"}


def test_the_official_sheet_uses_the_catalogue_as_data_and_ranks_over_all_three_classes():
    read = form.read(data.shipped("estate-renovation-needs"))
    works = {entry["code"] for entry in read.document["catalogue"]}
    offered = {option.code for option in read.by_code["q15"].options}
    assert offered == works
    assert all(option.alone for option in read.by_code["q12"].options if option.code == "basic_none")


def test_names_and_phones_of_the_official_sheet_are_marked_personal():
    read = form.read(data.shipped("estate-renovation-needs"))
    private = {question.code for question in read.questions if question.private}
    assert private == {"q36", "q36_phone", "q38_proxy_name", "q38_proxy_phone", "q19.entrust", "q25.recommend"}


def test_reading_what_was_frozen_gives_the_same_hash():
    read = form.read(data.shipped("estate-renovation-needs"))
    again = form.read(json.loads(form.canonical(read.document)))
    assert again.content_hash == read.content_hash


def test_one_changed_word_is_another_hash():
    document = data.shipped("estate-renovation-needs")
    changed = copy.deepcopy(document)
    changed["sections"][0]["questions"][1]["title"] += "？"
    assert form.read(changed).content_hash != form.read(document).content_hash


def test_a_circle_of_conditions_is_found_and_shown():
    found = faults_of(
        sheet(
            single("q1", show_if={"is": ["q3", "a"]}),
            single("q2", show_if={"is": ["q1", "a"]}),
            single("q3", show_if={"is": ["q2", "a"]}),
        )
    )
    assert "q1 → q3 → q2 → q1" in found["q1"][0]


def test_a_question_about_itself_is_a_circle():
    assert "q1 → q1" in faults_of(sheet(single("q1", show_if={"answered": "q1"})))["q1"][0]


def test_a_condition_may_not_read_what_comes_later():
    assert "后面的题" in faults_of(sheet(single("q1", show_if={"is": ["q2", "a"]}), single("q2")))["q1"][0]


NUMBER = {"code": "n", "kind": "number", "title": "数", "low": 0, "high": 10**6}


@pytest.mark.parametrize(
    "condition",
    [
        {"all": [{"is": ["q1", "a"]}, {"is": ["q1", "b"]}]},
        {"all": [{"at_least": ["building.floors", 7]}, {"at_most": ["building.floors", 6]}]},
        {"all": [{"has": ["q2", "a"]}, {"has": ["q2", "b"]}]},
        {"all": [{"is": ["q3", "a"]}, {"is": ["q1", "b"]}]},
        {"at_least": ["q4.total", 31]},
        {"all": [{"answered": "q1"}, {"not": {"in": ["q1", ["a", "b"]]}}]},
    ],
    ids=[
        "two answers at once",
        "two facts at once",
        "more ticks than allowed",
        "against another's condition",
        "out of range",
        "no option left",
    ],
)
def test_a_question_nobody_can_ever_see_is_found(condition):
    several = {
        "code": "q2",
        "no": "2",
        "kind": "multi",
        "max": 1,
        "title": "题",
        "options": [{"code": "a", "label": "a"}, {"code": "b", "label": "b"}],
    }
    grid = {
        "code": "q4",
        "no": "4",
        "kind": "number_grid",
        "title": "题",
        "rows": [{"code": "total", "label": "总", "low": 0, "high": 30}],
    }
    found = faults_of(
        sheet(single("q1"), several, single("q3", show_if={"is": ["q1", "a"]}), grid, single("q9", show_if=condition))
    )
    assert "永远不会成立" in found["q9"][0]


@pytest.mark.parametrize(
    "condition",
    [
        {"all": [{"is": ["q1", "a"]}, {"not": {"is": ["building.has_lift", True]}}]},
        {"all": [{"at_least": ["building.floors", 4]}, {"at_most": ["building.floors", 4]}]},
        {"not": {"answered": "q1"}},
        {"in": ["channel", ["worker_visit"]]},
    ],
)
def test_a_question_somebody_can_see_is_left_in_peace(condition):
    assert form.read(sheet(single("q1"), single("q9", show_if=condition))).by_code["q9"].show_if == condition


@pytest.mark.parametrize(
    ("document", "where", "word"),
    [
        (sheet(single("q1"), single("q1")), "q1", "重复"),
        (sheet(single("q1", "a", "a")), "q1", "重复"),
        (sheet(single("q1", "a")), "q1", "两个选项"),
        (sheet({**single("q1"), "kind": "poll"}), "q1", "题型"),
        (sheet({**single("q1"), "colour": "red"}), "q1", "colour"),
        (sheet({**single("q1"), "title": ""}), "q1", "题目文字"),
        (sheet(single("q1"), single("q2", show_if={"is": ["q7", "a"]})), "q2", "不存在"),
        (sheet(single("q1"), single("q2", show_if={"is": ["q1", "z"]})), "q2", "没有 z"),
        (sheet(single("q1"), single("q2", show_if={"is": ["q1"]})), "q2", "show_if"),
        (sheet({"code": "q1", "no": "1", "kind": "number", "title": "数", "low": 5, "high": 1}), "q1", "范围"),
        (sheet({"code": "q1", "no": "1", "kind": "text", "title": "字"}), "q1", "多少字"),
        (
            sheet(
                {"code": "q1", "no": "1", "kind": "phone", "title": "电话"}, single("q2", show_if={"answered": "q1"})
            ),
            "q2",
            "个人信息",
        ),
        (sheet(single("q1"), NUMBER, single("q2", show_if={"is": [{"sum": ["n", "q1"]}, 3]})), "q2", "q1 不是数字"),
        (sheet(NUMBER, single("q2", show_if={"is": [{"count": "n"}, 3]})), "q2", "数不出"),
        (sheet(NUMBER, single("q2", show_if={"is": [{"sum": ["n", "x"]}, 3]})), "q2", "x 不存在"),
        (sheet(single("q2", show_if={"is": [{"sum": ["n", 1]}, 3]}), NUMBER), "q2", "后面的题"),
        (sheet(NUMBER, single("q2", show_if={"is": [{"sum": ["n", "dwelling.floor"]}, 3]})), "q2", "登记信息"),
        (sheet(NUMBER, single("q2", show_if={"is": [{"times": ["n", {"times": ["n", "n"]}]}, 3]})), "q2", "太大"),
        (sheet(NUMBER, {**NUMBER, "code": "m", "at_most": "x"}), "m", "x 不存在"),
        (sheet(single("q1"), {**NUMBER, "at_most": "q1"}), "n", "不是数字"),
        (sheet({**NUMBER, "at_least": "m"}, {**NUMBER, "code": "m"}), "n", "在后面"),
        (sheet(NUMBER, {**NUMBER, "code": "m", "decimals": 1, "at_most": "n"}), "m", "小数位数"),
        (sheet({**single("q1"), "title": "新的一题"}), "q1", "还没有写"),
        (sheet({**NUMBER, "kind": "multi", "options": [{"code": "a", "label": "新的选项"}]}), "n", "a 的文字还没有写"),
        ({**sheet(single("q1")), "title": ""}, "title", "没有写"),
        (sheet(), "sections", "没有题目"),
        (sheet(single("q1"), catalogue=[{"class": "safety", "code": "w", "label": "水"}]), "catalogue", "safety"),
    ],
)
def test_each_fault_of_a_document_is_named_where_it_stands(document, where, word):
    assert any(word in text for text in faults_of(document)[where])


def test_classes_are_data_and_a_city_may_have_a_fourth():
    document = data.shipped("estate-renovation-needs")
    document["classes"].append({"code": "safety", "title": "安全类", "note": "马上改"})
    document["catalogue"].append({"class": "safety", "code": "danger", "label": "危房处置"})
    document["sections"][1]["questions"].append(
        {
            "code": "q14_safety",
            "no": "14",
            "kind": "multi",
            "title": "安全类",
            "catalogue": "safety",
            "more_options": [{"code": "safety_none", "label": "都不需要", "alone": True}],
        }
    )
    assert [option.code for option in form.read(document).by_code["q14_safety"].options] == ["danger", "safety_none"]
