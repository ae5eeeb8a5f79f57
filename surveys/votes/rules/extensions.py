"""Putting off the closing of a vote: decided and logged before it, for the same motions, everybody told. Pure.

Late consents are litigated (DOMAIN §2.3): what came after the closing instant is not counted, so an instant that has
come is never moved.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.calendar import days_after, end_of
from kernel.clock import china_day
from kernel.errors import Conflict, Invalid
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.periods import LONGEST_DAYS

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Extended:
    """The new closing instant. ``provisional``: it depends on a holiday calendar that is not out yet."""

    closes_at: datetime
    provisional: bool


def extended(
    *,
    state: State,
    opened_at: datetime | None,
    closes_at: datetime | None,
    now: datetime,
    days: int | None = None,
    until: datetime | None = None,
) -> Extended:
    """The new instant: ``days`` more days by the Civil Code's counting (the last day so far is not counted, a holiday
    rolls on), or ``until`` itself.

    Raises Conflict when voting does not run or its instant has come, Invalid for no longer time or too long a one.
    """
    if state is not State.OPEN or opened_at is None or closes_at is None:
        raise Conflict("not-open", "只有正在投票的表决可以延长。")
    if now >= closes_at:
        raise Conflict("closed-already", "截止时间已经到了，不能再延长。要重新表决，请另发公告。")
    if (days is None) == (until is None):
        raise Invalid("extend-how", "请填延长的天数，或者新的截止时间，填一样就行。", {"days": ["请填写"]})
    if days is not None:
        if not 1 <= days <= LONGEST_DAYS:
            raise Invalid("period-out-of-range", f"天数要在 1 到 {LONGEST_DAYS} 之间。", {"days": ["超出范围"]})
        # A vote that closes at 24:00 ends on that day, whose next day is the first of the extension.
        deadline = days_after(china_day(closes_at - INSTANT), days)
        made = Extended(end_of(deadline.day), deadline.provisional)
    else:
        assert until is not None
        made = Extended(until, False)
    if made.closes_at <= closes_at:
        raise Invalid("not-later", "新的截止时间要晚于原来的。", {"until": ["要晚于原来的截止时间"]})
    if made.closes_at > opened_at + timedelta(days=2 * LONGEST_DAYS):
        raise Invalid("too-long", "投票的时间太长了。请按时计票，没有通过的另行组织表决。", {"until": ["太晚了"]})
    return made
