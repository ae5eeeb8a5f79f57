"""When a campaign takes answers."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.errors import Conflict, Gone, Invalid
from surveys.questionnaires.rules import lifecycle
from surveys.questionnaires.rules.lifecycle import State

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("state", "closes_at", "now", "takes"),
    [
        (State.DRAFT, None, NOON, False),
        (State.OPEN, None, NOON, True),
        (State.OPEN, NOON, NOON - SECOND, True),
        (State.OPEN, NOON, NOON, False),
        (State.CLOSED, None, NOON, False),
    ],
)
def test_answers_count_from_opening_until_the_closing_instant(state, closes_at, now, takes):
    assert lifecycle.takes_answers(state, closes_at, now) is takes


def test_too_early_and_too_late_are_told_apart_and_kindly():
    with pytest.raises(Conflict, match="not-open"):
        lifecycle.must_take_answers(State.DRAFT, None, NOON)
    with pytest.raises(Gone) as late:
        lifecycle.must_take_answers(State.CLOSED, None, NOON)
    assert "还留在这部手机里" in late.value.detail


def test_a_closed_campaign_is_never_opened_again():
    with pytest.raises(Conflict):
        lifecycle.must_be_openable(State.CLOSED, opens_at=None, closes_at=None, now=NOON)


def test_a_campaign_that_should_have_closed_already_is_not_opened():
    with pytest.raises(Invalid):
        lifecycle.must_be_openable(State.DRAFT, opens_at=None, closes_at=NOON - SECOND, now=NOON)
    with pytest.raises(Invalid):
        lifecycle.must_be_openable(State.DRAFT, opens_at=NOON, closes_at=NOON, now=NOON - SECOND)


@pytest.mark.parametrize(
    ("state", "opens_at", "closes_at", "due"),
    [
        (State.DRAFT, None, None, None),
        (State.DRAFT, NOON, None, State.OPEN),
        (State.DRAFT, NOON + SECOND, None, None),
        (State.DRAFT, NOON - SECOND, NOON, None),
        (State.OPEN, None, NOON, State.CLOSED),
        (State.OPEN, None, NOON + SECOND, None),
        (State.CLOSED, NOON, NOON, None),
    ],
)
def test_the_clock_opens_and_closes_at_the_written_times(state, opens_at, closes_at, due):
    assert lifecycle.due_by_clock(state, opens_at, closes_at, NOON) is due
