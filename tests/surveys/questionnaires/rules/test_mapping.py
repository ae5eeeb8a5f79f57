"""From one wording to the next: complete or refused, and counted the same whichever way."""

import copy
import random
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kernel.errors import Invalid
from surveys.questionnaires.rules import form, mapping, tally
from surveys.questionnaires.rules.plan import Plan, shown, together
from tests.surveys.questionnaires.forms import answers, document
from tests.surveys.questionnaires.rules.test_asking import OLD, PEOPLE, WHERE, sheet

TODAY = date(2026, 11, 25)
WORKS: dict[str, Any] = {
    "code": "works",
    "kind": "multi",
    "title": "要改什么",
    "options": [{"code": code, "label": code} for code in ("water", "roof", "other")],
}
WORKS["options"][2] |= {"text": {"max": 9}}
ORDER = {"code": "order", "kind": "ranking", "title": "最急的", "count": 2, "options": WORKS["options"][:2]}
AGREE = {
    "code": "agree",
    "kind": "single",
    "title": "同意吗",
    "options": [{"code": code, "label": code} for code in ("yes", "rather", "no")],
}
DOCUMENT = sheet(PEOPLE, WORKS, ORDER, AGREE, OLD, WHERE)


def changed(**changes: Any) -> dict[str, Any]:
    """The document with questions changed (by code: new keys) or left out (None)."""
    made = copy.deepcopy(DOCUMENT)
    questions = made["sections"][0]["questions"]
    made["sections"][0]["questions"] = [
        {**one, **changes.get(one["code"], {})} for one in questions if changes.get(one["code"], {}) is not None
    ]
    return made


def faults(after: dict[str, Any], given_: Any) -> dict[str, Any]:
    """What a mapping from DOCUMENT leaves unsaid."""
    with pytest.raises(Invalid) as refused:
        mapping.read(form.read(DOCUMENT), form.read(after), given_)
    return dict(refused.value.fields)


def test_nothing_needs_to_be_said_of_a_reworded_sheet() -> None:
    after = changed(agree={"title": "您同意改造吗"})
    read = mapping.read(form.read(DOCUMENT), form.read(after), {})
    assert all(old == new for old, new in read.questions.items())
    assert read.added == ()


MORE = {"options": [*AGREE["options"], {"code": "unsure", "label": "说不好"}]}


@pytest.mark.parametrize(
    ("after", "given_", "where", "word"),
    [
        (changed(agree=None), {}, "agree", "null"),
        (changed(agree={"code": "consent"}), {"questions": {"agree": None}}, "consent", "added"),
        (changed(agree={"code": "consent"}), {"added": ["consent"]}, "agree", "null"),
        (changed(agree={"options": AGREE["options"][:2]}), {}, "agree", "no"),
        (changed(agree=MORE), {}, "agree", "unsure"),
        (changed(people={"high": 20}), {}, "people", "范围"),
        (changed(agree={"kind": "multi"}), {}, "agree", "题型"),
        (changed(works=None, order={"options_from": []}), {"questions": {"works": "order"}}, "works", "题型"),
        (changed(), {"questions": {"nobody": None}}, "nobody", "旧版没有"),
        (changed(), {"questions": {"agree": "nobody"}}, "agree", "新版没有"),
        (changed(), {"questions": {"old.age": "people"}}, "old.age", "重复填写"),
        (changed(), {"added": ["agree"]}, "agree", "added"),
        (
            changed(works={"options": WORKS["options"][:2]}),
            {"questions": {"works.other": None}, "options": {"works": {"other": "roof"}}},
            "works",
            "单选",
        ),
    ],
)
def test_whatever_is_not_spoken_for_is_named(after: Any, given_: Any, where: str, word: str) -> None:
    assert any(word in text for text in faults(after, given_)[where])


@pytest.mark.parametrize("given_", [[], {"questions": []}, {"options": {"a": 1}}, {"more": {}}, None])
def test_a_mapping_of_another_shape_is_refused(given_: Any) -> None:
    with pytest.raises(Invalid, match="mapping-invalid"):
        mapping.read(form.read(DOCUMENT), form.read(DOCUMENT), given_)


