"""Is a motion carried? Exact integers, never percentages; each measure has its own denominators.

民法典 §278: with N the whole roll, p those who took part and a those who agreed, turnout is ``3p ≥ 2N``, an ordinary
matter ``2a > p``, a special one ``4a ≥ 3p``, each for heads and for area; all must hold. 弃权 takes part and does not
agree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from surveys.votes.rules.catalogue import Measure, Rule


class Choice(StrEnum):
    """What a question can be answered with; always all three."""

    APPROVE = "approve"
    AGAINST = "against"
    ABSTAIN = "abstain"


CHOICE_WORDS: Mapping[Choice, str] = {Choice.APPROVE: "同意", Choice.AGAINST: "反对", Choice.ABSTAIN: "弃权"}


@dataclass(frozen=True, slots=True)
class Weighted:
    """One counted answer: the head and the area (0.01 ㎡) of its roll line."""

    choice: Choice
    heads: int
    area_dm2: int


@dataclass(frozen=True, slots=True)
class Count:
    """Sums of one measure (heads, or 0.01 ㎡): the roll, and the three answers."""

    roll: int
    approve: int
    against: int
    abstain: int

    @property
    def took_part(self) -> int:
        """Everyone whose ballot counts, whatever it says."""
        return self.approve + self.against + self.abstain

    def __post_init__(self) -> None:
        if min(self.roll, self.approve, self.against, self.abstain) < 0 or self.took_part > self.roll:
            raise ValueError("more took part than stand on the roll, or a negative sum")


@dataclass(frozen=True, slots=True)
class Needed:
    """The smallest numbers that pass for a roll (one measure): taking part, and agreeing among just that many."""

    turnout: int
    approval: int


@dataclass(frozen=True, slots=True)
class MeasureOutcome:
    """One measure judged. ``*_missing`` is how much more would have been enough, 0 when it was."""

    measure: Measure
    count: Count
    turnout_needed: int
    approval_needed: int
    turnout_met: bool
    approval_met: bool

    @property
    def turnout_missing(self) -> int:
        return max(0, self.turnout_needed - self.count.took_part)

    @property
    def approval_missing(self) -> int:
        return max(0, self.approval_needed - self.count.approve)

    @property
    def passed(self) -> bool:
        return self.turnout_met and self.approval_met


@dataclass(frozen=True, slots=True)
class Outcome:
    """A motion judged in every measure its rule names."""

    measures: tuple[MeasureOutcome, ...]

    @property
    def carried(self) -> bool:
        """Carried when turnout and approval hold in each measure."""
        return bool(self.measures) and all(measure.passed for measure in self.measures)

    def of(self, measure: Measure) -> MeasureOutcome | None:
        """The part of the outcome about ``measure``; None when the rule does not count it."""
        return next((part for part in self.measures if part.measure is measure), None)


def needed(rule: Rule, roll: int) -> Needed:
    """The smallest passing numbers for a roll of ``roll`` heads (or 0.01 ㎡), as printed on the notice."""
    turnout = rule.turnout.smallest(roll)
    return Needed(turnout=turnout, approval=rule.approval.smallest(turnout))


def count(answers: Iterable[Weighted], *, heads: int, area_dm2: int) -> dict[Measure, Count]:
    """Sum the counted answers. ``heads`` and ``area_dm2`` are of the whole frozen roll."""
    by_heads = dict.fromkeys(Choice, 0)
    by_area = dict.fromkeys(Choice, 0)
    for answer in answers:
        by_heads[answer.choice] += answer.heads
        by_area[answer.choice] += answer.area_dm2
    return {
        Measure.HEADS: _as_count(heads, by_heads),
        Measure.AREA: _as_count(area_dm2, by_area),
    }


def outcome(rule: Rule, counts: Mapping[Measure, Count]) -> Outcome:
    """Judge the counts by the rule, in each measure the rule names."""
    return Outcome(tuple(_judge(rule, measure, counts[measure]) for measure in rule.measures))


def _as_count(roll: int, sums: Mapping[Choice, int]) -> Count:
    return Count(roll, sums[Choice.APPROVE], sums[Choice.AGAINST], sums[Choice.ABSTAIN])


def _judge(rule: Rule, measure: Measure, counted: Count) -> MeasureOutcome:
    return MeasureOutcome(
        measure=measure,
        count=counted,
        turnout_needed=rule.turnout.smallest(counted.roll),
        approval_needed=rule.approval.smallest(counted.took_part),
        turnout_met=rule.turnout.met(counted.took_part, counted.roll),
        approval_met=rule.approval.met(counted.approve, counted.took_part),
    )
