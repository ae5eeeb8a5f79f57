"""Working days round 国庆 and 春节, and periods by the Civil Code."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.calendar import (
    Deadline,
    days_after,
    end_of,
    is_published,
    is_working_day,
    same_day_after,
    working_days_after,
)


@pytest.mark.parametrize(
    ("day", "worked", "why"),
    [
        (date(2023, 9, 28), True, "Thursday before the holidays"),
        (date(2023, 9, 29), False, "中秋"),
        (date(2023, 10, 6), False, "last day of 国庆, a Friday"),
        (date(2023, 10, 7), True, "make-up Saturday"),
        (date(2023, 10, 8), True, "make-up Sunday"),
        (date(2024, 2, 4), True, "make-up Sunday before 春节"),
        (date(2024, 2, 17), False, "last day of 春节, a Saturday"),
        (date(2024, 2, 18), True, "make-up Sunday after 春节"),
        (date(2026, 11, 21), False, "an ordinary Saturday"),
        (date(2026, 11, 23), True, "an ordinary Monday"),
    ],
)
def test_a_day_is_worked_as_the_official_notice_says(day: date, worked: bool, why: str) -> None:
    assert is_working_day(day) is worked, why


def test_a_period_leaves_out_its_first_day() -> None:
    assert days_after(date(2023, 9, 4), 3) == Deadline(date(2023, 9, 7), provisional=False)


def test_a_period_that_ends_in_the_national_holidays_moves_to_the_make_up_saturday() -> None:
    assert days_after(date(2023, 9, 25), 7) == Deadline(date(2023, 10, 7), provisional=False)


def test_a_period_that_ends_on_a_worked_sunday_ends_there() -> None:
    assert days_after(date(2023, 9, 28), 10).day == date(2023, 10, 8)


def test_a_period_that_ends_on_spring_festival_moves_to_the_first_worked_day() -> None:
    assert days_after(date(2024, 2, 5), 7).day == date(2024, 2, 18)


def test_a_year_without_a_notice_counts_weekends_only_and_is_provisional() -> None:
    assert not is_published(2090)
    assert is_working_day(date(2090, 10, 2))
    assert not is_working_day(date(2090, 10, 1 + 6))
    assert days_after(date(2090, 9, 1), 30) == Deadline(date(2090, 10, 2), provisional=True)


def test_working_days_skip_holidays_and_count_make_up_days() -> None:
    assert working_days_after(date(2023, 9, 28), 1) == Deadline(date(2023, 10, 7), provisional=False)
    assert working_days_after(date(2023, 9, 28), 3).day == date(2023, 10, 9)
    assert working_days_after(date(2090, 1, 2), 1).provisional


@pytest.mark.parametrize("period", [days_after, working_days_after])
def test_a_period_of_no_days_is_a_mistake_of_the_program(period) -> None:
    with pytest.raises(ValueError):
        period(date(2023, 9, 4), 0)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2022, 2, 21), 1, date(2022, 3, 21)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2023, 12, 15), 12, date(2024, 12, 15)),
        (date(2023, 10, 31), 2, date(2023, 12, 31)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_there_is(day: date, months: int, later: date) -> None:
    assert same_day_after(day, months) == later


def test_the_last_day_ends_at_twenty_four_hours_in_china() -> None:
    assert end_of(date(2023, 10, 7)) == datetime(2023, 10, 7, 16, 0, tzinfo=UTC)


@given(st.dates(date(2004, 1, 1), date(2100, 1, 1)), st.integers(1, 400))
def test_a_deadline_is_a_working_day_never_before_the_counted_days(day: date, n: int) -> None:
    deadline = days_after(day, n)
    assert is_working_day(deadline.day)
    counted = day + timedelta(days=n)
    assert counted <= deadline.day <= counted + timedelta(days=12)
    assert deadline.day == counted or not is_working_day(counted)
