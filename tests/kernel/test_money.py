"""Fen, yuan, and parts that add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from kernel.money import average_text, fen_from_text, shares, wan_text, yi_text, yuan_text


@pytest.mark.parametrize(
    ("fen", "text"),
    [(0, "0.00"), (5, "0.05"), (50_000, "500.00"), (123_450, "1,234.50"), (-123_450, "-1,234.50"), (-5, "-0.05")],
)
def test_fen_are_shown_as_yuan(fen: int, text: str) -> None:
    assert yuan_text(fen) == text


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("500", 50_000),
        ("500.5", 50_050),
        ("1,234.50", 123_450),
        ("0", 0),
        (" 500 ", 50_000),
        ("12,345,678", 1_234_567_800),
    ],
)
def test_what_a_person_types_as_yuan_becomes_fen(text: str, fen: int) -> None:
    assert fen_from_text(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "",
        "五百",
        "-5",
        "+5",
        "5.",
        ".5",
        "5.123",
        "1,23",
        "12,34,567",
        "1e3",
        "500元",
        "５００",
        "0x10",
        "nan",
        "9" * 40,
    ],
)
def test_anything_else_is_not_an_amount(text: str) -> None:
    with pytest.raises(Invalid):
        fen_from_text(text)


@given(st.integers(0, 10**14))
def test_an_amount_written_and_read_again_is_the_same(fen: int) -> None:
    assert fen_from_text(yuan_text(fen)) == fen


def test_three_equal_flats_share_a_hundred_thousand_yuan_to_the_fen() -> None:
    assert shares(10_000_000, [1, 1, 1]) == [3_333_334, 3_333_333, 3_333_333]


def test_the_odd_fen_goes_to_the_largest_remainder() -> None:
    assert shares(100, [1, 2, 4]) == [14, 29, 57]


def test_a_refund_is_shared_like_the_payment_it_mirrors() -> None:
    assert shares(-10_000_000, [1, 1, 1]) == [-3_333_334, -3_333_333, -3_333_333]


@pytest.mark.parametrize(("total", "weights"), [(1, []), (1, [0, 0]), (1, [1, -1]), (0, [-1])])
def test_shares_that_cannot_be_are_a_mistake_of_the_program(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError):
        shares(total, weights)


def test_nothing_is_shared_as_nothing() -> None:
    assert shares(0, []) == []
    assert shares(0, [0, 0]) == [0, 0]


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10**9), min_size=1, max_size=60).filter(any))
def test_shares_always_add_up_and_none_is_a_whole_fen_off(total: int, weights: list[int]) -> None:
    parts = shares(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    assert all(abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (10_313_0000_00, "10,313"),
        (2_442_57_00_00, "2,442.57"),
        (7_870_43_00_00, "7,870.43"),
        (75_0000_00, "75"),
        (0, "0"),
        (-1_5000_00, "-1.5"),
    ],
)
def test_large_sums_are_shown_in_ten_thousands(fen: int, text: str) -> None:
    assert wan_text(fen) == text


def test_the_five_years_investment_is_shown_in_hundred_millions() -> None:
    assert yi_text(285_000_000_00) == "2.85"


def test_an_average_has_two_places_and_of_nobody_there_is_none() -> None:
    assert average_text(43_800_00, 88) == "497.73"
    assert average_text(1_234_567_89, 1) == "1,234,567.89"
    assert average_text(1, 2) == "0.00"
    assert average_text(3, 2) == "0.02"
    assert average_text(100, 0) == "—"
    assert average_text(285_000_000_00, 36_800, places=0) == "7,745"
