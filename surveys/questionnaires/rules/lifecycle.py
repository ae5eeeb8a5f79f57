"""When a campaign takes answers, and what may be done to it.

    draft ──open──▶ open ──close──▶ closed          by hand, or by the clock at opens_at / closes_at

A closed campaign stays closed: who answered in time must not be joined later by others under other terms. The closing
instant itself is outside (answers count that arrive before it).
"""

from datetime import datetime
from enum import StrEnum

from kernel.errors import Conflict, Gone, Invalid


class State(StrEnum):
    """Stored state of a campaign. The clock may be ahead of it by one job run; ``takes_answers`` is not."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class Channel(StrEnum):
    """How a response came in; everything but the first is assisted (代填) and marked so."""

    WECHAT_SELF = "wechat_self"
    WECHAT_BY_FAMILY = "wechat_by_family"
    WORKER_VISIT = "worker_visit"
    PAPER_IMPORT = "paper_import"


CHANNEL_WORDS = {
    Channel.WECHAT_SELF: "本人填写",
    Channel.WECHAT_BY_FAMILY: "家人代填",
    Channel.WORKER_VISIT: "社区入户代填",
    Channel.PAPER_IMPORT: "纸质表录入",
}

ENTERED = (Channel.WORKER_VISIT, Channel.PAPER_IMPORT)
"""Entered by workers for a household: the sheet's account is theirs, the sheet is the household's."""


def takes_answers(state: State, closes_at: datetime | None, now: datetime) -> bool:
    """Whether an answer arriving at ``now`` counts."""
    return state == State.OPEN and (closes_at is None or now < closes_at)


def must_take_answers(state: State, closes_at: datetime | None, now: datetime) -> None:
    """Raise Conflict (not yet open) or Gone (closed) unless the campaign takes answers at ``now``."""
    if takes_answers(state, closes_at, now):
        return
    if state == State.DRAFT:
        raise Conflict("campaign-not-open", "问卷还没有开始。开始后再扫门口的码就能填，已填的内容都留在手机里。")
    raise Gone("campaign-closed", "问卷已经截止，不再收新的答卷。您填的内容还留在这部手机里；要补充意见，请找社区。")


def must_be_openable(state: State, *, opens_at: datetime | None, closes_at: datetime | None, now: datetime) -> None:
    """Raise unless a campaign may be opened at ``now``."""
    if state == State.OPEN:
        raise Conflict("campaign-open", "问卷已经开始了。")
    if state == State.CLOSED:
        raise Conflict("campaign-closed", "问卷已经截止，不能重新开始。请另建一次调查。")
    must_be_a_span(opens_at, closes_at)
    if closes_at is not None and closes_at <= now:
        raise Invalid("closes-in-the-past", "截止时间已经过去，请先改截止时间。")


def must_be_closable(state: State) -> None:
    """Raise Conflict unless the campaign is open."""
    if state != State.OPEN:
        raise Conflict("campaign-not-open", "问卷没有在进行，不用截止。")


def must_be_a_span(opens_at: datetime | None, closes_at: datetime | None) -> None:
    """Raise Invalid when a campaign would close before it opens."""
    if opens_at is not None and closes_at is not None and closes_at <= opens_at:
        raise Invalid("closes-before-it-opens", "截止时间要晚于开始时间。", {"closes_at": ["要晚于开始时间"]})


def due_by_clock(state: State, opens_at: datetime | None, closes_at: datetime | None, now: datetime) -> State | None:
    """The state the clock wants it in at ``now``, or None when nothing is due. Without opens_at only a hand opens."""
    if state == State.DRAFT and opens_at is not None and opens_at <= now:
        return State.OPEN if closes_at is None or now < closes_at else None
    if state == State.OPEN and closes_at is not None and closes_at <= now:
        return State.CLOSED
    return None


def is_assisted(channel: Channel) -> bool:
    """Whether somebody else filled it in for the household (代填)."""
    return channel != Channel.WECHAT_SELF
