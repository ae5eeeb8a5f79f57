"""What may be done to a campaign while it runs: end it earlier or later, ask in more estates, remind."""

from datetime import datetime, timedelta

from kernel.errors import Conflict, Invalid
from surveys.questionnaires.rules.lifecycle import State

BETWEEN_REMINDERS = timedelta(days=3)
"""Nobody is reminded twice within it."""


def must_be_movable(state: State, closes_at: datetime | None, new: datetime, now: datetime) -> None:
    """Raise unless the end of a campaign may be moved to ``new``: it has not ended, and ``new`` lies ahead.

    An end that has come is not taken back, even before the clock closed it: who came too late must not be joined by
    others under other terms.
    """
    if state == State.CLOSED or (closes_at is not None and closes_at <= now):
        raise Conflict("campaign-closed", "问卷已经截止，截止时间不能再改。请另建一次调查。")
    if new <= now:
        raise Invalid(
            "closes-in-the-past", "新的截止时间已经过去。", {"closes_at": ["要晚于现在；马上截止请用“现在截止”"]}
        )
    if new == closes_at:
        raise Invalid("nothing-changed", "截止时间没有变。", {"closes_at": ["和现在的一样"]})


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
