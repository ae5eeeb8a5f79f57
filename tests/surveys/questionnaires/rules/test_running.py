"""Moving an end, growing, reminding: the rules as a table."""

from datetime import datetime, timedelta

import pytest

from kernel.errors import Conflict, Invalid
from surveys.questionnaires.rules import running
from surveys.questionnaires.rules.lifecycle import State

NOW = datetime.fromisoformat("2026-11-22T10:00:00+08:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("state", "closes_at", "new", "refused"),
    [
        (State.OPEN, NOW + DAY, NOW + HOUR, None),
        (State.OPEN, NOW + DAY, NOW + 2 * DAY, None),
        (State.OPEN, None, NOW + DAY, None),
        (State.DRAFT, None, NOW + DAY, None),
        (State.OPEN, NOW + DAY, NOW + DAY, Invalid),
        (State.OPEN, NOW + DAY, NOW, Invalid),
        (State.OPEN, NOW, NOW + DAY, Conflict),
        (State.CLOSED, NOW - DAY, NOW + DAY, Conflict),
    ],
)
def test_an_end_is_moved_while_it_lies_ahead(state, closes_at, new, refused):
    if refused is None:
        running.must_be_movable(state, closes_at, new, NOW)
        return
    with pytest.raises(refused):
        running.must_be_movable(state, closes_at, new, NOW)


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
