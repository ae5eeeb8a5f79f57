"""When may somebody object, when is a result final? (Guangdong's 询异; days are a setting printed on the notice.)"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kernel.errors import Conflict

DEFAULT_DAYS = 7
"""Suggested where no local number of days is set: Zhoushan and Hangzhou publish for 7."""
LONGEST_DAYS = 90


class Stage(StrEnum):
    """Where a counted result stands."""

    PRELIMINARY = "preliminary"
    FINAL = "final"


STAGE_WORDS: Mapping[Stage, str] = {Stage.PRELIMINARY: "初步结果", Stage.FINAL: "最终结果"}


class Ruling(StrEnum):
    """What became of an objection."""

    UPHELD = "upheld"
    REJECTED = "rejected"


RULING_WORDS: Mapping[Ruling, str] = {Ruling.UPHELD: "异议成立", Ruling.REJECTED: "异议不成立"}


PUBLICITY_OVER = "vote.publicity_over"
"""{vote}: due when the publicity of a result ends."""


class Doubt(StrEnum):
    """Why a result does not become final by the clock alone: a person has to look and say so."""

    PROVISIONAL = "provisional"
    OBJECTIONS = "objections"
    UPHELD = "upheld"
    FLIPS = "flips"
    TIED = "tied"


DOUBT_WORDS: Mapping[Doubt, str] = {
    Doubt.PROVISIONAL: "公示期限按暂定的节假日计算，要核对",
    Doubt.OBJECTIONS: "还有异议没有答复",
    Doubt.UPHELD: "有异议成立，要核对是否已经更正",
    Doubt.FLIPS: "对照表里有结论会改变的情形，要先做法律审查",
    Doubt.TIED: "有得票相同、等待抽签或者另行投票的名额",
}


def doubts(*, provisional: bool, open_objections: int, upheld: bool, flips: bool, tied: bool) -> list[Doubt]:
    """What keeps the clock from saying that a result is final (公示、异议处理以后才是最终结果)."""
    held = {
        Doubt.PROVISIONAL: provisional,
        Doubt.OBJECTIONS: open_objections > 0,
        Doubt.UPHELD: upheld,
        Doubt.FLIPS: flips,
        Doubt.TIED: tied,
    }
    return [doubt for doubt, holds in held.items() if holds]


@dataclass(frozen=True, slots=True)
class Answered:
    """An objection that was answered: when, and how."""

    at: datetime
    ruling: Ruling


def may_object(stage: Stage, *, ends_at: datetime, now: datetime, ends_text: str) -> None:
    """Objections are taken while the preliminary result is published. Raises Conflict with the way that is left."""
    if stage is Stage.FINAL:
        raise Conflict(
            "result-final", "结果已经确认为最终结果。仍有异议的，可以向街道反映，或者在知道结果之日起一年内向法院起诉。"
        )
    if now >= ends_at:
        raise Conflict("publicity-over", f"结果公示到 {ends_text} 为止，已经过了提异议的时间。可以向街道书面反映。")


def must_be_another(*, is_objector: bool) -> None:
    """Whoever objected does not answer himself. Raises Conflict."""
    if is_objector:
        raise Conflict("own-objection", "这条异议是您自己提的，请由别的工作人员答复。")


def may_become_final(
    stage: Stage,
    *,
    ends_at: datetime,
    now: datetime,
    ends_text: str,
    open_objections: int,
    answered: list[Answered],
    recounts: list[datetime],
) -> None:
    """A result becomes final after its publicity, with every objection answered and each upheld one counted again.

    Raises Conflict naming what is missing.
    """
    if stage is Stage.FINAL:
        raise Conflict("final-already", "这个结果已经确认为最终结果。")
    if open_objections:
        raise Conflict("objections-open", f"还有 {open_objections} 条异议没有答复，答复以后才能确认最终结果。")
    upheld = [each.at for each in answered if each.ruling is Ruling.UPHELD]
    if upheld and not any(at >= max(upheld) for at in recounts):
        raise Conflict("recount-first", "有异议成立，请先更正并重新计票，再确认最终结果。")
    if now < ends_at:
        raise Conflict("publicity-running", f"结果公示到 {ends_text}，公示期满才能确认最终结果。")
