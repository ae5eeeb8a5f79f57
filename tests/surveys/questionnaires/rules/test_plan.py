"""A whole answers map against the plan of the official sheet."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import Invalid
from surveys.questionnaires import data
from surveys.questionnaires.rules import form
from surveys.questionnaires.rules.plan import Plan, shown
from surveys.questionnaires.rules.questions.steps import NOT_ASKED
from tests.surveys.questionnaires.answers import FACTS, FULL

TODAY = date(2026, 11, 22)
FORM = form.read(data.shipped("estate-renovation-needs"))
PLAN = Plan(FORM)


def check(answers, facts=FACTS):
    return PLAN.check(answers, facts, today=TODAY)


def faults(answers, facts=FACTS):
    with pytest.raises(Invalid) as refused:
        check(answers, facts)
    return refused.value.fields


def test_a_complete_sheet_is_taken_with_names_and_phones_set_apart():
    checked = check(FULL)
    assert checked.private == {"q36": "陈秀英", "q36_phone": "13812341234"}
    assert checked.answers == {code: value for code, value in FULL.items() if code not in checked.private}
    assert checked.files == [FULL["q38"]]


def test_three_means_three():
    asked = {**FULL, "q09": "disagree", "q10": ["cost", "quality", "disturbance"]}
    assert check(asked).answers["q10"] == ["cost", "quality", "disturbance"]
    assert "最多选 3 项" in faults({**asked, "q10": ["cost", "quality", "disturbance", "away"]})["q10"][0]
    assert "q15" in faults({**FULL, "q15": ["drainage", "lift"]})


def test_an_answer_to_what_is_not_asked_of_this_household_is_refused():
    hidden = {"q10": ["cost"], "q10.other": "没有", "q34": 9, "q27.more": 800, "q38_proxy_phone": "13812341234"}
    assert faults({**FULL, **hidden}).keys() == hidden.keys()
    assert faults({**FULL, "q10": "nonsense"}) == {"q10": [NOT_ASKED]}


def test_beside_a_wrong_answer_what_depends_on_it_is_not_complained_about():
    assert faults({**FULL, "q09": "maybe", "q10": ["cost"]}).keys() == {"q09"}


def test_what_must_be_answered_is_asked_for_all_at_once():
    missing = faults({})
    assert set(missing) == {"q02", "q06", "q09", "q11", "q15", "q21", "q22", "q26", "q27", "q37", "q38", "q38_date"}


def test_keys_nobody_asked_about_are_refused():
    assert faults({**FULL, "role": "administrator"}) == {"role": ["没有这一题。"]}
    assert "q01" in faults({**FULL, "q01": "x"})


def test_the_lift_is_asked_about_only_where_there_is_none_and_floors_are_many():
    assert "q16" in check(FULL).answers
    assert faults(FULL, {**FACTS, "building.has_lift": True}).keys() == {"q16"}
    low = {**FULL, "q05": {"floor": 2, "total": 3}}
    assert faults(low, {**FACTS, "building.floors": 3}).keys() == {"q16"}
    without = {code: value for code, value in low.items() if code != "q16"}
    assert "q16" not in check(without, {**FACTS, "building.floors": 3}).answers


def test_a_family_member_who_fills_it_in_must_say_who_he_is():
    by_family = {**FACTS, "channel": "wechat_by_family"}
    assert set(faults(FULL, by_family)) == {"q38_proxy_name", "q38_proxy_relation", "q38_proxy_phone"}
    proxy = {"q38_proxy_name": "陈小明", "q38_proxy_relation": "child", "q38_proxy_phone": "13912341234"}
    checked = check({**FULL, **proxy}, by_family)
    assert checked.answers["q38_proxy_relation"] == "child"
    assert checked.private["q38_proxy_name"] == "陈小明"


def test_two_visitors_sign_and_the_household_signs_on_glass_or_on_paper():
    visit = {**FACTS, "channel": "worker_visit"}
    assert set(faults(FULL, visit)) == {"q38_visitor_1", "q38_visitor_2"}
    signed = {**FULL, "q38_visitor_1": "B" * 22, "q38_visitor_2": "C" * 22}
    del signed["q38"]
    assert set(faults(signed, visit)) == {"q38"}
    paper = check({**signed, "q38_paper": [{"file": "D" * 22, "caption": ""}]}, visit)
    assert paper.files == ["D" * 22, "B" * 22, "C" * 22]


def test_a_field_of_an_option_is_kept_only_with_the_option():
    more = {**FULL, "q27": "more"}
    assert faults(more) == {"q27.more": ["这一题要填。"]}
    assert faults({**more, "q27.more": 500}).keys() == {"q27.more"}
    assert check({**more, "q27.more": 800}).answers["q27.more"] == 800


def test_one_file_cannot_stand_for_two():
    assert "files" in faults({**FULL, "q20": [{"file": FULL["q38"], "caption": ""}]})


def test_the_sheet_reads_back_in_plain_words():
    lines = {line.no: line.texts for line in shown(FORM, check({**FULL, "q27": "more", "q27.more": 800}).answers)}
    assert lines["27"] == ["愿意更多", "800元"]
    assert lines["4"] == ["86.5㎡"]
    assert lines["15"][0] == "第1：排水、雨污分流"


JSONISH = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-5, 20), st.text(max_size=6), st.sampled_from(["agree", "water", "other"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(["total", "water", "use"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from([question.code for question in FORM.questions]), JSONISH, max_size=8))
def test_whatever_is_sent_is_taken_in_normal_form_or_refused_by_question(changes):
    try:
        checked = check({**FULL, **changes})
    except Invalid:
        return
    again = check({**checked.answers, **checked.private})
    assert (again.answers, again.private) == (checked.answers, checked.private)
