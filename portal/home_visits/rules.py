"""When somebody may come, who may change it, and in which order a worker walks. Days are China's."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from kernel.clock import china_day, china_moment
from kernel.errors import Invalid

DAYS = 14
"""Today and the thirteen after it: farther off nobody at the desk can promise."""

KEPT = timedelta(days=30)
"""A day that passed so long ago is over by itself: the household may ask anew."""


REMEMBERED = timedelta(days=365)
"""What is over is forgotten then: that a household cannot see the letters is no fact to keep for ever."""


class Purpose(StrEnum):
    """What a worker is wanted for. ``SEEING``: the small letters, no smartphone."""

    SURVEY = "survey"
    VOTE = "vote"
    MONEY = "money"
    SEEING = "seeing"
    OTHER = "other"


class Half(StrEnum):
    """The half of a day."""

    AM = "am"
    PM = "pm"


PURPOSES: dict[str, str] = {
    Purpose.SURVEY: "问卷",
    Purpose.VOTE: "表决",
    Purpose.MONEY: "缴款或退款",
    Purpose.SEEING: "看不清、不会用手机",
    Purpose.OTHER: "其他",
}
HALVES: dict[str, str] = {Half.AM: "上午", Half.PM: "下午"}
_ENDS: dict[str, int] = {Half.AM: 12, Half.PM: 18}
_WEEKDAYS = "一二三四五六日"


def days_from(today: date) -> list[date]:
    """The days one may choose from."""
    return [today + timedelta(days=ahead) for ahead in range(DAYS)]


def day_text(day: date, today: date) -> str:
    """``今天``, ``明天``, else ``12月1日 周二``."""
    near = {0: "今天", 1: "明天"}.get((day - today).days)
    return near or date_text(day)


def date_text(day: date) -> str:
    """``12月1日 周二``: for what is read on another day than it was written."""
    return f"{day.month}月{day.day}日 周{_WEEKDAYS[day.weekday()]}"


def must_be_near(day: date, today: date) -> None:
    """A day from today on, not farther than one can promise. Raises Invalid."""
    if not today <= day < today + timedelta(days=DAYS):
        raise Invalid("visit-day", f"请选今天起 {DAYS} 天里的一天。", {"day": [f"请选今天起 {DAYS} 天里的一天。"]})


def must_be_ahead(day: date, half: Half, now: datetime) -> None:
    """What a household may ask for: a near day whose half has not passed (mornings end at 12, afternoons at 18).

    Raises Invalid.
    """
    must_be_near(day, china_day(now))
    if now >= china_moment(day, _ENDS[half]):
        raise Invalid(
            "visit-half-over", f"今天{HALVES[half]}已经过了，请改选别的时间。", {"half": ["这段时间已经过了。"]}
        )


def must_be_another_day(day: date, now: datetime) -> None:
    """Where a visit goes that found nobody: tomorrow or later, not far off. Raises Invalid."""
    must_be_near(day, china_day(now))
    if day == china_day(now):
        raise Invalid("visit-same-day", "请改到明天或以后。", {"day": ["请改到明天或以后。"]})


def is_over(day: date, today: date) -> bool:
    """Whether a day passed so long ago that the visit ends by itself."""
    return day < today - KEPT


def may_change(*, asker: int, me: int, by_worker: bool, asker_lives_here: bool) -> bool:
    """Whether an account of the household may change or call off a visit: its asker; anybody of the household where a
    worker put it down, or where the asker has let go of the dwelling.
    """
    return asker == me or by_worker or not asker_lives_here


def rank(*, by_worker: bool, day: date, today: date) -> int:
    """Smaller comes first within a building: overdue, then asked for today, then what the worker put down himself."""
    if day < today:
        return 0
    return 2 if by_worker else 1


def half_now(now: datetime) -> Half:
    """The half of China's day at a moment, for what a worker puts down for today."""
    return Half.AM if now < china_moment(china_day(now), _ENDS[Half.AM]) else Half.PM


def days_counted(days: Sequence[date]) -> list[tuple[date, int]]:
    """How many doors wait on each day, the nearest first."""
    return [(day, list(days).count(day)) for day in sorted(set(days))]
