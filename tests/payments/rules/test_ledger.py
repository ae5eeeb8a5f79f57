"""Double entry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.rules import ledger
from payments.rules.ledger import AccountKind, Posting

FEN = st.integers(min_value=1, max_value=10**13)
MAKERS = [
    ledger.deposit_paid,
    ledger.second_payment,
    ledger.refund_done,
    ledger.refund_owed,
    ledger.refund_paid_out,
    ledger.converted,
]


def test_a_paid_deposit_is_at_wechat_and_held_for_the_household() -> None:
    assert set(ledger.deposit_paid(50_000)) == {
        Posting(AccountKind.AT_WECHAT, 50_000),
        Posting(AccountKind.DEPOSITS_HELD, -50_000),
    }


def test_a_second_success_is_owed_back() -> None:
    assert set(ledger.second_payment(50_000)) == {
        Posting(AccountKind.AT_WECHAT, 50_000),
        Posting(AccountKind.TO_REFUND, -50_000),
    }


def test_a_second_success_and_its_refund_leave_nothing_behind() -> None:
    left = ledger.balances([*ledger.second_payment(50_000), *ledger.refund_done(50_000)])
    assert set(left.values()) == {0}


def test_a_converted_deposit_moves_no_money() -> None:
    left = ledger.balances([*ledger.deposit_paid(50_000), *ledger.converted(50_000)])
    assert left[AccountKind.AT_WECHAT] == 50_000
    assert left[AccountKind.CONTRIBUTIONS] == -50_000
    assert left[AccountKind.DEPOSITS_HELD] == 0


def test_a_refund_by_transfer_leaves_through_the_bank_and_not_through_wechat() -> None:
    left = ledger.balances([*ledger.deposit_paid(50_000), *ledger.refund_owed(50_000), *ledger.refund_paid_out(50_000)])
    assert {kind: fen for kind, fen in left.items() if fen} == {
        AccountKind.AT_WECHAT: 50_000,
        AccountKind.AT_BANK: -50_000,
    }


@pytest.mark.parametrize("maker", MAKERS)
@given(amount_fen=FEN)
def test_every_entry_sums_to_zero(maker, amount_fen: int) -> None:
    assert ledger.is_balanced([line.amount_fen for line in maker(amount_fen)])


@pytest.mark.parametrize("maker", MAKERS)
def test_accounts_are_touched_in_sorted_order(maker) -> None:
    accounts = [line.account for line in maker(1)]
    assert accounts == sorted(accounts)


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("amount_fen", [0, -1])
def test_an_entry_moves_at_least_one_fen(maker, amount_fen: int) -> None:
    with pytest.raises(ValueError, match="at least one fen"):
        maker(amount_fen)


@pytest.mark.parametrize("amounts", [[], [0, 0], [5], [5, -4], [5, -5, 0]])
def test_what_does_not_sum_to_zero_or_has_an_empty_line_is_no_entry(amounts: list[int]) -> None:
    assert not ledger.is_balanced(amounts)


@given(st.lists(st.tuples(st.sampled_from(MAKERS), FEN)))
def test_whatever_happens_all_balances_together_are_zero(facts) -> None:
    lines = [line for maker, amount_fen in facts for line in maker(amount_fen)]
    assert sum(ledger.balances(lines).values()) == 0
