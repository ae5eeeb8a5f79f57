"""Which of two ballots of a line counts, and what may be said to a ballot that is objected to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kernel.errors import Conflict
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.terms import Clash


class ConflictKind(StrEnum):
    """What is in question."""

    TWO_CHANNELS = "two_channels"
    """a ballot by phone and one on paper"""
    OBJECTION = "objection"
    """a co-owner, or a member of the household, objects to the ballot another of them cast"""
    IDENTITY = "identity"
    """a worker doubts who cast it"""


class ConflictState(StrEnum):
    """Where it stands."""

    OPEN = "open"
    BY_RULE = "by_rule"
    SETTLED = "settled"


class Decision(StrEnum):
    """What the street decided."""

    STANDS = "stands"
    """the ballot that counts goes on counting"""
    OTHER = "other"
    """the other ballot of the line counts in its place"""
    NEITHER = "neither"
    """none of the line counts"""


KIND_WORDS = {
    ConflictKind.TWO_CHANNELS: "手机和纸质各有一张",
    ConflictKind.OBJECTION: "共有人或家里人有异议",
    ConflictKind.IDENTITY: "投票人身份有疑问",
}
STATE_WORDS = {
    ConflictState.OPEN: "待街道处理",
    ConflictState.BY_RULE: "已按公告办法处理",
    ConflictState.SETTLED: "街道已处理",
}
DECISION_WORDS = {
    Decision.STANDS: "计票的那张继续有效",
    Decision.OTHER: "改计另一张",
    Decision.NEITHER: "这一票不计",
}
DISPUTES = frozenset({ConflictKind.OBJECTION, ConflictKind.IDENTITY})


@dataclass(frozen=True, slots=True)
class Held:
    """A valid ballot as far as the rule cares: how it came and when it was received."""

    channel: str
    at: datetime


class Winner(StrEnum):
    """Which of two counts; UNDECIDED leaves the counted one in place until the street decides."""

    COUNTED = "counted"
    NEW = "new"
    UNDECIDED = "undecided"


def winner(clash: Clash, counted: Held, new: Held) -> Winner:
    """Which of two valid ballots of one line counts under the notice's rule.

    Where the rule names no channel, or both came by one, the instant they were received decides; the same instant is
    for the street.
    """
    if clash is not Clash.FIRST and counted.channel != new.channel:
        return Winner.NEW if new.channel == clash.value else Winner.COUNTED
    if counted.at == new.at:
        return Winner.UNDECIDED
    return Winner.COUNTED if counted.at < new.at else Winner.NEW


def may_object(*, state: State, closes_at: datetime | None, now: datetime) -> None:
    """Objections of co-owners are heard until the deadline. Raises Conflict with what is left to do after it."""
    if state is not State.OPEN or closes_at is None or now >= closes_at:
        raise Conflict("too-late-to-object", "投票已经截止，不能再对这张票提异议。结果公示期间，可以对结果提出异议。")


def may_settle(*, state: ConflictState, result_is_out: bool) -> None:
    """Once settled it stays so, and nothing moves once a result is out. Raises Conflict."""
    if result_is_out:
        raise Conflict("result-is-out", "结果已经公布，选票不能再改。有异议请在公示期内对结果提出。")
    if state is ConflictState.SETTLED:
        raise Conflict("settled-already", "这一条已经有人处理过了。请刷新页面查看。")
