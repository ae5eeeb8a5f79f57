"""The one clock. Aware UTC inside, China's wall clock for people; nobody else calls ``datetime.now``.

``now()`` is read once where a request, job or command arrives, and handed down as the keyword ``now``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, timezone

# China has kept one offset and no summer time since 1992; a fixed offset needs no time zone data on the machine.
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

_fixed: ContextVar[datetime | None] = ContextVar("gongjian_clock", default=None)


def now() -> datetime:
    """The present moment: aware, UTC, to the microsecond (or the moment fixed by :func:`at`)."""
    fixed = _fixed.get()
    return fixed if fixed is not None else datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[datetime]:
    """Let ``now()`` say ``moment`` inside the ``with``, in this thread only. For tests and for seeding a demo.

    ``moment`` must be aware; a naive one is a ``ValueError``.
    """
    token = _fixed.set(as_utc(moment))
    try:
        yield as_utc(moment)
    finally:
        _fixed.reset(token)


def as_utc(moment: datetime) -> datetime:
    """The same instant in UTC. A naive moment is a ``ValueError``: nobody can say which instant it means."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC)


def china_day(moment: datetime) -> date:
    """The calendar day in China at ``moment`` ("today" for every deadline and every book)."""
    return as_utc(moment).astimezone(CHINA).date()


def day_text(day: date) -> str:
    """A day as people in China write it: ``2026年11月2日``."""
    return f"{day.year}年{day.month}月{day.day}日"


def china_text(moment: datetime) -> str:
    """``moment`` as people in China read it, to the minute: ``2026年11月22日 19:28``."""
    local = as_utc(moment).astimezone(CHINA)
    return f"{day_text(local)} {local:%H:%M}"


def china_stamp(moment: datetime) -> str:
    """``moment`` on China's clock for what sorts or reads it (tables, commands, form fields): ``2026-11-22 19:28``."""
    return as_utc(moment).astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def china_moment(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """The instant (UTC) of ``hour:minute`` on China's ``day``."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHINA).astimezone(UTC)
