"""Lines of a table filled by what was made before."""

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import Invalid
from surveys.questionnaires.rules import form, layout
from surveys.questionnaires.rules.columns import columns
from surveys.questionnaires.rules.layout import Kept, Layout
from surveys.questionnaires.rules.plan import Plan
from surveys.questionnaires.rules.questions import KINDS
from tests.surveys.questionnaires.forms import answers, document

TODAY = date(2026, 11, 22)


def both(place, coded, said):
    return coded, said


def filled(made, table, sheet):
    line = [("", "")] * len(table)
    made.fill(line, sheet)
    return line


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_a_sheet_fills_the_same_line_after_many_others_as_it_does_alone(seed, named):
    chance = random.Random(seed)
    try:
        asked = form.read(document(chance))
    except Invalid:  # it asked what nobody could ever answer
        return
    table = columns(asked, named=named)
    one = Layout(asked, table, both, named=named)
    for _ in range(12):
        try:
            sheet = Plan(asked).check(answers(chance, asked), {}, today=TODAY, complete=False).answers
        except Invalid:
            continue
        line = filled(one, table, sheet)
        assert line == filled(Layout(asked, table, both, named=named), table, sheet)
        for question in asked.questions:
            if question.code in sheet and not question.inner:
                cells = {key: coded for key, coded, _ in KINDS[question.kind].cells(question)(sheet[question.code])}
                for column, (coded, _) in zip(table, line, strict=True):
                    code, _, key = column.code.partition("/")
                    if code == question.code and not column.free:
                        assert coded == cells.get(key, "")


def test_what_is_kept_is_bounded_and_what_is_not_kept_is_made_each_time(monkeypatch):
    monkeypatch.setattr(layout, "MOST_KEPT", 2)
    made = []
    kept = Kept(lambda key: made.append(key) or key * 2)
    assert [kept[key] for key in (1, 2, 3, 1, 3)] == [2, 4, 6, 2, 6]
    assert made == [1, 2, 3, 3]


@pytest.mark.parametrize(("named", "said"), [(True, "找我 13912345678"), (False, "找我 ［号码］")])
def test_typed_words_lose_their_long_numbers_unless_the_file_is_named(named, said):
    asked = form.read(
        {
            "code": "few",
            "edition": "2026",
            "title": "几题",
            "sections": [
                {
                    "code": "s",
                    "title": "一",
                    "questions": [{"code": "q1", "no": "1", "kind": "text", "title": "说", "max": 50}],
                }
            ],
        }
    )
    table = columns(asked, named=named)
    assert filled(Layout(asked, table, both, named=named), table, {"q1": "找我 13912345678"}) == [(said, said)]
