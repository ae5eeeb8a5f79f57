"""The way back of a deposit, as tables."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Conflict, NotAllowed
from payments.rules import giving_back as rules
from payments.rules.deposit import DepositState
from payments.rules.giving_back import BACK, LIVE, MOVES, OWED, WAITING, RequestState, Road

R = RequestState
PAID_AT = datetime(2026, 6, 18, 9, 0, tzinfo=UTC)
FEN = st.integers(min_value=1, max_value=10**12)


def test_every_state_is_waiting_or_owed_or_over() -> None:
    over = {R.REFUSED, R.CANCELLED}
    assert WAITING | OWED | BACK | over == set(R)
    assert LIVE == WAITING | OWED
    assert {state for state in R if not MOVES[state]} == BACK | over


def test_money_is_owed_only_after_two_people() -> None:
    ways_in = {state for state in R for to in MOVES[state] if to in OWED and state not in OWED}
    assert ways_in == {R.CHECKED}
    assert {state for state in R if R.CHECKED in MOVES[state]} == {R.ASKED}


def test_what_is_owed_ends_only_with_the_money_back() -> None:
    for state in OWED:
        assert MOVES[state] <= OWED | BACK


def test_a_request_moves_nowhere_else() -> None:
    for state in R:
        for to in R:
            if to in MOVES[state]:
                assert rules.moved(state, to) is to
            else:
                with pytest.raises(Conflict):
                    rules.moved(state, to)


def test_every_deposit_but_a_paid_one_says_why_it_cannot_be_asked_back() -> None:
    rules.must_be_askable(DepositState.PAID)
    for state in set(DepositState) - {DepositState.PAID}:
        with pytest.raises(Conflict):
            rules.must_be_askable(state)


@pytest.mark.parametrize(
    ("requests", "converted", "left"),
    [
        ([], 0, 500),
        ([(R.ASKED, 500)], 0, 500),
        ([(R.CHECKED, 500)], 0, 500),
        ([(R.REFUSED, 500), (R.CANCELLED, 500)], 0, 500),
        ([(R.SENDING, 500)], 0, 0),
        ([(R.FAILED, 200)], 0, 300),
        ([(R.TO_TRANSFER, 100), (R.TRANSFERRED, 100), (R.REFUNDED, 100), (R.REFUNDED_OFFLINE, 100)], 0, 100),
        ([], 300, 200),
        ([(R.SENDING, 200)], 300, 0),
        ([(R.SENDING, 500)], 300, 0),
    ],
)
def test_refundable_is_paid_minus_refunded_minus_in_flight_minus_converted(requests, converted, left) -> None:
    assert rules.refundable(500, requests, converted_fen=converted) == left


@given(FEN, st.lists(st.tuples(st.sampled_from(list(R)), FEN)), FEN)
def test_what_is_let_through_never_exceeds_what_was_paid(paid, requests, wanted) -> None:
    left = rules.refundable(paid, requests)
    assert 0 <= left <= paid
    gone = sum(fen for state, fen in requests if state in OWED | BACK)
    try:
        rules.must_be_left(wanted, left)
    except Conflict:
        assert wanted > left
    else:
        assert gone + wanted <= paid


@pytest.mark.parametrize(
    ("after", "road"),
    [
        (timedelta(0), Road.WECHAT),
        (timedelta(days=365), Road.WECHAT),
        (timedelta(days=365, microseconds=1), Road.BANK),
        (timedelta(days=1000), Road.BANK),
    ],
)
def test_the_way_it_came_is_open_for_365_days(after: timedelta, road: Road) -> None:
    assert rules.road_for(PAID_AT, now=PAID_AT + after) is road


def test_what_came_by_another_channel_goes_back_by_bank() -> None:
    assert rules.road_for(None, now=PAID_AT) is Road.BANK


@pytest.mark.parametrize(("days", "left"), [(0, 365), (300, 65), (364, 1), (365, 0), (400, 0)])
def test_the_days_left_are_counted_down_to_none(days: int, left: int) -> None:
    assert rules.days_left(PAID_AT, now=PAID_AT + timedelta(days=days)) == left


@pytest.mark.parametrize(
    ("approver", "entered_by", "first_by", "code"),
    [
        (1, None, 2, None),
        (1, 3, 2, None),
        (2, 2, 1, "own-entry"),
        (1, None, 1, "own-approval"),
        (1, 1, 1, "own-approval"),
    ],
)
def test_the_second_is_neither_the_maker_nor_the_first(approver, entered_by, first_by, code) -> None:
    if code is None:
        rules.must_be_second(approver, entered_by=entered_by, first_by=first_by)
        return
    with pytest.raises(NotAllowed) as refusal:
        rules.must_be_second(approver, entered_by=entered_by, first_by=first_by)
    assert refusal.value.code == code


def test_nobody_approves_his_own_money() -> None:
    rules.must_not_gain(False)
    with pytest.raises(NotAllowed, match="own-money"):
        rules.must_not_gain(True)


@pytest.mark.parametrize(
    ("amount", "due", "parts"),
    [(500, None, (500, 0)), (500, 300, (300, 200)), (500, 500, (500, 0)), (500, 900, (500, 0))],
)
def test_a_household_contributes_what_it_owes_and_the_rest_goes_back(amount, due, parts) -> None:
    assert rules.split(amount, due) == parts


@given(FEN, st.none() | FEN)
def test_nothing_is_lost_in_a_split(amount, due) -> None:
    taken, rest = rules.split(amount, due)
    assert taken + rest == amount
    assert taken >= 1
    assert rest >= 0