def test_what_equal_codes_suggest_is_complete() -> None:
    after = form.read(
        changed(
            agree={"code": "consent"},
            works={"options": [*WORKS["options"][1:], {"code": "gas", "label": "气"}]},
            people={"high": 20},
        )
    )
    before = form.read(DOCUMENT)
    suggested = mapping.proposed(before, after)
    read = mapping.read(before, after, suggested)
    assert (read.questions["agree"], read.questions["people"], set(read.added)) == (None, None, {"consent", "people"})
    assert read.options["works"] == {"water": None, "roof": "roof", "other": "other"}
    assert read.added_options == {"works": ("gas",)}


def test_answers_are_read_in_the_new_codes_and_places_stay_what_they_were() -> None:
    before = form.read(DOCUMENT)
    after = form.read(
        changed(
            agree={"code": "consent", "options": [{"code": "yes", "label": "是"}, {"code": "no", "label": "否"}]},
            works={"options": [WORKS["options"][0], {"code": "misc", "label": "其他", "text": {"max": 9}}]},
            order={"options": [WORKS["options"][0], {"code": "gas", "label": "气"}]},
            old={"code": "elder", "questions": [{**OLD["questions"][0], "code": "who"}, OLD["questions"][1]]},
        )
    )
    read = mapping.read(
        before,
        after,
        {
            "questions": {"agree": "consent", "works.other": "works.misc", "old": "elder", "old.name": "elder.who"}
            | {"old.age": "elder.age", "old.care": None, "old.care.other": None},
            "options": {
                "agree": {"rather": "yes"},
                "works": {"roof": None, "other": "misc"},
                "order": {"roof": None},
            },
            "added_options": {"order": ["gas"]},
        },
    )
    checked = Plan(before).check(
        {
            "works": ["roof"],
            "order": ["roof", "water"],
            "agree": "rather",
            "old": [{"name": "陈", "age": 75, "care": "home"}, {"age": 66}],
        },
        {},
        today=TODAY,
    )
    found = mapping.mapped(checked.answers, read)
    assert found == {"works": [], "order": ["", "water"], "consent": "yes", "elder": [{"age": 75}, {"age": 66}]}
    both = together(after, found, mapping.mapped(checked.private, read))
    assert both["elder"] == [{"age": 75, "who": "陈"}, {"age": 66}]
    assert [line.texts for line in shown(after, found)][1] == ["第2：water"]


def mangled(chance: random.Random, raw: dict[str, Any]) -> dict[str, Any]:
    """A next wording: codes renamed, options dropped, added, questions dropped and added."""
    made = copy.deepcopy(raw)
    kept = []
    for one in made["sections"][0]["questions"]:
        one.pop("show_if", None), one.pop("require_if", None)
        for option in one.get("options", []):
            option.pop("show_if", None)
        for inner in one.get("questions", []):
            inner.pop("show_if", None), inner.pop("require_if", None)
            for option in inner.get("options", []):
                option.pop("show_if", None)
        if chance.random() < 0.15:
            continue
        if one["kind"] in ("single", "multi") and chance.random() < 0.4:
            one["options"] = [*one["options"][1:], {"code": "new_a", "label": "新"}, {"code": "new_b", "label": "新"}]
            one.pop("min", None), one.pop("max", None)
        kept.append(one)
    kept.append({"code": "brand_new", "kind": "text", "title": "新题", "max": 5})
    made["sections"][0]["questions"] = kept
    return made


@given(st.integers(0, 10**9))
def test_renaming_the_counters_and_counting_the_documents_anew_give_the_same(seed: int) -> None:
    chance = random.Random(seed)
    raw = document(chance)
    try:
        before, after = form.read(raw), form.read(mangled(chance, raw))
    except Invalid:
        assume(False)
        raise
    read = mapping.read(before, after, mapping.proposed(before, after))
    plan = Plan(before)
    documents = []
    for _ in range(30):
        try:
            documents.append(plan.check(answers(chance, before), {}, today=TODAY).answers)
        except Invalid:
            continue
    old = tally.total(tally.count(before, one) for one in documents)
    new = tally.total(tally.count(after, mapping.mapped(one, read)) for one in documents)
    assert {key: n for key, n in mapping.mapped_counts(old, read).items() if n} == {k: n for k, n in new.items() if n}
    again = mapping.read(before, after, read.document)
    assert again.document == read.document
