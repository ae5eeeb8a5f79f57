"""What the public books may show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.rules.disclosure import OTHERS, SMALLEST_GROUP, Group, folded, shown, sum_may_be_shown


def counts(*payers: int) -> list[Group]:
    return [Group(f"{number}栋", many, many * 100) for number, many in enumerate(payers, 1)]


@pytest.mark.parametrize(
    ("payers", "expected"),
    [
        ((5, 6), [("1栋", 5), ("2栋", 6)]),
        ((5, 0), [("1栋", 5)]),
        ((8, 3, 2), [("1栋", 8), (OTHERS, 5)]),
        ((8, 7, 4), [("1栋", 8), (OTHERS, 11)]),  # the four hide behind the smallest large one
        ((8, 4), []),  # alone it could not hide them: the total is all that is shown
        ((4, 4), []),  # everybody together is the total
        ((4,), []),
        ((), []),
    ],
)
def test_a_breakdown_shows_five_payers_or_more(payers: tuple[int, ...], expected: list[tuple[str, int]]) -> None:
    assert [(group.building, group.paid_households) for group in shown(counts(*payers))] == expected


@given(st.lists(st.integers(0, 30), max_size=12))
def test_nobody_can_subtract_his_way_to_fewer_than_five(payers: list[int]) -> None:
    groups = shown(counts(*payers))
    assert all(group.paid_households >= SMALLEST_GROUP for group in groups)
    left = sum(payers) - sum(group.paid_households for group in groups)
    assert left == 0 or left >= SMALLEST_GROUP or not groups


@given(st.lists(st.integers(0, 30), max_size=12))
def test_what_is_shown_adds_up_to_the_fen(payers: list[int]) -> None:
    assert all(group.paid_fen == group.paid_households * 100 for group in shown(counts(*payers)))


@pytest.mark.parametrize(
    ("homes", "together"),
    [
        ({1: 12, 2: 5}, set()),
        ({1: 12, 2: 1}, {1, 2}),  # one home's lift could be subtracted from the total
        ({1: 12, 2: 3, 3: 4}, {2, 3}),
        ({1: 12, 2: 1, 3: 6}, {2, 3}),
        ({1: 2}, {1}),
    ],
)
def test_costs_of_a_few_homes_are_told_together(homes: dict[int, int], together: set[int]) -> None:
    bearers, at = {}, 0
    for cost, many in homes.items():
        bearers[cost] = set(range(at, at + many))
        at += many
    assert folded(bearers) == together


@pytest.mark.parametrize(("paid", "may"), [(0, True), (1, False), (4, False), (5, True)])
def test_a_sum_that_few_households_made_up_is_not_shown(paid: int, may: bool) -> None:
    assert sum_may_be_shown(paid) is may
