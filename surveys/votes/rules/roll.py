"""The roll: who stands on it, with which head and area, and the hash it is frozen with.

Owners (区分所有权解释 §8–9): one owner with several flats is one line, one head, the whole area; an owning organisation
is one; co-owners have one line a flat and the first of them to vote uses it; flats whose owner is not known stay on
the roll, so that turnout is never flattered. Residents: one representative a household, so one line a dwelling.
Residents' representatives: one line a person, at the home he lives in.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kernel.errors import Invalid, NotAllowed, NotFound
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.representation import WARD

SMALL_BODY = 20
"""Below this many dwellings a result comes close to telling how single households voted (said on the ballot)."""


class HeadcountMode(StrEnum):
    """How heads of owners are counted; fixed before the vote and printed on the notice."""

    BY_OWNER = "by_owner"
    BY_DWELLING = "by_dwelling"


class LineKind(StrEnum):
    """What stands behind a line."""

    OWNER = "owner"
    CO_OWNERS = "co_owners"
    ORGANISATION = "organisation"
    UNKNOWN_OWNER = "unknown_owner"
    HOUSEHOLD = "household"
    DELEGATE = "delegate"


LINE_KIND_WORDS = {
    LineKind.OWNER: "业主",
    LineKind.CO_OWNERS: "共有人",
    LineKind.ORGANISATION: "产权单位",
    LineKind.UNKNOWN_OWNER: "业主待核实",
    LineKind.HOUSEHOLD: "住户",
    LineKind.DELEGATE: "居民代表",
}


class Use(StrEnum):
    """What a 专有部分 is used for: a home has a household, a shop only an owner, a parking space counts by switch."""

    HOME = "home"
    SHOP = "shop"
    PARKING = "parking"


@dataclass(frozen=True, slots=True)
class Holder:
    """A person who owns, as the register knows them. ``person`` is the opaque public id (128 random bits)."""

    person: str
    organisation: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One dwelling of the register with its owners of the day. ``area_dm2`` in 0.01 ㎡, None if unknown."""

    dwelling: str
    label: str
    area_dm2: int | None
    use: Use
    holders: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class RollLine:
    """One head (or household) with the dwellings it covers. Ballots hang on it."""

    number: int
    kind: LineKind
    heads: int
    area_dm2: int
    dwellings: tuple[str, ...]
    labels: tuple[str, ...]
    holders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """The denominators: lines are heads; area in 0.01 ㎡."""

    heads: int
    area_dm2: int
    dwellings: int

    @property
    def small(self) -> bool:
        return self.dwellings < SMALL_BODY


def build(
    entries: Iterable[Entry],
    electorate: Electorate,
    *,
    headcount: HeadcountMode = HeadcountMode.BY_OWNER,
    include_parking: bool = False,
) -> tuple[RollLine, ...]:
    """The lines of a roll, numbered in the order of ``entries`` (the register's order).

    Raises Invalid when nobody would stand on it, or when an owners' roll lacks an area (the dwellings are named).
    """
    if electorate is Electorate.RESIDENTS:
        homes = [entry for entry in entries if is_counted(entry, electorate)]
        drafts = [_Draft(LineKind.HOUSEHOLD, [home], ()) for home in homes]
    elif electorate is Electorate.REPRESENTATIVES:
        drafts = [_Draft(LineKind.DELEGATE, [entry], (entry.holders[0].person,)) for entry in entries]
        if not drafts:
            raise Invalid(
                "no-representatives",
                "这里还没有核对过的、任期内的居民代表。请先在“居民代表”里登记居民小组选出的代表，再起草。",
            )
    else:
        counted = [entry for entry in entries if include_parking or is_counted(entry, electorate)]
        _all_measured(counted)
        drafts = _owners(counted, headcount)
    if not drafts:
        raise Invalid("empty-roll", "名册上一户也没有，请先导入房屋和业主。")
    return tuple(draft.line(number, electorate) for number, draft in enumerate(drafts, start=1))


def is_counted(entry: Entry, electorate: Electorate) -> bool:
    """Does an entry stand on a roll of this electorate (without the switch for parking spaces)?"""
    return entry.use is Use.HOME if electorate is Electorate.RESIDENTS else entry.use is not Use.PARKING


def totals(lines: Iterable[RollLine]) -> Totals:
    """Sum a roll: the denominators of every count."""
    heads = area = 0
    dwellings: set[str] = set()
    for line in lines:
        heads += line.heads
        area += line.area_dm2
        dwellings.update(line.dwellings)
    return Totals(heads, area, len(dwellings))


def commitment(vote: str, person: str) -> str:
    """What the canonical roll says instead of a person: a hash only their random id leads to, new in each vote."""
    return hashlib.sha256(f"{vote}\n{person}".encode()).hexdigest()


def canonical(vote: str, lines: Sequence[RollLine]) -> bytes:
    """The roll as bytes, the same for the same roll in whatever order its parts are handed over.

    One JSON array a line: first the vote, then number, kind, heads, area_dm2, dwellings as [id, label], commitments.
    """
    rows = [["gongjian-roll", 1, vote, len(lines)], *canonical_rows(vote, lines)]
    return "".join(_json(row) + "\n" for row in rows).encode()


