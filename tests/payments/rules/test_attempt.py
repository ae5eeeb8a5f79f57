"""One try at paying, and when to ask about it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.rules.attempt import (
    HANDLE_LIFE,
    MOVES,
    OPEN,
    ORDER_LIFE,
    AttemptState,
    How,
    handle_is_fresh,
    may_move,
    next_look,
)

S = AttemptState
BEGUN = datetime(2026, 6, 18, 9, 0, tzinfo=UTC)
EXPIRES = BEGUN + ORDER_LIFE


def test_every_state_but_paid_can_still_become_paid() -> None:
    assert {state for state in S if may_move(state, S.PAID)} == set(S) - {S.PAID}


def test_a_paid_attempt_stays_paid() -> None:
    assert not MOVES[S.PAID]


def test_a_closed_or_failed_attempt_opens_no_more() -> None:
    for state in (S.CLOSED, S.FAILED):
        assert not any(may_move(state, to) for to in OPEN)


def test_an_unknown_outcome_may_turn_out_as_anything() -> None:
    assert MOVES[S.UNKNOWN] == frozenset({S.PLACED, S.UNKNOWN, S.PAID, S.CLOSED, S.FAILED})


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(), timedelta(seconds=30)),
        (timedelta(seconds=30), timedelta(minutes=2)),
        (timedelta(seconds=31), timedelta(minutes=2)),
        (timedelta(minutes=2), timedelta(minutes=10)),
        (timedelta(minutes=10), timedelta(hours=1)),
        (timedelta(hours=1), timedelta(days=1)),
        (timedelta(days=1), timedelta(days=2)),
        (timedelta(days=5, hours=23), timedelta(days=6)),
        (timedelta(days=6), ORDER_LIFE),
    ],
)
def test_the_gateway_is_asked_after_thirty_seconds_two_minutes_ten_minutes_an_hour_and_then_daily(
    after: timedelta, expected: timedelta
) -> None:
    assert next_look(BEGUN, EXPIRES, after=BEGUN + after) == BEGUN + expected


def test_nobody_asks_any_more_after_the_expiry() -> None:
    assert next_look(BEGUN, EXPIRES, after=EXPIRES) is None


def test_a_short_order_is_asked_about_at_its_expiry() -> None:
    end = BEGUN + timedelta(minutes=5)
    assert next_look(BEGUN, end, after=BEGUN + timedelta(minutes=2)) == end


@given(st.timedeltas(min_value=timedelta(), max_value=ORDER_LIFE + timedelta(days=1)))
def test_the_next_question_lies_ahead_and_never_beyond_the_expiry(after: timedelta) -> None:
    at = next_look(BEGUN, EXPIRES, after=BEGUN + after)
    assert at is None if BEGUN + after >= EXPIRES else BEGUN + after < at <= EXPIRES


@pytest.mark.parametrize(
    ("how", "lives"),
    [(How.JSAPI, timedelta(hours=2)), (How.NATIVE, timedelta(hours=2)), (How.H5, timedelta(minutes=5))],
)
def test_what_the_payer_is_handed_over_with_is_used_for_less_than_it_lives(how: How, lives: timedelta) -> None:
    life = HANDLE_LIFE[how]
    assert lives / 2 < life < lives
    assert handle_is_fresh(how, BEGUN, now=BEGUN + life - timedelta(microseconds=1))
    assert not handle_is_fresh(how, BEGUN, now=BEGUN + life)
    assert not handle_is_fresh(how, None, now=BEGUN)
