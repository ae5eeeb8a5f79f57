"""The life of a deposit."""

import pytest

from kernel.errors import Conflict, Invalid
from payments.rules.deposit import COUNTED, MOVES, RECEIVED, DepositState, amount_may_change, checked_amount, moved

S = DepositState


@pytest.mark.parametrize(
    ("state", "to"),
    [
        (S.PLEDGED, S.PAID),
        (S.PAID, S.CONVERTED),
        (S.PAID, S.REFUND_PENDING),
        (S.REFUND_PENDING, S.REFUNDED),
        (S.REFUND_PENDING, S.REFUND_FAILED),
        (S.REFUND_PENDING, S.REFUNDED_OFFLINE),
        (S.REFUND_FAILED, S.REFUNDED_OFFLINE),
        (S.REFUND_FAILED, S.REFUNDED),
    ],
)
def test_a_deposit_moves_along_its_table(state: DepositState, to: DepositState) -> None:
    assert moved(state, to) is to


def test_a_deposit_moves_nowhere_else() -> None:
    for state in S:
        for to in S:
            if to not in MOVES[state]:
                with pytest.raises(ValueError, match="does not go"):
                    moved(state, to)


def test_no_deposit_is_paid_twice() -> None:
    assert [state for state in S if S.PAID in MOVES[state]] == [S.PLEDGED]


def test_money_on_its_way_back_is_not_counted_and_still_has_a_receipt() -> None:
    assert frozenset({S.PAID, S.CONVERTED}) == COUNTED
    assert S.REFUND_PENDING in RECEIVED
    assert S.PLEDGED not in RECEIVED


@pytest.mark.parametrize("state", [one for one in S if one is not S.PLEDGED])
def test_the_amount_of_a_paid_deposit_does_not_change(state: DepositState) -> None:
    with pytest.raises(Conflict) as refusal:
        amount_may_change(state)
    assert refusal.value.code == "already-paid"


def test_the_amount_of_a_pledge_may_change() -> None:
    amount_may_change(S.PLEDGED)


@pytest.mark.parametrize("amount_fen", [1, 50_000, 2_000_000])
def test_any_amount_from_one_fen_to_the_largest_is_welcome(amount_fen: int) -> None:
    assert checked_amount(amount_fen, largest_fen=2_000_000) == amount_fen


@pytest.mark.parametrize(
    ("amount_fen", "code"),
    [(0, "amount-too-small"), (-1, "amount-too-small"), (2_000_001, "amount-too-large"), (10**30, "amount-too-large")],
)
def test_nothing_and_the_absurd_are_refused_with_a_word_about_the_field(amount_fen: int, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked_amount(amount_fen, largest_fen=2_000_000)
    assert refusal.value.code == code
    assert "amount_fen" in refusal.value.fields