def canonical_rows(vote: str, lines: Sequence[RollLine]) -> list[list[object]]:
    """The lines of the canonical roll as JSON values, as they are published for others to hash."""
    return [
        [
            line.number,
            str(line.kind),
            line.heads,
            line.area_dm2,
            [list(door) for door in sorted(zip(line.dwellings, line.labels, strict=True))],
            sorted(commitment(vote, person) for person in line.holders),
        ]
        for line in sorted(lines, key=lambda each: each.number)
    ]


def roll_hash(vote: str, lines: Sequence[RollLine]) -> str:
    """SHA-256 (hex) of the canonical roll: frozen at opening, compared at counting."""
    return hashlib.sha256(canonical(vote, lines)).hexdigest()


VOTING_LEVEL = 2
NEIGHBOUR, FAMILY = "neighbour", "family"
SPEAKS_FOR_ITSELF = frozenset({"self", "representative"})
IN_PERSON = frozenset({"self", "tenant"})
"""Whom a residents' representative may be to his home: himself, as whoever lives there; nobody stands in for him."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A tie to a dwelling, as sign-in proved it: evidence level, relation word, and who of the register it is."""

    dwelling: str
    level: int
    relation: str
    person: str | None


def must_be_on_it(line: RollLine, claims: Iterable[Claim], electorate: Electorate) -> Claim:
    """The claim by which somebody may use ``line``.

    An owner proved at level 2 may, from whichever of the line's or his other doors; so may the representative of an
    organisation, a minor or an incapable owner, who then does not himself. Who helps a family member
    needs a written proxy and may not. A residents' representative may in person. For a household anybody of it may.
    Raises NotFound when nothing ties the person to the line (another household's), NotAllowed with the next step when
    something does but is not enough: not verified yet, or not one of the owners.
    """
    claims = [claim for claim in claims if claim.relation != NEIGHBOUR]
    households, owners = electorate is Electorate.RESIDENTS, electorate is Electorate.OWNERS
    near = [
        claim
        for claim in claims
        if claim.dwelling in line.dwellings or (not households and claim.person in line.holders)
    ]
    if not near:
        raise NotFound("no-such-line", "名册上没有找到您的这一票。请从自家门上的二维码进来再试。")
    verified = [claim for claim in near if claim.level >= VOTING_LEVEL]
    if not verified:
        raise NotAllowed(
            "verify-first", "投票前要先核实身份：用名册上登记的手机号收验证码，或者请社区工作人员当面确认。"
        )
    speaking = SPEAKS_FOR_ITSELF if owners else IN_PERSON
    for claim in verified:
        if households or (claim.person in line.holders and claim.relation in speaking):
            return claim
    if not owners:
        raise NotAllowed(
            "representatives-only",
            "这次由居民代表本人投票，家里其他人不能代投。登记有误的，请联系社区更正居民代表名单。",
        )
    if any(claim.relation == WARD and claim.person in line.holders for claim in verified):
        raise NotAllowed("guardian-votes", "这一票由法定代理人投。登记有误的，请带证明联系社区更正。")
    if any(claim.relation == FAMILY for claim in verified):
        raise NotAllowed(
            "proxy-needed",
            "这次表决由业主本人投。您登记的是家人，不能代投；请业主用自己的微信投，或者联系社区办理书面委托。",
        )
    raise NotAllowed("owners-only", "这次表决由业主投票，您不在这一户的业主名册上。如果登记有误，请联系社区更正。")


@dataclass(slots=True)
class _Draft:
    kind: LineKind
    entries: list[Entry]
    holders: tuple[str, ...]

    def line(self, number: int, electorate: Electorate) -> RollLine:
        owners = electorate is Electorate.OWNERS
        return RollLine(
            number=number,
            kind=self.kind,
            heads=1,
            area_dm2=sum(entry.area_dm2 or 0 for entry in self.entries) if owners else 0,
            dwellings=tuple(entry.dwelling for entry in self.entries),
            labels=tuple(entry.label for entry in self.entries),
            holders=self.holders,
        )


def _owners(entries: Iterable[Entry], headcount: HeadcountMode) -> list[_Draft]:
    drafts: list[_Draft] = []
    of_person: dict[str, _Draft] = {}
    for entry in entries:
        people = tuple(sorted({holder.person for holder in entry.holders}))
        if len(people) != 1:
            kind = LineKind.CO_OWNERS if people else LineKind.UNKNOWN_OWNER
            drafts.append(_Draft(kind, [entry], people))
            continue
        known = of_person.get(people[0])
        if known is not None and headcount is HeadcountMode.BY_OWNER:
            known.entries.append(entry)
            continue
        kind = LineKind.ORGANISATION if entry.holders[0].organisation else LineKind.OWNER
        draft = _Draft(kind, [entry], people)
        of_person[people[0]] = draft
        drafts.append(draft)
    return drafts


def _all_measured(entries: Iterable[Entry]) -> None:
    lacking = [entry.label for entry in entries if not entry.area_dm2 or entry.area_dm2 < 0]
    if lacking:
        shown = "、".join(lacking[:5]) + (f"等 {len(lacking)} 户" if len(lacking) > 5 else "")
        raise Invalid(
            "area-missing", f"业主表决要按面积计票，{shown}还没有登记面积。请先补齐名册。", {"dwellings": lacking}
        )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
