"""Blurred reports under attack: whatever is asked for and subtracted, one household's answer stays a guess."""

import hashlib
import itertools
import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import Invalid
from surveys.questionnaires import data
from surveys.questionnaires.rules import blurring, form
from surveys.questionnaires.rules.blurring import STEP, blurred, chance, name, noise, table, two_sides
from surveys.questionnaires.rules.crosstab import FACTS, Crosstab, Filters, Of, axis

FORM = form.read(data.shipped("estate-renovation-needs"))
ODDS = Fraction(4, 3)
"""What one number may tell for or against a household's being in it."""


def seed(key):
    return lambda cell: hashlib.sha256(f"{key}|{cell}".encode()).digest()


@given(st.integers(0, 300), st.integers(-3, 40))
def test_no_number_tells_more_than_four_to_three_of_one_household_whatever_is_known_of_the_others(n, steps):
    shown = max(0, n // STEP * STEP + (steps - 3) * STEP)
    with_it, without = chance(shown, n + 1), chance(shown, n)
    assert with_it > 0
    assert 1 / ODDS <= with_it / without <= ODDS


@given(st.integers(0, 60))
def test_the_chances_of_all_numbers_make_one(n):
    assert 1 - sum(chance(shown, n) for shown in range(0, 600, STEP)) < Fraction(1, 10**40)


def test_the_noise_that_is_drawn_is_the_noise_that_was_promised():
    drawn = Counter(noise(hashlib.sha256(str(number).encode()).digest()) for number in range(20_000))
    for size in range(-3, 4):
        promised = float(Fraction(1, 7) * blurring.KEEP ** abs(size))
        assert abs(drawn[size] / 20_000 - promised) < 0.012
    assert noise(bytes(8)) == blurring.MOST  # not for ever
    assert noise(b"\xff" * 8) == 0


@pytest.mark.parametrize(
    ("asked", "sides"),
    [
        (("q09", "", {}), ("q09", "")),
        (("q09", "q12", {}), ("q09", "q12")),
        (("q09", "", {"let": False}), ("q09", "@let")),
        (("q09", "", {"level": 0}), ("q09", "@level")),
        (("q09", "q12", {"let": True}), None),
        (("q09", "", {"let": True, "old": False}), None),
        (("q09", "@let", {"channel": "wechat_self"}), None),
        (("q09", "", {"building": "b1"}), None),
    ],
)
def test_a_filter_is_a_side_of_a_table_and_more_than_two_sides_are_refused(asked, sides):
    if sides is None:
        with pytest.raises(Invalid):
            two_sides(*asked)
    else:
        assert two_sides(*asked) == sides


def test_a_cell_has_one_name_from_either_side():
    assert name([("q09", "agree"), ("@let", "yes")]) == name([("@let", "yes"), ("q09", "agree")])
    assert name([("q09", "agree"), ("", "")]) == name([("q09", "agree"), ("q09", "agree")]) == "q09=agree"


@given(st.lists(st.integers(1, 40), unique=True), st.lists(st.integers(1, 40), unique=True))
def test_a_wave_brings_five_newcomers_or_does_not_come(held, now):
    assert blurring.is_next_wave(held, now) == (len([each for each in now if each not in held]) >= 5)


SHEETS = st.tuples(
    st.fixed_dictionaries(
        {},
        optional={
            "q09": st.sampled_from(["agree", "disagree"]),
            "q12": st.lists(st.sampled_from(["water", "roads", "gas"]), min_size=1, max_size=3, unique=True),
        },
    ),
    st.builds(
        Of,
        st.sampled_from(["wechat_self", "worker_visit"]),
        st.integers(0, 2),
        st.booleans(),
        st.sampled_from([True, False, None]),
        st.just("b1"),
    ),
)
SIDES = ["q09", "q12", *(side.code for side in FACTS)]


def shown(sheets, rows, columns, key):
    made = Crosstab(axis(FORM, rows), axis(FORM, columns) if columns else None)
    for answers, of in sheets:
        made.add(answers, of)
    return table(made.written(), rows, columns, seed(key))


@settings(max_examples=25)
@given(st.lists(SHEETS, max_size=40), st.sampled_from(SIDES), st.sampled_from(["", *SIDES]))
def test_the_same_cell_shows_one_number_however_it_is_asked_for(sheets, rows, columns):
    one = shown(sheets, rows, columns, "k")
    assert all(cell["n"] % STEP == 0 and cell["n"] >= 0 for line in one["lines"] for cell in line["cells"])
    assert not any(cell["small"] for line in one["lines"] for cell in line["cells"])
    if columns:
        other = shown(sheets, columns, rows, "k")
        counts = [[[cell["n"] for cell in line["cells"]] for line in each["lines"]] for each in (one, other)]
        assert counts[0] == [list(column) for column in zip(*counts[1], strict=True)]
        assert one["sheets"] == other["sheets"]


def test_who_subtracts_all_overlapping_tables_hardly_guesses_better_than_by_tossing_a_coin():
    """The only let home's answer, from everybody's and those not let: certain on exact tables, a guess on blurred ones.

    The best guess there is weighs every number of both tables by its exact chance, with all other answers known.
    """
    chance_of = random.Random(2026)
    right = exact = 0
    rounds = 600
    for number in range(rounds):
        said = [chance_of.choice(["agree", "disagree"]) for _ in range(20)]
        others = [({"q09": each}, Of("wechat_self", 1, False, None, "b1")) for each in said]
        secret = chance_of.choice(["agree", "disagree"])
        sheets = [*others, ({"q09": secret}, Of("wechat_self", 1, True, None, "b1"))]
        whole = Crosstab(axis(FORM, "q09"), None)
        for answers, of in sheets:
            if Filters().takes(of):
                whole.add(answers, of)
        known = Counter(answers["q09"] for answers, _ in others)
        exact += whole.written()["lines"][0]["cells"][0]["n"] - known["agree"] == (secret == "agree")
        alone, by_let = shown(sheets, "q09", "", number), shown(sheets, "q09", "@let", number)
        odds = Fraction(1)
        for line, let in itertools.product(range(2), (None, 0)):
            code = alone["lines"][line]["code"]
            told = alone["lines"][line]["cells"][0]["n"] if let is None else by_let["lines"][line]["cells"][0]["n"]
            others_in = known[code] if let is None else 0
            odds *= chance(told, others_in + (code == "agree")) / chance(told, others_in + (code == "disagree"))
        right += (odds > 1 or (odds == 1 and chance_of.random() < 0.5)) == (secret == "agree")
    assert exact == rounds
    # Four numbers hold the household or not: (4/3)^4 to 1 at the very worst, in the middle a good deal less.
    assert right / rounds < 0.6


@given(st.integers(0, 500), st.binary(min_size=8, max_size=16))
def test_what_is_shown_is_near_what_is_true(n, secret):
    assert abs(blurred(n, secret) - n) <= abs(noise(secret)) + STEP


@pytest.mark.parametrize(
    ("n", "of", "told"), [(20, 39, None), (20, 40, (20, 40)), (45, 40, (40, 40)), (0, 40, (0, 40)), (0, 0, None)]
)
def test_a_share_of_a_few_blurred_households_is_not_told_and_none_is_more_than_all(n, of, told):
    assert blurring.share(n, of) == told
