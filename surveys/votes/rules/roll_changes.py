"""Objections to a roll, corrections before it is frozen, amendments after. Pure; lines and rows are values.

A *row* is a line of the canonical roll as JSON: ``[number, kind, heads, area_dm2, [[dwelling, label], …], [commitment,
…]]`` (``rules.roll.canonical_rows``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from kernel.errors import Conflict, Invalid
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.roll import Entry, Holder, LineKind, RollLine

Row = list[Any]


class ObjectionKind(StrEnum):
    """What somebody says is wrong."""

    AREA = "area"
    OWNERS = "owners"
    MISSING = "missing"
    OTHER = "other"


OBJECTION_WORDS: Mapping[ObjectionKind, str] = {
    ObjectionKind.AREA: "面积不对",
    ObjectionKind.OWNERS: "业主登记不对",
    ObjectionKind.MISSING: "名册上没有我家",
    ObjectionKind.OTHER: "其他问题",
}


class ObjectionState(StrEnum):
    """Where an objection stands. An open one keeps the vote from opening."""

    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


OBJECTION_STATE_WORDS: Mapping[ObjectionState, str] = {
    ObjectionState.OPEN: "等答复",
    ObjectionState.UPHELD: "已更正",
    ObjectionState.REJECTED: "不更正",
    ObjectionState.WITHDRAWN: "已撤回",
}


class ChangeKind(StrEnum):
    """Why the roll is changed."""

    AREA = "area"
    """a wrong area was found"""
    OWNERS = "owners"
    """the register named the wrong owners"""
    LEFT_OUT = "left_out"
    """a dwelling that must not be counted (a meter room, a flat pulled down)"""
    PUT_BACK = "put_back"
    SALE = "sale"
    INHERITANCE = "inheritance"
    COURT = "court"


CHANGE_WORDS: Mapping[ChangeKind, str] = {
    ChangeKind.AREA: "更正面积",
    ChangeKind.OWNERS: "更正业主",
    ChangeKind.LEFT_OUT: "不计入名册",
    ChangeKind.PUT_BACK: "恢复计入",
    ChangeKind.SALE: "房屋转让",
    ChangeKind.INHERITANCE: "继承",
    ChangeKind.COURT: "法院裁判转移",
}
TRANSFERS = frozenset({ChangeKind.OWNERS, ChangeKind.SALE, ChangeKind.INHERITANCE, ChangeKind.COURT})
"""Changes that name new owners (民法典 §209, §229–231)."""


class Effect(StrEnum):
    """What a change did to the roll."""

    APPLIED = "applied"
    STANDS = "stands"
    """the line had been used: its ballot stands, the new owner does not vote again"""


EFFECT_WORDS: Mapping[Effect, str] = {
    Effect.APPLIED: "名册已更正",
    Effect.STANDS: "原业主已投票，所投的票有效，名册不变",
}


@dataclass(frozen=True, slots=True)
class Override:
    """What corrections of a vote say of one dwelling, against the register. None: as the register says."""

    area_dm2: int | None = None
    left_out: bool = False


def corrected(entries: Iterable[Entry], overrides: Mapping[str, Override]) -> list[Entry]:
    """The register's entries with the corrections of a vote laid over them; what is left out is gone."""
    made = []
    for entry in entries:
        over = overrides.get(entry.dwelling)
        if over is None:
            made.append(entry)
        elif not over.left_out:
            made.append(entry if over.area_dm2 is None else replace(entry, area_dm2=over.area_dm2))
    return made


def may_object(*, state: State, opens_at: datetime | None, now: datetime) -> None:
    """Objections are taken while the notice runs. Raises Conflict with where to turn instead."""
    if state is State.DRAFT:
        raise Conflict("not-announced", "公告还没有发布，请等公告发布后再提。")
    if state is not State.PUBLISHED or opens_at is None or now >= opens_at:
        raise Conflict(
            "objection-period-over",
            "对名册提异议的时间已经过了。名册确有错误的，请带房产证明联系社区，由街道更正并留记录。",
        )


def must_fit(kind: ChangeKind, *, electorate: Electorate, frozen: bool) -> None:
    """A change that makes no sense is refused: areas of a residents' roll, leaving out after the roll is frozen."""
    if kind in (ChangeKind.LEFT_OUT, ChangeKind.PUT_BACK):
        if frozen:
            raise Conflict("roll-frozen", "投票开始后不能增减名册上的房屋。")
    elif electorate is not Electorate.OWNERS:
        raise Invalid("not-an-owners-roll", "居民投票每户一票，不按面积和业主计，不用这样更正。")


def kinds_for(electorate: Electorate, *, frozen: bool, left_out: bool) -> dict[ChangeKind, str]:
    """The changes that fit a roll as it stands, in words."""
    found = {}
    for kind, word in CHANGE_WORDS.items():
        try:
            must_fit(kind, electorate=electorate, frozen=frozen)
        except (Conflict, Invalid):
            continue
        if kind is not (ChangeKind.LEFT_OUT if left_out else ChangeKind.PUT_BACK):
            found[kind] = word
    return found


def measured(line: RollLine, difference_dm2: int) -> RollLine:
    """A line whose area was found to be wrong by ``difference_dm2`` (0.01 ㎡). Raises Invalid when nothing is left."""
    if line.area_dm2 + difference_dm2 <= 0:
        raise Invalid("area-missing", "更正后的面积必须大于 0。", {"area_dm2": ["必须大于 0"]})
    return replace(line, area_dm2=line.area_dm2 + difference_dm2)


def transferred(
    line: RollLine, dwelling: str, area_dm2: int, holders: Sequence[Holder], *, used: bool, next_number: int
) -> tuple[Effect, list[RollLine]]:
    """A dwelling of ``line`` has new owners while the roll is frozen: the effect, and the lines as they now stand.

    A line that was used stays: the seller's ballot stands. Else the new owners use it; a dwelling sold out of several
    becomes a line of its own, with one head. Lines are never merged: that would take a head off a frozen roll.
    """
    if used:
        return Effect.STANDS, []
    people = tuple(sorted({holder.person for holder in holders}))
    kind = kind_of(holders)
    if len(line.dwellings) == 1:
        return Effect.APPLIED, [replace(line, kind=kind, holders=people)]
    place = line.dwellings.index(dwelling)
    kept = replace(
        line,
        area_dm2=line.area_dm2 - area_dm2,
        dwellings=line.dwellings[:place] + line.dwellings[place + 1 :],
        labels=line.labels[:place] + line.labels[place + 1 :],
    )
    if kept.area_dm2 <= 0:
        raise Invalid("area-missing", "这一行名册的面积和房屋登记的面积对不上，请先更正面积。")
    split = RollLine(next_number, kind, 1, area_dm2, (dwelling,), (line.labels[place],), people)
    return Effect.APPLIED, [kept, split]


def kind_of(holders: Sequence[Holder]) -> LineKind:
    """What stands behind a line that these own together."""
    if not holders:
        return LineKind.UNKNOWN_OWNER
    if len(holders) > 1:
        return LineKind.CO_OWNERS
    return LineKind.ORGANISATION if holders[0].organisation else LineKind.OWNER


def replayed(frozen: Iterable[Row], amendments: Iterable[Sequence[Row]]) -> list[Row]:
    """The rows of a roll after its amendments, in order: a row with a known number replaces it, others are new."""
    rows = {row[0]: row for row in frozen}
    for amendment in amendments:
        rows.update((row[0], row) for row in amendment)
    return [rows[number] for number in sorted(rows)]
