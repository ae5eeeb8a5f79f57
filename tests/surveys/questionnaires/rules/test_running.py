"""Moving times, growing, reminding: the rules as a table."""

from datetime import datetime, timedelta

import pytest

from kernel.errors import Conflict, Invalid
from surveys.questionnaires.rules import running
from surveys.questionnaires.rules.lifecycle import State
from surveys.questionnaires.rules.running import Times

NOW = datetime.fromisoformat("2026-11-22T10:00:00+08:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("state", "was", "new", "refused"),
    [
        (State.OPEN, (None, NOW + DAY), (None, NOW + HOUR), None),
        (State.OPEN, (NOW - DAY, NOW + DAY), (NOW - DAY, NOW + 2 * DAY), None),
        (State.OPEN, (None, None), (None, NOW + DAY), None),
        (State.DRAFT, (None, None), (NOW + HOUR, NOW + DAY), None),
        (State.DRAFT, (NOW + DAY, NOW + 9 * DAY), (NOW + HOUR, NOW + 9 * DAY), None),
        (State.DRAFT, (NOW - 9 * DAY, NOW - DAY), (NOW + HOUR, NOW + DAY), None),  # nobody opened it in time
        (State.DRAFT, (NOW + DAY, NOW + 2 * DAY), (NOW + 3 * DAY, NOW + 2 * DAY), Invalid),
        (State.DRAFT, (None, None), (NOW, NOW + DAY), Invalid),
        (State.DRAFT, (NOW, NOW + DAY), (NOW + HOUR, NOW + DAY), Conflict),  # the clock is about to open it
        (State.DRAFT, (NOW, NOW + DAY), (NOW, NOW + 2 * DAY), None),
        (State.OPEN, (NOW - DAY, NOW + DAY), (NOW + HOUR, NOW + DAY), Conflict),
        (State.OPEN, (None, NOW + DAY), (None, NOW + DAY), Invalid),
        (State.OPEN, (None, NOW + DAY), (None, NOW), Invalid),
        (State.OPEN, (None, NOW), (None, NOW + DAY), Conflict),
        (State.CLOSED, (None, NOW - DAY), (None, NOW + DAY), Conflict),
    ],
)
def test_a_time_is_moved_while_it_lies_ahead(state, was, new, refused):
    if refused is None:
        running.must_be_movable(state, Times(*was), Times(*new), NOW)
        return
    with pytest.raises(refused):
        running.must_be_movable(state, Times(*was), Times(*new), NOW)


@pytest.mark.parametrize(
    ("state", "sent", "number"),
    [
        (State.OPEN, [], 1),
        (State.OPEN, [NOW - 3 * DAY], 2),
        (State.OPEN, [NOW - 3 * DAY + HOUR], None),
        (State.OPEN, [NOW - 9 * DAY, NOW - 5 * DAY], None),
        (State.DRAFT, [], None),
        (State.CLOSED, [], None),
    ],
)
def test_an_estate_is_reminded_twice_at_most_and_not_within_three_days(state, sent, number):
    if number is not None:
        assert running.must_be_remindable(state, NOW + DAY, sent, 2, NOW) == number
        return
    with pytest.raises(Conflict):
        running.must_be_remindable(state, NOW + DAY, sent, 2, NOW)


def test_after_the_end_nobody_is_reminded_even_before_the_clock_ran():
    with pytest.raises(Conflict):
        running.must_be_remindable(State.OPEN, NOW, [], 2, NOW)
