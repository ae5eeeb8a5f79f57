"""A paper form on its way to being a response: keyed by one person, by another, what differs decided by a third."""

from datetime import datetime, timedelta
from enum import StrEnum

from kernel.errors import Conflict, Invalid
from surveys.questionnaires.rules.lifecycle import State

KEYED_AFTER_CLOSING = timedelta(days=30)
"""A paper handed in in time may be keyed so long after the campaign closed."""


class PaperState(StrEnum):
    """Where a paper stands."""

    REGISTERED = "registered"
    KEYED = "keyed"
    """by one person"""
    DIFFERS = "differs"
    """two read it differently: a third decides"""
    DONE = "done"
    VOID = "void"


WORDS = {
    PaperState.REGISTERED: "等第一次录入",
    PaperState.KEYED: "等另一个人再录一次",
    PaperState.DIFFERS: "两次录得不一样，等第三个人来定",
    PaperState.DONE: "录好了",
    PaperState.VOID: "作废",
}
OPEN = (PaperState.REGISTERED, PaperState.KEYED, PaperState.DIFFERS)


CONTESTED = "住户说没有交过这份纸质表"
"""why a paper is void that nobody but the household asked to be"""


def printed_mark(edition: str, content_hash: str) -> str:
    """What stands at the foot of each printed page, by which a paper's wording is known again."""
    return f"{edition}　{content_hash[:12]}"


def must_be_in(state: PaperState, *allowed: PaperState) -> None:
    """Raise Conflict unless a paper stands where this step begins."""
    if state not in allowed:
        raise Conflict("paper-not-there", f"这份纸质表现在是“{WORDS[state]}”，不能做这一步。请刷新页面。")


def must_not_be_asked_void(asked_by: int | None) -> None:
    """Raise Conflict while somebody asks that a paper be void: nothing else happens to it meanwhile."""
    if asked_by is not None:
        raise Conflict("void-asked", "有人提出这份纸质表要作废，请先由另一位工作人员定下来。")


def must_not_be_contested(contested: bool) -> None:
    """Raise Conflict while a household says that it handed in no such paper."""
    if contested:
        raise Conflict("paper-contested", "住户说没有交过这份纸质表，请先由另一位没有经手的工作人员核实。")


def must_be_contestable(state: PaperState) -> None:
    """Raise Conflict when a paper is not on its way any more."""
    if state not in OPEN:
        raise Conflict("paper-not-there", f"这份纸质表已经{WORDS[state]}。请返回再看。")


def must_be_asked_void(asked_by: int | None) -> None:
    """Raise Conflict when nobody asks that a paper be void."""
    if asked_by is None:
        raise Conflict("void-not-asked", "没有人提出作废，或者已经有人定了。请刷新页面。")


def must_be_in_time(
    state: State, opened_at: datetime | None, ends: datetime | None, received_at: datetime, now: datetime
) -> None:
    """Raise unless a paper was handed in while the campaign took answers, and is keyed soon enough.

    ``ends``: when the campaign closed, or will. The day a worker wrote on it decides, not the day it is keyed.
    """
    if received_at > now:
        raise Invalid("received-later", "收到的时间还没有到。", {"received_at": ["不能晚于现在"]})
    if state == State.DRAFT or opened_at is None or received_at < opened_at:
        raise Conflict("campaign-not-open", "收到这份表时问卷还没有开始。")
    if ends is not None and received_at >= ends:
        raise Conflict("paper-late", "收到这份表时问卷已经截止，不能算数。")
    if ends is not None and now >= ends + KEYED_AFTER_CLOSING:
        raise Conflict("keying-late", "截止已经超过 30 天，不能再录入。")
