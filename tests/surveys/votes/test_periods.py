"""Notice and voting days by the Civil Code's counting."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.clock import china_stamp
from kernel.errors import Invalid
from surveys.votes.rules import periods

# A Monday, 10:00 in China.
PUBLISHED = datetime(2026, 3, 2, 2, tzinfo=UTC)


def test_the_first_day_is_not_counted_and_the_last_ends_at_midnight() -> None:
    window = periods.window(PUBLISHED, notice_days=7, voting_days=7)
    assert china_stamp(window.opens_at) == "2026-03-10 00:00"
    assert china_stamp(window.closes_at) == "2026-03-18 00:00"
    assert not window.provisional


def test_a_last_day_that_is_a_day_of_rest_rolls_on() -> None:
    # Five days after Monday the 2nd is Saturday the 7th; the next working day is Monday the 9th.
    window = periods.window(PUBLISHED, notice_days=5, voting_days=1)
    assert china_stamp(window.opens_at) == "2026-03-10 00:00"


def test_a_year_without_an_official_calendar_is_provisional() -> None:
    assert periods.window(datetime(2031, 3, 3, tzinfo=UTC), notice_days=7, voting_days=7).provisional


def test_the_organiser_may_take_more_time_but_not_less() -> None:
    later = PUBLISHED + timedelta(days=30)
    window = periods.window(PUBLISHED, notice_days=7, voting_days=5, opens_at=later)
    assert window.opens_at == later
    assert periods.window(PUBLISHED, notice_days=0, voting_days=0, closes_at=later).closes_at == later
    with pytest.raises(Invalid):
        periods.window(PUBLISHED, notice_days=7, voting_days=5, opens_at=PUBLISHED + timedelta(days=2))
    with pytest.raises(Invalid):
        periods.window(PUBLISHED, notice_days=0, voting_days=5, closes_at=PUBLISHED + timedelta(days=2))
    with pytest.raises(Invalid):
        periods.window(PUBLISHED, notice_days=0, voting_days=0, closes_at=PUBLISHED)
    with pytest.raises(Invalid):
        periods.window(PUBLISHED, notice_days=0, voting_days=0)
    with pytest.raises(Invalid):
        periods.window(PUBLISHED, notice_days=-1, voting_days=3)


def test_opening_late_never_shortens_the_voting() -> None:
    planned = periods.window(PUBLISHED, notice_days=7, voting_days=7)
    assert periods.reopened(planned, planned.opens_at, voting_days=7) == planned
    late = periods.reopened(planned, planned.opens_at + timedelta(days=1, hours=9), voting_days=7)
    assert china_stamp(late.closes_at) == "2026-03-19 00:00"
    tight = periods.window(PUBLISHED, notice_days=0, voting_days=0, closes_at=PUBLISHED + timedelta(hours=1))
    assert periods.reopened(tight, PUBLISHED + timedelta(minutes=1), voting_days=0).closes_at == tight.closes_at
