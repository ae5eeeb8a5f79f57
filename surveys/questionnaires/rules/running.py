"""What may be done to a campaign while it runs: move its times, ask in more estates, remind."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.errors import Conflict, Invalid
from surveys.questionnaires.rules.lifecycle import State, due_by_clock, must_be_a_span

BETWEEN_REMINDERS = timedelta(days=3)
"""Nobody is reminded twice within it."""


@dataclass(frozen=True)
class Times:
    """When a campaign opens (None: somebody opens it by hand) and closes (None: by hand), as the clock has it."""

    opens_at: datetime | None
    closes_at: datetime | None


def must_be_movable(state: State, was: Times, new: Times, now: datetime) -> None:
    """Raise unless a campaign's times may be moved: those that have not come yet, to what lies ahead.

    A time that has come is not taken back, even before the clock acted on it: who came too late must not be joined by
    others under other terms.
    """
    if state == State.CLOSED or (state == State.OPEN and was.closes_at is not None and was.closes_at <= now):
        raise Conflict("campaign-closed", "问卷已经截止，时间不能再改。请另建一次调查。")
    begun = state == State.OPEN or due_by_clock(state, was.opens_at, was.closes_at, now) == State.OPEN
    if begun and new.opens_at != was.opens_at:
        raise Conflict("campaign-open", "问卷已经开始，开始时间不能再改；还可以改截止时间。")
    if new == was:
        raise Invalid("nothing-changed", "时间没有变。", {"closes_at": ["和现在的一样"]})
    if new.opens_at is not None and new.opens_at != was.opens_at and new.opens_at <= now:
        raise Invalid(
            "opens-in-the-past", "新的开始时间已经过去。", {"opens_at": ["要晚于现在；马上开始请用“现在开始”"]}
        )
    if new.closes_at is not None and new.closes_at <= now:
        raise Invalid(
            "closes-in-the-past", "新的截止时间已经过去。", {"closes_at": ["要晚于现在；马上截止请用“现在截止”"]}
        )
    must_be_a_span(new.opens_at, new.closes_at)


def must_be_growable(state: State) -> None:
    """Raise Conflict when a campaign is over."""
    if state == State.CLOSED:
        raise Conflict("campaign-closed", "问卷已经截止，不能再加小区。")


def must_be_remindable(state: State, closes_at: datetime | None, sent: list[datetime], most: int, now: datetime) -> int:
    """The number of the next reminder to an estate. ``sent``: when the earlier ones went out.

    Raises Conflict: the campaign takes no answers; ``most`` were sent; the last one was less than three days ago.
    """
    if state != State.OPEN or (closes_at is not None and closes_at <= now):
        raise Conflict("campaign-not-open", "问卷没有在进行，不用提醒。")
    if len(sent) >= most:
        raise Conflict("reminders-used-up", f"这个小区已经提醒过 {most} 次，不再打扰。没填的户请打电话或上门。")
    if sent and now - max(sent) < BETWEEN_REMINDERS:
        raise Conflict("reminder-too-soon", "三天内已经提醒过一次，请过几天再发。")
    return len(sent) + 1
