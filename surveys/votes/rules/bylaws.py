"""Adopted 议事规则, and when a vote may count silence by them (DOMAIN §2.4). Pure.

Off by default. Before an owners' assembly has rules of its own nobody's silence counts, so never in a first meeting.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kernel.errors import Conflict, Invalid
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.lifecycle import State

SHORTEST_WARNING = 10
MATTER = "owners.meeting_rules"
"""The matter of a vote that adopts such rules."""


class Silence(StrEnum):
    """What the rules say of an owner who was told and did not vote."""

    NOTHING = "nothing"
    TOOK_PART = "took_part"
    """counts as having taken part, with no opinion"""
    MAJORITY = "majority"
    """counts as having taken part, and joins what the majority of the votes cast say"""


SILENCE_WORDS: Mapping[Silence, str] = {
    Silence.NOTHING: "没有约定（不投票就是没有参加）",
    Silence.TOOK_PART: "送达后不投票，视为参加表决（不视为同意）",
    Silence.MAJORITY: "送达后不投票，视为参加表决，并视为同意已投票的多数意见",
}


@dataclass(frozen=True, slots=True)
class Adopted:
    """Rules on file. ``confirmed``: a second officer has compared them with the paper; ``path``: of their place."""

    silence: Silence
    warning: str
    adopted_on: date
    confirmed: bool
    withdrawn: bool
    path: str


def check(silence: Silence, warning: str, adopted_on: date, today: date) -> None:
    """Raises Invalid for rules that cannot have been adopted yet, or treat silence without a warning to print."""
    if adopted_on > today:
        raise Invalid("adopted-in-the-future", "通过日期不能晚于今天。", {"adopted_on": ["晚于今天"]})
    if silence is not Silence.NOTHING and len(warning.strip()) < SHORTEST_WARNING:
        raise Invalid(
            "warning-missing",
            "约定了不投票怎样计的，要写明告知业主的提示语，会印在公告和选票上。",
            {"warning": [f"至少 {SHORTEST_WARNING} 个字"]},
        )


def may_deem(
    rules: Adopted,
    *,
    state: State,
    electorate: Electorate,
    matters: tuple[str, ...],
    vote_path: str,
    today: date,
) -> None:
    """May this vote count silence by these rules? Raises Conflict or Invalid with the reason."""
    if state is not State.DRAFT:
        raise Conflict("announced", "公告已经发布，不投票怎样计不能再改。")
    if electorate is not Electorate.OWNERS:
        raise Invalid("not-an-owners-vote", "只有业主表决才可能按议事规则计算不投票的。")
    if not rules.confirmed or rules.withdrawn:
        raise Invalid(
            "bylaws-not-confirmed",
            "这份议事规则还没有经第二名工作人员核对，或者已经作废，不能用。请另选一份，或者改为不计。",
        )
    if rules.silence is Silence.NOTHING:
        raise Invalid("bylaws-say-nothing", "这份议事规则没有约定不投票怎样计，不能打开。")
    if not vote_path.startswith(rules.path):
        raise Invalid("bylaws-of-elsewhere", "这份议事规则不是这个小区的。")
    if rules.adopted_on >= today:
        raise Invalid("bylaws-too-new", "议事规则通过的当天还不能用它来计算不投票的。")
    if MATTER in matters:
        raise Invalid("first-rules", "制定、修改议事规则的表决本身，不能按议事规则计算不投票的。")
