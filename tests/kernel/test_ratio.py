"""Exact ratios, shown half-even."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.ratio import at_least, more_than, percent_text, quotient_text


@pytest.mark.parametrize(
    ("n", "d", "places", "text"),
    [
        (149, 161, 1, "92.5%"),
        (149, 80, 1, "186.2%"),
        (161, 80, 1, "201.2%"),
        (244_257, 1_031_300, 1, "23.7%"),
        (2_205_741, 5_098_800, 2, "43.26%"),
        (19_078, 36_950, 2, "51.63%"),
        (1, 8, 1, "12.5%"),
        (0, 7, 1, "0.0%"),
        (7, 7, 0, "100%"),
        (1, 0, 1, "—"),
        (0, 0, 1, "—"),
    ],
)
def test_the_published_percentages_come_out_as_printed(n: int, d: int, places: int, text: str) -> None:
    assert percent_text(n, d, places) == text


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**9), st.integers(0, 4))
def test_a_quotient_is_rounded_as_decimal_half_even_rounds(n: int, d: int, places: int) -> None:
    scaled = Fraction(n * 10**places, d)
    expected = Decimal(round(scaled)) / (Decimal(10) ** places)
    assert Decimal(quotient_text(n, d, places)) == expected.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)


def test_there_is_no_quotient_without_a_denominator() -> None:
    with pytest.raises(ValueError):
        quotient_text(1, 0, 1)


def test_half_is_at_least_half_and_not_more_than_half() -> None:
    assert at_least(1, 2, 1, 2)
    assert not more_than(1, 2, 1, 2)


def test_of_an_empty_whole_nothing_is_reached() -> None:
    assert not at_least(0, 0, 1, 2)
    assert not more_than(0, 0, 1, 2)


@given(st.integers(0, 10**15), st.integers(1, 10**15), st.integers(0, 50), st.integers(1, 50))
def test_thresholds_are_exact_for_any_size(part: int, whole: int, num: int, den: int) -> None:
    assert at_least(part, whole, num, den) == (Fraction(part, whole) >= Fraction(num, den))
    assert more_than(part, whole, num, den) == (Fraction(part, whole) > Fraction(num, den))
