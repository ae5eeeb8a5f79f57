"""Catalogues, the ranked menu, what may become of a wish, last year's answers on this year's form."""

from copy import deepcopy
from datetime import date

import pytest

from kernel.errors import Invalid
from surveys.questionnaires import data
from surveys.questionnaires.needs import catalogues
from surveys.questionnaires.rules import form
from surveys.questionnaires.rules.needs import (
    Became,
    by_class,
    catalogue_of,
    menu,
    must_follow,
    read_catalogue,
    still_fitting,
    wish_questions,
    wished,
)
from surveys.questionnaires.rules.tally import count, figures, total
from tests.surveys.questionnaires.answers import FULL

FORM = form.read(data.shipped("estate-renovation-needs"))
SAFE = read_catalogue(catalogues.shipped("works-2026"))


def answers(drainage, lift):
    documents = [{"q12": ["drainage"], "q13": ["lift"], "q15": ["drainage", "lift", "roads"]}] * drainage
    documents += [{"q12": ["basic_none"], "q13": ["lift"], "q15": ["lift", "drainage", "roads"]}] * lift
    return total(count(FORM, each) for each in documents)


def test_the_menu_is_ranked_by_the_share_of_households_then_by_points_and_leaves_out_none_of_these():
    wishes = menu(FORM, figures(FORM, answers(20, 10), public=False), SAFE)
    first = [(wish.item, wish.wanted, wish.of, wish.points, wish.full) for wish in wishes[:2]]
    assert first == [("lift", 30, 30, 70, 90), ("drainage", 20, 30, 80, 90)]
    assert not any(wish.item.endswith("_none") for wish in wishes)
    assert [wish.rank for wish in wishes] == list(range(1, len(wishes) + 1))


def test_classes_are_data_a_catalogue_with_another_class_moves_its_items_there():
    wishes = menu(FORM, figures(FORM, answers(20, 10), public=False), SAFE)
    assert [title for title, _ in by_class(wishes, SAFE)] == ["安全类", "基础类", "完善类", "提升类"]
    old = catalogue_of(FORM)
    mine = menu(FORM, figures(FORM, answers(20, 10), public=False), old)
    assert {wish.kind_title for wish in mine} == {"基础类", "完善类", "提升类"}
    assert {wish.item for wish in wishes} == {wish.item for wish in mine}


def test_the_public_menu_hides_what_the_public_figures_hide():
    wishes = {wish.item: wish for wish in menu(FORM, figures(FORM, answers(3, 30), public=True), SAFE)}
    assert wishes["drainage"].wanted is None
    assert wishes["drainage"].points is None


def test_a_wish_is_read_from_a_sheet_first_things_first():
    assert wish_questions(FORM) == ["q12", "q13", "q14"]
    assert wished(FORM, FULL) == ["drainage", "lift", "parking", "water", "overhead_lines", "elder_care"]
    assert wished(FORM, {"q12": ["basic_none"]}) == []


@pytest.mark.parametrize(
    ("before", "after", "reason", "fine"),
    [
        (Became.ASKED, Became.LISTED, "", True),
        (Became.ASKED, Became.NOT_LISTED, "", False),
        (Became.ASKED, Became.NOT_LISTED, "要先成立组织", True),
        (Became.ASKED, Became.DONE, "", False),
        (Became.ASKED, Became.DONE, "去年已顺带做完", True),
        (Became.LISTED, Became.DOING, "", True),
        (Became.DONE, Became.DOING, "", False),
        (Became.DONE, Became.DOING, "填错了，还没完工", True),
        (Became.NOT_LISTED, Became.LISTED, "", True),
        (Became.DONE, Became.DONE, "再写一遍", False),
    ],
)
def test_what_may_become_of_a_wish_and_when_words_are_needed(before, after, reason, fine):
    if fine:
        must_follow(before, after, reason)
    else:
        with pytest.raises(Invalid):
            must_follow(before, after, reason)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"classes": [], "items": []},
        {"classes": [{"code": "a", "title": "甲"}], "items": [{"code": "x", "label": "某", "class": "b"}]},
        {"classes": [{"code": "a", "title": "甲"}], "items": [{"code": "x", "class": "a"}]},
    ],
)
def test_a_wrong_catalogue_is_refused(document):
    with pytest.raises(Invalid):
        read_catalogue(document)


def test_last_years_answers_are_carried_only_where_they_still_say_the_same():
    now = deepcopy(dict(FORM.document))
    for section in now["sections"]:
        for question in section["questions"]:
            if question["code"] == "q21":
                question["options"][0]["label"] = "另一种管理方式"
            if question["code"] == "q04":
                question["high"] = 50
    later = form.read(now)
    today = date(2026, 6, 1)
    same = still_fitting(FORM, FORM, FULL, today=today)
    assert not same.keys() & {"q37", "q38", "q38_date", "q36", "q36_phone", "q20"}
    assert same["q15"] == FULL["q15"]
    changed = still_fitting(FORM, later, {**FULL, "q21": "company"}, today=today)
    assert "q21" not in changed  # the word behind the code is another
    assert "q04" not in changed  # 86.5 ㎡ is out of the new range
    assert changed["q09"] == "agree"
