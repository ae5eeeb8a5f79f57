"""Notice and voting periods: days by the Civil Code's counting (民法典 §201–203).

The first day is not counted, and a last day that is a holiday rolls on.

How long they are is local practice (15 days before an owners' meeting, 7 for a group election, 5–60 days of voting), so
the numbers are settings of each vote, printed on its notice; only the counting is law.
"""

from dataclasses import dataclass
from datetime import datetime

from kernel.calendar import days_after, end_of
from kernel.clock import china_day
from kernel.errors import Invalid

LONGEST_DAYS = 90


@dataclass(frozen=True, slots=True)
class Window:
    """When voting runs: from ``opens_at`` until just before ``closes_at``.

    ``provisional``: the official holidays of a year it depends on are not out yet.
    """

    opens_at: datetime
    closes_at: datetime
    provisional: bool


def opening(published_at: datetime, *, notice_days: int) -> tuple[datetime, bool]:
    """The first instant voting may open, the end of the last day of notice (0 days: at once); is it provisional?"""
    _sensible(notice_days, "notice_days")
    if notice_days == 0:
        return published_at, False
    deadline = days_after(china_day(published_at), notice_days)
    return end_of(deadline.day), deadline.provisional


def window(
    published_at: datetime,
    *,
    notice_days: int,
    voting_days: int,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
) -> Window:
    """The window of a vote announced at ``published_at``.

    An instant given by the organiser is kept when it leaves at least the days promised; else Invalid says the earliest.
    """
    _sensible(voting_days, "voting_days")
    earliest, provisional = opening(published_at, notice_days=notice_days)
    if opens_at is None:
        opens_at = earliest
    elif opens_at < earliest:
        raise Invalid("opens-too-early", "开始时间早于公告期满，请改晚一些。", {"opens_at": ["早于公告期满"]})
    return _closing(opens_at, voting_days=voting_days, closes_at=closes_at, provisional=provisional)


def reopened(planned: Window, opened_at: datetime, *, voting_days: int) -> Window:
    """The window when voting really opened at ``opened_at``: no shorter than promised, no earlier end."""
    if opened_at <= planned.opens_at:
        return planned
    if voting_days == 0:
        return Window(opened_at, planned.closes_at, planned.provisional)
    fresh = _closing(opened_at, voting_days=voting_days, closes_at=None, provisional=planned.provisional)
    return Window(opened_at, max(planned.closes_at, fresh.closes_at), fresh.provisional)


def _closing(opens_at: datetime, *, voting_days: int, closes_at: datetime | None, provisional: bool) -> Window:
    if voting_days == 0:
        if closes_at is None:
            raise Invalid("closing-missing", "请写明投票天数或者截止时间。", {"closes_at": ["请填写"]})
        earliest = opens_at
    else:
        # Whole days: counted from the day voting opens, so that opening at midnight does not cost a day.
        deadline = days_after(china_day(opens_at), voting_days)
        earliest, provisional = end_of(deadline.day), provisional or deadline.provisional
    if closes_at is None:
        closes_at = earliest
    elif closes_at < earliest or closes_at <= opens_at:
        raise Invalid("closes-too-early", "截止时间太早，投票天数不够。", {"closes_at": ["投票天数不够"]})
    return Window(opens_at, closes_at, provisional)


def _sensible(days: int, field: str) -> None:
    if not 0 <= days <= LONGEST_DAYS:
        raise Invalid("period-out-of-range", f"天数要在 0 到 {LONGEST_DAYS} 之间。", {field: ["超出范围"]})
