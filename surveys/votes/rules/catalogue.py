"""Which rule decides which matter: dated data, so that a vote keeps the rule it was announced with.

A rule is published with a vote's notice (its clause and its numbers) and frozen into the motion when the notice goes
out. A changed law is a new entry with a later ``since``; entries are never edited once a vote has used them.

Where a local rule is not known the stricter one is offered first and the choice is printed on the notice: whether a
whole renovation scheme is §278(7) or §278(9) is disputed, so ``scheme`` is (7).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kernel.errors import Invalid
from kernel.ratio import at_least, more_than


class Electorate(StrEnum):
    """Who votes. Mixing them voids a vote."""

    OWNERS = "owners"
    RESIDENTS = "residents"
    """one representative a household"""
    REPRESENTATIVES = "representatives"
    """the residents' representatives (居民代表), 2 to 3 of each residents' group"""


class Measure(StrEnum):
    """What is counted: people, and square metres of what they own."""

    HEADS = "heads"
    AREA = "area"


class Form(StrEnum):
    """How the question is put: 同意/反对/弃权, or names to approve."""

    QUESTION = "question"
    ELECTION = "election"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A share that must be reached: ``num/den`` of a whole; ``strict`` is 过半数, else 以上 (inclusive, §1259)."""

    num: int
    den: int
    strict: bool

    def met(self, part: int, whole: int) -> bool:
        """Does ``part`` of ``whole`` (same unit, integers) reach the share? Nothing of nothing reaches no share."""
        if whole <= 0 or part <= 0:
            return False
        return more_than(part, whole, self.num, self.den) if self.strict else at_least(part, whole, self.num, self.den)

    def smallest(self, whole: int) -> int:
        """The smallest part of ``whole`` that meets the share (at least 1)."""
        needed = self.num * whole
        part = needed // self.den + 1 if self.strict else -(-needed // self.den)
        return max(part, 1)

    def words(self) -> str:
        """The share as the law says it, e.g. 三分之二以上 or 过半数."""
        if self.num == self.den:
            return "全部"
        if self.strict and (self.num, self.den) == (1, 2):
            return "过半数"
        numerals = "零一二三四五六七八九十"
        share = f"{numerals[self.den]}分之{numerals[self.num]}"
        return f"超过{share}" if self.strict else f"{share}以上"


