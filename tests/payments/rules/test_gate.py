"""The average per household."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.rules.gate import Standing


@pytest.mark.parametrize(
    ("households", "paid", "sum_fen", "met", "average"),
    [
        (10, 10, 500_000, True, "500.00"),
        (10, 1, 500_000, True, "500.00"),  # one gave 5,000, the others nothing: an average, not a fee
        (10, 10, 499_999, False, "500.00"),  # shown it rounds to 500.00; compared it is one fen short
        (3, 3, 150_000, True, "500.00"),
        (3, 3, 149_999, False, "500.00"),
        (7, 0, 0, False, "0.00"),
        (0, 0, 0, False, "—"),
        (0, 1, 50_000, False, "—"),
        (88, 79, 4_400_000, True, "500.00"),
    ],
)
def test_the_gate_is_the_sum_over_all_households(
    households: int, paid: int, sum_fen: int, met: bool, average: str
) -> None:
    standing = Standing(households, paid, sum_fen)
    assert standing.is_met() is met
    assert standing.average_text == average


def test_the_share_of_households_paid_is_of_all_households() -> None:
    assert Standing(80, 74, 0).share_text == "92.5%"
    assert Standing(0, 0, 0).share_text == "—"


@given(st.integers(1, 5000), st.integers(0, 10**9))
def test_what_is_missing_brings_the_gate_exactly(households: int, sum_fen: int) -> None:
    missing = Standing(households, 0, sum_fen).missing_fen()
    assert Standing(households, 0, sum_fen + missing).is_met()
    assert missing == 0 or not Standing(households, 0, sum_fen + missing - 1).is_met()
