"""Counting documents, and what may be shown of the counts."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.ratio import percent_text
from surveys.questionnaires import data
from surveys.questionnaires.rules import form
from surveys.questionnaires.rules.coverage import Share, coverage
from surveys.questionnaires.rules.questions.scales import band_of, bands
from surveys.questionnaires.rules.tally import count, figures, hide_small, total
from surveys.questionnaires.rules.totals import together
from tests.surveys.questionnaires.answers import FULL

FORM = form.read(data.shipped("estate-renovation-needs"))


def counted(answers, sign=1):
    return count(FORM, answers, sign=sign)


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


def row_of(counts, code, label="", public=True):
    figure = next(figure for figure in figures(FORM, counts, public=public) if figure.code == code)
    return next(row for row in figure.rows if row.label == label)


def test_numbers_are_shown_as_a_distribution_too():
    counts = total(counted({"q04": 5000 + 100 * n}) for n in range(100))
    row = row_of(counts, "q04")
    found = {cell.label: cell.n for cell in row.cells if cell.n}
    assert list(found.items())[:2] == [("40–60㎡以下", 10), ("60–80㎡以下", 20)]
    assert sum(found.values()) == 100
    assert row.respondents == 100


def test_every_number_a_question_takes_has_exactly_one_band():
    for question in FORM.questions:
        specs = [question.spec] if question.kind == "number" else question.spec.get("rows", [])
        if question.kind not in ("number", "number_grid"):
            continue
        for spec in specs:
            known = [cell for cell, _ in bands(spec)]
            assert len(known) == len(set(known)) <= 26
            scale = 10 ** spec.get("decimals", 0)
            assert {band_of(value * scale, spec) for value in range(spec["low"], spec["high"] + 1)} <= set(known)


def test_a_ranking_gives_points_by_place_and_how_many_named_it_at_all():
    counts = total(
        [
            *(counted({"q15": ["drainage", "lift", "parking"]}) for _ in range(6)),
            *(counted({"q15": ["lift", "drainage", "parking"]}) for _ in range(5)),
        ]
    )
    named, points = row_of(counts, "q15", "排进前3"), row_of(counts, "q15", "综合得分")
    assert {cell.code: cell.n for cell in named.cells if cell.n} == {"drainage": 11, "lift": 11, "parking": 11}
    assert {cell.code: cell.n for cell in points.cells if cell.n} == {"drainage": 28, "lift": 27, "parking": 11}
    assert points.full == 33


def test_in_public_an_option_with_a_hidden_place_has_neither_points_nor_a_total():
    counts = total(
        [
            *(counted({"q15": ["drainage", "lift", "parking"]}) for _ in range(20)),
            *(counted({"q15": ["lift", "drainage", "parking"]}) for _ in range(2)),
        ]
    )
    assert {cell.code: cell.n for cell in row_of(counts, "q15", "综合得分").cells if cell.n != 0} == {
        "drainage": None,
        "lift": None,
        "parking": 22,
    }


def test_a_matrix_gives_its_exact_average_and_who_is_satisfied_of_those_who_gave_a_mark():
    counts = total(
        [
            *(counted({"q11": {"roads": 5}}) for _ in range(5)),
            *(counted({"q11": {"roads": 2}}) for _ in range(10)),
            *(counted({"q11": {"roads": 0}}) for _ in range(7)),
        ]
    )
    row = row_of(counts, "q11", "道路")
    assert (row.mean_of, row.satisfied, row.respondents) == ((45, 15), (5, 15), 22)


CHANGZHOU = {"old": 6740, "parking": 6751, "no_lift": 7816, "roads": 5148, "management": 5335}
"""Per ten thousand respondents, as the city published them (DOMAIN §1.5)."""
THREE = {"a": 3271, "b": 5499, "c": 6641, "d": 3809, "e": 4566, "f": 5192, "g": 3985}
"""What matters most, several to tick: the shares add up to 329.63 %."""


@pytest.mark.parametrize(("told", "sum_text"), [(CHANGZHOU, "317.9%"), (THREE, "329.63%")])
def test_the_shares_of_changzhou_come_out_as_published_and_add_up_to_more_than_all(told, sum_text):
    sheet = form.read(
        {
            "code": "changzhou",
            "edition": "2021",
            "title": "常州",
            "sections": [
                {
                    "code": "a",
                    "title": "一",
                    "questions": [
                        {
                            "code": "q1",
                            "kind": "multi",
                            "title": "问题",
                            "options": [
                                *({"code": code, "label": code} for code in told),
                                {"code": "none", "label": "都不是", "alone": True},
                            ],
                        }
                    ],
                }
            ],
        }
    )
    people = 10_000
    ticked = ([code for code, n in told.items() if person < n] for person in range(people))
    counts = total(count(sheet, {"q1": ticks or ["none"]}) for ticks in ticked)
    row = figures(sheet, counts, public=True)[0].rows[0]
    cells = [cell for cell in row.cells if cell.code != "none"]
    assert row.respondents == people
    assert {cell.code: percent_text(cell.n, row.of(cell), 2) for cell in cells} == {
        code: f"{n // 100}.{n % 100:02d}%" for code, n in told.items()
    }
    assert percent_text(sum(cell.n for cell in cells), people, len(sum_text.partition(".")[2]) - 1) == sum_text


def test_who_was_asked_because_of_a_hidden_answer_is_hidden_with_it():
    counts = total(
        [
            *(counted({"q27": "yes"}) for _ in range(30)),
            *(counted({"q27": "less", "q27.less": 300}) for _ in range(3)),
            *(counted({"q27": "more", "q27.more": 900}) for _ in range(7)),
        ]
    )
    whether = row_of(counts, "q27")
    assert {cell.code: cell.n for cell in whether.cells if cell.n != 0} == {"yes": 30, "less": None, "more": None}
    more = next(figure for figure in figures(FORM, counts, public=True) if figure.code == "q27.more").rows[0]
    assert more.respondents is None
    assert more.mean_of is None
    assert all(cell.n is None for cell in more.cells)


@given(st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=1, max_size=4))
def test_a_total_of_places_is_made_of_nothing_they_do_not_show(estates):
    codes = ("agree", "disagree", "undecided")
    counts = [Counter({("q09", "", code): n for code, n in zip(codes, each, strict=True)}) for each in estates]
    parts = [figures(FORM, each, public=True) for each in counts]
    whole = next(figure for figure in together(parts) if figure.code == "q09").rows[0]
    for index, cell in enumerate(whole.cells):
        shown = [next(f for f in part if f.code == "q09").rows[0] for part in parts]
        public = [row.cells[index].n for row in shown if row.cells[index].n is not None]
        assert cell.n == (sum(public) if public else None)
        assert whole.of(cell) == sum(row.respondents or 0 for row in shown if row.cells[index].n is not None)