TWO_THIRDS = Threshold(2, 3, strict=False)
THREE_QUARTERS = Threshold(3, 4, strict=False)
MAJORITY = Threshold(1, 2, strict=True)
UNANIMOUS = Threshold(1, 1, strict=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """One matter and what carries it.

    ``turnout`` is a share of the whole roll, ``approval`` a share of those who took part; each must be met in every
    one of ``measures``. ``clause`` is the place in the law, ``text`` the sentence printed on the notice.
    """

    matter: str
    since: date
    title: str
    form: Form
    electorate: Electorate
    measures: tuple[Measure, ...]
    turnout: Threshold
    approval: Threshold
    clause: str
    text: str
    ranked_by: tuple[Measure, ...] = (Measure.HEADS,)
    """an election's candidates with their majority: by these, in this order"""

    @property
    def version(self) -> str:
        """What a vote stores to name this very entry, e.g. ``owners.scheme@2021-01-01``."""
        return f"{self.matter}@{self.since.isoformat()}"


_CIVIL_CODE = date(2021, 1, 1)
_COMMITTEE_LAW = date(2018, 12, 29)

_OWNERS_TURNOUT = "应当由专有部分面积占比三分之二以上的业主且人数占比三分之二以上的业主参与表决；"
_ORDINARY = _OWNERS_TURNOUT + "经参与表决专有部分面积过半数的业主且参与表决人数过半数的业主同意，即为通过。"
_SPECIAL = _OWNERS_TURNOUT + "经参与表决专有部分面积四分之三以上的业主且参与表决人数四分之三以上的业主同意，方为通过。"
_OWNERS_ELECTION = (
    _OWNERS_TURNOUT + "每名候选人须经参与表决专有部分面积过半数的业主且参与表决人数过半数的业主同意；"
    "达到的按同意的人数从多到少依次当选，人数相同的，同意的专有部分面积大的在前。"
)
_RESIDENTS_LEADER = (
    "每户一名代表投票，须有全体户代表的过半数参加，选举才有效；"
    "组长候选人须得到参加投票的户代表过半数赞成，得票最多的当选。"
)
_RECALL = "须有全体户代表的过半数参加，投票才有效；经参加投票的户代表过半数同意，即为罢免。"
_MEETING = "居民小组选举的居民代表每人一票，须有全体居民代表的过半数参加，"
_REPRESENTATIVES = _MEETING + "投票才有效；由参加投票的居民代表过半数通过。"
_REPRESENTATIVES_ELECTION = _MEETING + "选举才有效；候选人须得到参加投票的居民代表过半数赞成，按得票多少依次当选。"
_REPRESENTATIVES_LEADER = _MEETING + "选举才有效；组长候选人须得到参加投票的居民代表过半数赞成，得票最多的当选。"
_RESIDENTS = "须有全体户代表的过半数参加，投票才有效；由参加投票的户代表过半数通过。"
_RESIDENTS_ELECTION = (
    "每户一名代表投票，须有全体户代表的过半数参加，选举才有效；"
    "候选人须得到参加投票的户代表过半数赞成，按得票多少依次当选。"
)


def _owners(matter: str, title: str, item: str, *, special: bool) -> Rule:
    return Rule(
        matter=f"owners.{matter}",
        since=_CIVIL_CODE,
        title=title,
        form=Form.QUESTION,
        electorate=Electorate.OWNERS,
        measures=(Measure.HEADS, Measure.AREA),
        turnout=TWO_THIRDS,
        approval=THREE_QUARTERS if special else MAJORITY,
        clause=f"《中华人民共和国民法典》第二百七十八条第一款第{item}项",
        text=_SPECIAL if special else _ORDINARY,
    )


RULES: tuple[Rule, ...] = (
    _owners("meeting_rules", "制定和修改业主大会议事规则", "一", special=False),
    _owners("covenant", "制定和修改管理规约", "二", special=False),
    _owners("committee", "选举业主委员会或者更换业主委员会成员", "三", special=False),
    Rule(
        matter="owners.committee_members",
        since=_CIVIL_CODE,
        title="选举业主委员会成员（逐名表决）",
        form=Form.ELECTION,
        electorate=Electorate.OWNERS,
        measures=(Measure.HEADS, Measure.AREA),
        turnout=TWO_THIRDS,
        approval=MAJORITY,
        clause="《中华人民共和国民法典》第二百七十八条第一款第三项",
        text=_OWNERS_ELECTION,
        ranked_by=(Measure.HEADS, Measure.AREA),
    ),
    _owners("manager", "选聘和解聘物业服务企业或者其他管理人", "四", special=False),
    _owners("fund_use", "使用建筑物及其附属设施的维修资金", "五", special=False),
    _owners("fund_raising", "筹集建筑物及其附属设施的维修资金", "六", special=True),
    _owners("scheme", "改建、重建建筑物及其附属设施", "七", special=True),
    _owners("common_parts", "改变共有部分的用途或者利用共有部分从事经营活动", "八", special=True),
    _owners("other", "有关共有和管理权利的其他重大事项", "九", special=False),
    Rule(
        matter="owners.home_to_business",
        since=_CIVIL_CODE,
        title="将住宅改变为经营性用房（有利害关系的业主）",
        form=Form.QUESTION,
        electorate=Electorate.OWNERS,
        measures=(Measure.HEADS,),
        turnout=UNANIMOUS,
        approval=UNANIMOUS,
        clause="《中华人民共和国民法典》第二百七十九条",
        text="应当经有利害关系的业主一致同意：名册上的业主全部投票，并且全部同意，才算通过。",
    ),
    Rule(
        matter="residents.decision",
        since=_COMMITTEE_LAW,
        title="居民共同商定的事项",
        form=Form.QUESTION,
        electorate=Electorate.RESIDENTS,
        measures=(Measure.HEADS,),
        turnout=MAJORITY,
        approval=MAJORITY,
        clause="参照《中华人民共和国城市居民委员会组织法》第九条",
        text=_RESIDENTS,
    ),
    Rule(
        matter="residents.group",
        since=_COMMITTEE_LAW,
        title="选举小区自管小组成员",
        form=Form.ELECTION,
        electorate=Electorate.RESIDENTS,
        measures=(Measure.HEADS,),
        turnout=MAJORITY,
        approval=MAJORITY,
        clause="参照《中华人民共和国城市居民委员会组织法》第九条、第十四条",
        text=_RESIDENTS_ELECTION,
    ),
    Rule(
        matter="residents.leader",
        since=_COMMITTEE_LAW,
        title="直接选举小区自管小组组长",
        form=Form.ELECTION,
        electorate=Electorate.RESIDENTS,
        measures=(Measure.HEADS,),
        turnout=MAJORITY,
        approval=MAJORITY,
        clause="参照《中华人民共和国城市居民委员会组织法》第九条、第十四条",
        text=_RESIDENTS_LEADER,
    ),
    Rule(
        matter="residents.recall",
        since=_COMMITTEE_LAW,
        title="罢免小区自管小组成员",
        form=Form.QUESTION,
        electorate=Electorate.RESIDENTS,
        measures=(Measure.HEADS,),
        turnout=MAJORITY,
        approval=MAJORITY,
        clause="参照《中华人民共和国城市居民委员会组织法》第九条",
        text=_RECALL,
    ),
)


def _of_representatives(matter: str, title: str, form: Form, clause: str, text: str) -> Rule:
    return Rule(
        matter=f"representatives.{matter}",
        since=_COMMITTEE_LAW,
        title=title,
        form=form,
        electorate=Electorate.REPRESENTATIVES,
        measures=(Measure.HEADS,),
        turnout=MAJORITY,
        approval=MAJORITY,
        clause=f"参照《中华人民共和国城市居民委员会组织法》{clause}",
        text=text,
    )


RULES += (
    _of_representatives("decision", "居民代表会议决定的事项", Form.QUESTION, "第九条", _REPRESENTATIVES),
    _of_representatives(
        "group", "居民代表选举小区自管小组成员", Form.ELECTION, "第九条、第十四条", _REPRESENTATIVES_ELECTION
    ),
    _of_representatives(
        "leader", "居民代表直接选举小区自管小组组长", Form.ELECTION, "第九条、第十四条", _REPRESENTATIVES_LEADER
    ),
)

_BY_VERSION: Mapping[str, Rule] = {rule.version: rule for rule in RULES}


def in_force(matter: str, day: date) -> Rule:
    """The entry of ``matter`` that applies to a vote announced on ``day``. Raises Invalid when there is none."""
    entries = [rule for rule in RULES if rule.matter == matter and rule.since <= day]
    if not entries:
        raise Invalid("unknown-matter", "没有这一类表决事项，请从事项目录里选。", {"matter": ["不在事项目录里"]})
    return max(entries, key=lambda rule: rule.since)


def of_matter(matter: str) -> Rule:
    """The newest entry of a matter. Raises KeyError for a word nobody knows."""
    return {rule.matter: rule for rule in sorted(RULES, key=lambda rule: rule.since)}[matter]


def of_version(version: str) -> Rule:
    """The very entry a motion was announced with. Raises KeyError for one that never existed (a damaged record)."""
    return _BY_VERSION[version]
