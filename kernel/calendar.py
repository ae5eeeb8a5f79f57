"""Working days and statutory periods, by the State Council's yearly holiday notice.

The notice for a year comes out late in the year before. A year that is not published counts weekends only, and what is
computed with it is marked provisional: people see "暂定", and the day is computed again when the notice is out.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import chinese_calendar

from kernel.clock import china_moment


@dataclass(frozen=True)
class Deadline:
    """The last day of a period. ``provisional``: a year it depends on has no published holiday notice yet."""

    day: date
    provisional: bool


def is_published(year: int) -> bool:
    """Is the official holiday notice of ``year`` known?"""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def is_working_day(day: date) -> bool:
    """Is ``day`` worked, make-up weekends (调休上班) included? Unpublished years: Monday to Friday."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def days_after(day: date, n: int) -> Deadline:
    """The last day of a period of ``n`` natural days that begins with an event on ``day``.

    The day of the event does not count (民法典 §201); a last day that is a day of rest moves to the next working day
    (民法典 §203). ``n`` is at least 1, else ``ValueError``.
    """
    if n < 1:
        raise ValueError("a period has at least one day")
    return _rolled(day + timedelta(days=n))


def working_days_after(day: date, n: int) -> Deadline:
    """The ``n``-th working day after ``day`` (which does not count itself), as 督办 deadlines are given."""
    if n < 1:
        raise ValueError("a period has at least one day")
    provisional = False
    last = day
    while n:
        last += timedelta(days=1)
        provisional = provisional or not is_published(last.year)
        n -= is_working_day(last)
    return Deadline(last, provisional)


def same_day_after(day: date, months: int) -> date:
    """The day of the same number so many months later, or that month's last day if it has none (民法典 §202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = following - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))


def end_of(day: date) -> datetime:
    """The instant (UTC) a period ends whose last day is ``day``: 24:00 in China (民法典 §203)."""
    return china_moment(day + timedelta(days=1))


def _rolled(last: date) -> Deadline:
    provisional = not is_published(last.year)
    while not is_working_day(last):
        last += timedelta(days=1)
        provisional = provisional or not is_published(last.year)
    return Deadline(last, provisional)
