"""What a dwelling bears against what came for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Conflict, Invalid
from payments.rules.due import DueState, Standing, meet, must_be_open, take_back

amounts = st.integers(0, 10**9)
payments = st.lists(st.integers(1, 10**8), max_size=8).map(lambda fens: list(enumerate(fens)))


@pytest.mark.parametrize(
    ("due", "paid", "state", "open_fen", "over_fen"),
    [
        (100, 0, DueState.OPEN, 100, 0),
        (100, 30, DueState.PART, 70, 0),
        (100, 100, DueState.MET, 0, 0),
        (100, 101, DueState.OVER, 0, 1),
        (0, 0, DueState.NOTHING, 0, 0),
        (0, 5, DueState.OVER, 0, 5),
    ],
)
def test_where_a_dwelling_stands(due: int, paid: int, state: DueState, open_fen: int, over_fen: int) -> None:
    stands = Standing(due, paid)
    assert (stands.state, stands.open_fen, stands.over_fen) == (state, open_fen, over_fen)


@pytest.mark.parametrize(("fen", "open_fen", "refusal"), [(1, 0, Conflict), (0, 5, Invalid), (6, 5, Invalid)])
def test_only_what_is_open_is_paid(fen: int, open_fen: int, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        must_be_open(fen, open_fen)


def test_a_part_of_what_is_open_may_be_paid() -> None:
    assert [must_be_open(fen, 5) for fen in (1, 5)] == [1, 5]


@given(amounts, payments)
def test_a_surplus_goes_back_from_the_last_payment_first_and_never_more_than_there_is(surplus, parts) -> None:
    taken = take_back(surplus, parts)
    assert sum(fen for _, fen in taken) == min(surplus, sum(fen for _, fen in parts))
    assert all(0 < fen <= dict(parts)[payment] for payment, fen in taken)
    assert [payment for payment, _ in taken] == sorted((payment for payment, _ in taken), reverse=True)


@given(amounts, payments)
def test_deposits_meet_a_due_oldest_first_and_the_rest_goes_back(due, deposits) -> None:
    parts = meet(due, deposits)
    assert sum(taken for _, taken, _ in parts) == min(due, sum(fen for _, fen in deposits))
    assert all(taken > 0 and taken + rest == dict(deposits)[deposit] for deposit, taken, rest in parts)
    assert all(rest == 0 for _, _, rest in parts[:-1]), "only the last one is split"
