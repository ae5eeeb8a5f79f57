"""A vote's life: draft → published (notice out) → open (roll frozen) → closed → result. Never backwards."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from kernel.errors import Conflict


class State(StrEnum):
    """Where a vote stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    OPEN = "open"
    CLOSED = "closed"
    RESULT = "result"


STATE_WORDS: Mapping[State, str] = {
    State.DRAFT: "起草中",
    State.PUBLISHED: "公示中",
    State.OPEN: "投票中",
    State.CLOSED: "已截止，待计票",
    State.RESULT: "已公布结果",
}

_NEXT: Mapping[State, State] = {
    State.DRAFT: State.PUBLISHED,
    State.PUBLISHED: State.OPEN,
    State.OPEN: State.CLOSED,
    State.CLOSED: State.RESULT,
}

_HOW: Mapping[State, str] = {
    State.DRAFT: "已经发布的表决不能退回起草。",
    State.PUBLISHED: "只有起草中的表决可以发布公告。",
    State.OPEN: "只有公示过的表决可以开始投票。",
    State.CLOSED: "只有正在投票的表决可以截止。",
    State.RESULT: "截止之后才能计票和公布结果。",
}


def advance(state: State, to: State) -> State:
    """The next state, when it is ``to``. Raises Conflict naming where the vote stands."""
    if _NEXT.get(state) is not to:
        raise Conflict("wrong-state", f"这次表决现在是“{STATE_WORDS[state]}”。{_HOW[to]}")
    return to


def at(state: State, *, closes_at: datetime | None, now: datetime) -> State:
    """Where the vote stands at an instant: from the closing instant on it is closed, whenever the clock's job runs."""
    return State.CLOSED if state is State.OPEN and closes_at is not None and now >= closes_at else state


def may_open(*, opens_at: datetime, now: datetime, opens_text: str) -> None:
    """Opening waits for the end of the notice period. Raises Conflict; ``opens_text`` is the instant in words."""
    if now < opens_at:
        raise Conflict("notice-running", f"公告期还没满，{opens_text} 起才能开始投票。")


def may_freeze(*, open_objections: int) -> None:
    """The roll is not frozen over an objection that waits for its answer. Raises Conflict."""
    if open_objections:
        raise Conflict(
            "objections-open",
            f"对名册还有 {open_objections} 条异议没有答复。请逐条更正或说明理由，再开始投票。",
        )


def may_close(*, closes_at: datetime, now: datetime, not_cast: int, closes_text: str) -> None:
    """Before its instant a vote closes only when everyone on the roll has voted. Raises Conflict."""
    if now < closes_at and not_cast > 0:
        raise Conflict("still-open", f"投票到 {closes_text} 截止，名册上还有 {not_cast} 票没投，不能提前截止。")
