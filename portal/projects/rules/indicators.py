"""The indicators of the quarterly assessment: one class each, in one registry (DOMAIN §4.4, §4.5).

An indicator is a numerator and a denominator over plan records, both of them lists a reader can open. It prints its own
formula. Rates above 100 % are normal (two denominators, one numerator) and are never cut off.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from kernel.money import wan_text
from kernel.ratio import percent_text
from portal.projects.rules.facts import RecordFacts

Facts = Sequence[RecordFacts]


@dataclass(frozen=True)
class Measure:
    """What an indicator measured: exact numerator and denominator, and how each is said."""

    numerator: int
    denominator: int
    numerator_text: str
    denominator_text: str

    @property
    def text(self) -> str:
        """The rate as shown: one place, ties to even, "—" without a denominator."""
        return percent_text(self.numerator, self.denominator)

    @property
    def exact(self) -> Fraction | None:
        """The rate to rank by; None without a denominator."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None


class Indicator:
    """Base of all indicators. ``numerator_set`` / ``denominator_set`` name the record lists in ``SETS``."""

    key: ClassVar[str]
    name: ClassVar[str]
    formula: ClassVar[str]
    note: ClassVar[str] = ""
    numerator_set: ClassVar[str]
    denominator_set: ClassVar[str]

    def measure(self, facts: Facts) -> Measure:
        """Measure ``facts`` (all records of a plan, or one district's)."""
        raise NotImplementedError


INDICATORS: dict[str, Indicator] = {}


def indicator(cls: type[Indicator]) -> type[Indicator]:
    """Enter an indicator into the registry under its key."""
    INDICATORS[cls.key] = cls()
    return cls


@dataclass(frozen=True)
class RecordSet:
    """A named list of records that a figure counts, or adds up, and that anyone can open."""

    name: str
    belongs: Callable[[RecordFacts], bool]
    amount: Callable[[RecordFacts], int] | None = None


SETS: dict[str, RecordSet] = {
    "planned": RecordSet("列入计划的小区", lambda record: True),
    "started": RecordSet("已开工的小区", lambda record: record.started_on is not None),
    "not_started": RecordSet("未开工的小区", lambda record: record.started_on is None),
    "central": RecordSet("列入中央补助任务的小区", lambda record: record.in_central_task),
    "completed": RecordSet("已完工的小区", lambda record: record.completed_on is not None),
    "received": RecordSet("到位资金", lambda record: record.received_fen != 0, lambda record: record.received_fen),
    "spent": RecordSet("支出资金", lambda record: record.spent_fen != 0, lambda record: record.spent_fen),
}


def members(facts: Facts, set_key: str) -> list[RecordFacts]:
    """The records a named set holds, in the order given."""
    return [record for record in facts if SETS[set_key].belongs(record)]


def size(facts: Facts, set_key: str) -> int:
    """How much a named set counts: records, or fen where it adds up money."""
    amount = SETS[set_key].amount
    found = members(facts, set_key)
    return sum(amount(record) for record in found) if amount else len(found)


def size_text(facts: Facts, set_key: str) -> str:
    """The same, said with its unit: 149个, 2,442.57万元."""
    counted = size(facts, set_key)
    return f"{wan_text(counted)}万元" if SETS[set_key].amount else f"{counted}个"


class _OfSets(Indicator):
    def measure(self, facts: Facts) -> Measure:
        """The size of the numerator's set over the size of the denominator's."""
        return Measure(
            size(facts, self.numerator_set),
            size(facts, self.denominator_set),
            size_text(facts, self.numerator_set),
            size_text(facts, self.denominator_set),
        )


@indicator
class StartRate(_OfSets):
    """开工率: by estates, against the city's own plan."""

    key, name = "start_rate", "开工率"
    formula = "已开工小区数 ÷ 年度计划小区数 × 100%"
    numerator_set, denominator_set = "started", "planned"


@indicator
class TaskRate(_OfSets):
    """完成率: the same estates, against the task the central government subsidises."""

    key, name = "task_rate", "任务完成率"
    formula = "已开工小区数 ÷ 中央补助任务小区数 × 100%"
    note = "分子与开工率相同，分母是中央补助任务数，所以可以超过 100%。"
    numerator_set, denominator_set = "started", "central"


@indicator
class DisbursementRate(_OfSets):
    """支出率 (支付率): money paid out of money that arrived, all sources."""

    key, name = "disbursement_rate", "资金支出率"
    formula = "各级各类资金已支出额 ÷ 已到位额 × 100%"
    numerator_set, denominator_set = "spent", "received"


@indicator
class CompletionRate(_OfSets):
    """Of what was started, what is completed."""

    key, name = "completion_rate", "完工率"
    formula = "已完工小区数 ÷ 已开工小区数 × 100%"
    numerator_set, denominator_set = "completed", "started"
