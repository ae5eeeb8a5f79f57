"""Rules that differ from city to city: the keys a register of local rules may set, and what each asks of a vote. Pure.

A key has a usual value, which a vote may leave; what a city or district has laid down (an entry of the register, with
its document) binds the votes announced while it holds. Adding a key is adding a line to ``KEYS``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kernel.errors import Conflict, Invalid
from kernel.ratio import percent_text
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.roll import HeadcountMode
from surveys.votes.rules.terms import CLASH_WORDS

YES, NO = "yes", "no"
OWNERS = frozenset({Electorate.OWNERS})
EVERYBODY = frozenset(Electorate)
NOT_OWNERS = EVERYBODY - OWNERS


class Bind(StrEnum):
    """How a local rule binds a vote: it promises no less, allows no more, does just so, or allows a thing at all."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EXACTLY = "exactly"
    ALLOWS = "allows"


class Kind(StrEnum):
    """What a value is: a whole number, a share of a whole, or one of some words."""

    NUMBER = "number"
    SHARE = "share"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class LocalKey:
    """One thing that differs locally. ``usual``: the value where nothing is laid down, as text; ``unit`` of numbers."""

    key: str
    title: str
    kind: Kind
    bind: Bind
    usual: str
    electorates: frozenset[Electorate] = EVERYBODY
    unit: str = ""
    low: int = 0
    high: int = 90
    words: Mapping[str, str] | None = None

    def check(self, value: str) -> str:
        """The value as it is kept. Raises Invalid with what may be filled in."""
        value = value.strip()
        if self.kind is Kind.WORD:
            good, what = value in (self.words or {}), "请从列出的几种里选。"
        elif self.kind is Kind.SHARE:
            num, _, den = value.partition("/")
            good = _whole(num) and _whole(den) and 0 < int(num) <= int(den) <= 1000
            what = "请填分数，例如 1/5。"
        else:
            good = _whole(value) and self.low <= int(value) <= self.high
            what = f"请填 {self.low} 到 {self.high} 之间的整数。"
        if not good:
            raise Invalid("local-rule-value", f"“{self.title}”填得不对：{what}", {"value": [what]})
        return value if self.kind is Kind.WORD else "/".join(str(int(part)) for part in value.split("/"))

    def text(self, value: str) -> str:
        """A value in words: ``15 天``, ``1/5（20.0%）``, or the sentence of a word."""
        if self.kind is Kind.WORD:
            return (self.words or {}).get(value, value)
        if self.kind is Kind.SHARE:
            num, den = share_of(value)
            return f"{num}/{den}（{percent_text(num, den)}）"
        return f"{value} {self.unit}".strip()

    def allows(self, value: str, asked: str) -> bool:
        """Does a vote that has ``value`` keep a local rule that asks ``asked``?"""
        if self.bind is Bind.AT_LEAST:
            return int(value) >= int(asked)
        if self.bind is Bind.AT_MOST:
            return int(value) <= int(asked)
        return value == asked or (self.bind is Bind.ALLOWS and value == NO)


def _whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4


def share_of(value: str) -> tuple[int, int]:
    """Numerator and denominator of a share as kept."""
    num, _, den = value.partition("/")
    return int(num), int(den)


def _days(key: str, title: str, usual: int, electorates: frozenset[Electorate] = EVERYBODY, low: int = 0) -> LocalKey:
    return LocalKey(key, title, Kind.NUMBER, Bind.AT_LEAST, str(usual), electorates, "天", low)


KEYS: Mapping[str, LocalKey] = {
    each.key: each
    for each in (
        _days("owners_notice_days", "业主表决的公告期", 15, OWNERS),
        _days("residents_notice_days", "居民投票的公告期", 7, NOT_OWNERS),
        _days("voting_days", "投票期", 10, low=1),
        LocalKey("voting_days_most", "投票期最长", Kind.NUMBER, Bind.AT_MOST, "90", unit="天", low=1),
        _days("result_days", "结果公示期", 7),
        _days("public_delivery_days", "公告送达的天数", 7, low=5),
        LocalKey("agent_limit", "一名代理人最多代理", Kind.NUMBER, Bind.AT_MOST, "1", OWNERS, "票", 0, 50),
        LocalKey(
            "bar_staff",
            "物业服务企业的工作人员当代理人",
            Kind.WORD,
            Bind.EXACTLY,
            YES,
            OWNERS,
            words={YES: "不得代理", NO: "可以代理"},
        ),
        LocalKey(
            "headcount",
            "业主人数和未售房屋怎样计",
            Kind.WORD,
            Bind.EXACTLY,
            HeadcountMode.BY_OWNER,
            OWNERS,
            words={
                HeadcountMode.BY_OWNER: "同一业主有几套房的按一人计，开发单位没有卖出、没有交付的合并按一人计",
                HeadcountMode.BY_DWELLING: "一套房屋按一人计，没有卖出、没有交付的也一套一人",
            },
        ),
        LocalKey(
            "parking",
            "车位",
            Kind.WORD,
            Bind.EXACTLY,
            NO,
            OWNERS,
            words={YES: "计入面积和人数", NO: "不计入面积和人数"},
        ),
        LocalKey(
            "deemed",
            "送达后不投票的",
            Kind.WORD,
            Bind.ALLOWS,
            YES,
            OWNERS,
            words={YES: "议事规则有约定的，可以照约定计算", NO: "一律不计为参加或者同意"},
        ),
        LocalKey(
            "clash",
            "手机和纸质都投了的",
            Kind.WORD,
            Bind.EXACTLY,
            "first",
            words={str(k): v for k, v in CLASH_WORDS.items()},
        ),
        LocalKey(
            "paper", "纸质票", Kind.WORD, Bind.EXACTLY, YES, words={YES: "不用手机的可以要纸质票", NO: "不发纸质票"}
        ),
        LocalKey("recall_share", "联名提出罢免的比例", Kind.SHARE, Bind.EXACTLY, "1/5"),
        LocalKey("recall_days", "联名罢免的期限", Kind.NUMBER, Bind.EXACTLY, "60", EVERYBODY, "天", 1, 365),
    )
}


