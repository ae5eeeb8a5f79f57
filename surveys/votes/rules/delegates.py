"""Residents' representatives (居民代表): 2 to 3 of each residents' group, for a term (居民委员会组织法 §9). Pure.

They may hold the residents' meeting in place of all households; their roll has a line a person.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from kernel.calendar import same_day_after
from kernel.errors import Conflict, Invalid

FEWEST, MOST = 2, 3
"""Of a group, as the law says."""
LONGEST_YEARS = 5
"""The term of a residents' committee, with which its representatives change."""


class Chosen(StrEnum):
    """How a representative came to be one."""

    BALLOT = "ballot"
    MEETING = "meeting"


CHOSEN_WORDS: Mapping[Chosen, str] = {
    Chosen.BALLOT: "居民小组投票选举",
    Chosen.MEETING: "居民小组会议推选",
}


class LeftBecause(StrEnum):
    """Why a representative is one no longer before the term is over."""

    RESIGNED = "resigned"
    MOVED = "moved"
    REPLACED = "replaced"
    DIED = "died"
    MISTAKE = "mistake"


LEFT_WORDS: Mapping[LeftBecause, str] = {
    LeftBecause.RESIGNED: "本人辞去",
    LeftBecause.MOVED: "搬离本小区",
    LeftBecause.REPLACED: "居民小组改选",
    LeftBecause.DIED: "去世",
    LeftBecause.MISTAKE: "登记有误",
}


def check_term(chosen_on: date, until: date, today: date) -> None:
    """Raises Invalid for a choice that is not made yet, and for a term that is over or longer than the law knows."""
    if chosen_on > today:
        raise Invalid("chosen-in-the-future", "选出的日期不能晚于今天。", {"chosen_on": ["晚于今天"]})
    if not today <= until <= same_day_after(chosen_on, 12 * LONGEST_YEARS):
        raise Invalid(
            "odd-term",
            f"任期要到今天以后，从选出那天起最长 {LONGEST_YEARS} 年。",
            {"until": [f"今天以后，最长 {LONGEST_YEARS} 年"]},
        )


def may_join(already: int) -> None:
    """May one more represent a group that has ``already`` so many (waiting ones too)? Raises Conflict."""
    if already >= MOST:
        raise Conflict(
            "group-is-full",
            f"这个居民小组已经登记了 {already} 名代表，法律规定每组 {FEWEST} 到 {MOST} 名。换人请先终止原来的登记。",
        )


def holds(*, confirmed: bool, ended: bool, chosen_on: date, until: date, day: date) -> bool:
    """Is somebody a representative on a day (the last of the term included)?"""
    return confirmed and not ended and chosen_on <= day <= until


def must_be_current(on_the_roll: set[str], today: set[str]) -> None:
    """Raises Conflict when the roll of a vote no longer is the list of representatives (as public ids of persons)."""
    if on_the_roll != today:
        raise Conflict(
            "representatives-changed",
            "居民代表名单在名册生成以后有变动（新核对、终止或者任期届满）。请在名册页重新生成名册，再开始投票。",
        )
