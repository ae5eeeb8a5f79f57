"""Counting documents, and what may be shown of the counts."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaires import data
from surveys.questionnaires.rules import form
from surveys.questionnaires.rules.coverage import Share, coverage
from surveys.questionnaires.rules.tally import count, figures, hide_small, total
from tests.surveys.questionnaires.answers import FULL

FORM = form.read(data.shipped("estate-renovation-needs"))


def counted(answers, sign=1):
    return count(FORM, answers, channel="wechat_self", sign=sign)


def test_a_document_counted_and_taken_away_leaves_nothing():
    assert not any(total([counted(FULL), counted(FULL, sign=-1)]).values())


def test_names_and_phones_are_never_counted():
    assert not any(question in ("q36", "q36_phone") for question, _, _ in counted(FULL))


def test_shares_of_several_choices_are_of_respondents_and_may_add_up_to_more_than_all():
    counts = total(counted({"q13": ["parking", "lift"]}) for _ in range(10))
    row = next(figure for figure in figures(FORM, counts, public=True) if figure.code == "q13").rows[0]
    assert row.respondents == 10
    assert {cell.code: cell.n for cell in row.cells if cell.n} == {"parking": 10, "lift": 10}


def test_the_average_of_a_matrix_row_leaves_out_those_without_the_thing():
    counts = total(
        [*(counted({"q11": {"gas": 4}}) for _ in range(6)), *(counted({"q11": {"gas": 0}}) for _ in range(6))]
    )
    gas = next(
        row
        for figure in figures(FORM, counts, public=True)
        if figure.code == "q11"
        for row in figure.rows
        if row.label == "燃气"
    )
    assert gas.mean_of == (24, 6)
    assert gas.respondents == 12


@pytest.mark.parametrize(
    ("counts", "people", "one_each", "seen"),
    [
        ([3, 1], 4, True, [None, None]),
        ([0, 0], 0, True, [None, None]),
        ([10, 20, 30], 60, True, [10, 20, 30]),
        ([3, 20, 30], 53, True, [None, None, 30]),
        ([3, 4, 30], 37, True, [None, None, 30]),
        ([1, 1, 20, 30], 52, True, [None, None, None, 30]),
        ([0, 3, 20], 23, True, [0, None, None]),
        ([3, 20, 30], 40, False, [None, 20, 30]),
        ([38, 20, 40], 40, False, [None, 20, 40]),
    ],
)
def test_few_people_are_hidden_and_cannot_be_worked_out(counts, people, one_each, seen):
    assert hide_small(counts, people, one_each=one_each) == seen


@given(st.lists(st.integers(0, 40), min_size=2, max_size=8))
def test_nobody_in_a_small_cell_can_be_found_by_subtraction(counts):
    people = sum(counts)
    seen = hide_small(counts, people, one_each=True)
    hidden = [index for index, n in enumerate(seen) if n is None]
    assert not any(n is not None and 0 < n < 5 for n in seen)
    if people >= 5 and hidden:
        # What an onlooker can compute is the sum of the hidden cells: it is at least five people in two cells or more.
        assert len(hidden) >= 2 or all(counts[index] == 0 for index in range(len(counts)) if index not in hidden)
        assert people - sum(n for n in seen if n is not None) >= 5


@given(st.lists(st.sampled_from(["agree", "disagree", "undecided"]), max_size=30), st.randoms())
def test_the_order_of_counting_does_not_matter(choices, random):
    documents = [counted({"q09": choice}) for choice in choices]
    shuffled = list(documents)
    random.shuffle(shuffled)
    assert total(documents) == total(shuffled)
    assert sum(n for (code, _, _), n in total(documents).items() if code == "q09") == len(choices)


def test_coverage_keeps_those_who_did_not_answer_in_the_total():
    assert coverage([(1, "1栋"), (2, "1栋"), (3, "2栋")], {1, 3}) == [Share("1栋", 1, 2), Share("2栋", 1, 1)]


def test_numbers_are_shown_as_an_average_of_five_people_or_more():
    counts = Counter(total(counted({"q04": 8000 + n}) for n in range(5)))
    area = next(figure for figure in figures(FORM, counts, public=True) if figure.code == "q04")
    assert area.rows[0].mean_of == (40010, 5)
    few = total(counted({"q04": 8000}) for _ in range(4))
    assert next(figure for figure in figures(FORM, few, public=True) if figure.code == "q04").rows[0].mean_of is None