def key_of(key: str) -> LocalKey:
    """A key of the register. Raises Invalid for a word nobody knows."""
    if key not in KEYS:
        raise Invalid("no-such-local-rule", "没有这一项地方规定。", {"key": ["请重新选"]})
    return KEYS[key]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a place has laid down for a key, with the words of its source."""

    id: int
    key: str
    value: str
    source: str


SHORTEST, LONGEST = "voting_days", "voting_days_most"
"""The two keys that bound one thing from both sides."""


def must_leave_room(key: str, value: str, beside: Iterable[Entry]) -> None:
    """Raises Invalid when a new entry and one in force beside it leave a vote no way: it could never be announced."""
    if key not in (SHORTEST, LONGEST):
        return
    other = LONGEST if key == SHORTEST else SHORTEST
    for each in beside:
        least, most = (value, each.value) if key == SHORTEST else (each.value, value)
        if each.key == other and int(least) > int(most):
            raise Invalid(
                "local-rule-contradicts",
                f"和已有的规定矛盾：{KEYS[other].title}为{KEYS[other].text(each.value)}（{each.source}）。"
                "两条都照着做，就没有表决能发公告。请核对文件；那一条不再有效的，先把它作废。",
                {"value": ["和已有的规定矛盾"]},
            )


def nearest(entries: Iterable[tuple[int, date, Entry]]) -> dict[str, Entry]:
    """Of entries as (depth of the place, valid from, entry): for each key the lowest place's newest."""
    found: dict[str, Entry] = {}
    for _, _, entry in sorted(entries, key=lambda each: (each[0], each[1], each[2].id)):
        found[entry.key] = entry
    return found


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a vote does not keep a local rule."""

    key: LocalKey
    has: str
    entry: Entry

    @property
    def text(self) -> str:
        """In words, with what the rule asks."""
        than = {Bind.AT_LEAST: "不少于", Bind.AT_MOST: "不超过"}.get(self.key.bind, "应为")
        asked = self.key.text(self.entry.value)
        return f"{self.key.title}：现为“{self.key.text(self.has)}”，{than}“{asked}”（{self.entry.source}）"


def departures(values: Mapping[str, str], entries: Mapping[str, Entry]) -> list[Departure]:
    """Where a vote with some values (by key) does not keep what is laid down."""
    return [
        Departure(KEYS[key], value, entries[key])
        for key, value in values.items()
        if key in entries and not KEYS[key].allows(value, entries[key].value)
    ]


def must_keep(values: Mapping[str, str], entries: Mapping[str, Entry]) -> None:
    """Raises Conflict with what to change when a vote does not keep what is laid down locally."""
    found = departures(values, entries)
    if found:
        raise Conflict(
            "local-rules",
            "这次表决和本地规定不一致，公告还不能发布。"
            + "；".join(each.text for each in found)
            + "。请在表决页面点“按本地规定改好”，看过名册再发布。",
        )


USUAL = "本地没有登记专门规定，按通常做法"
CHOSEN = "本地没有登记专门规定，由组织单位为这次表决确定"


def printed(key: LocalKey, value: str, entry: Entry | None) -> tuple[str, str]:
    """A frozen rule as the notice prints it: (what the vote does, by which source)."""
    if entry is None:
        usual = value == key.usual or (key.bind is Bind.ALLOWS and value == NO)
        return f"{key.title}：{key.text(value)}", USUAL if usual else CHOSEN
    if key.bind in (Bind.AT_LEAST, Bind.AT_MOST) and value != entry.value:
        than = "不少于" if key.bind is Bind.AT_LEAST else "不超过"
        return f"{key.title}：{key.text(value)}（规定{than} {key.text(entry.value)}）", entry.source
    return f"{key.title}：{key.text(value)}", entry.source
