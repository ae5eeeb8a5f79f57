"""Silence (从多): what those who got their ballot and did not vote are deemed to have said.

Off by default. Lawful only where adopted 议事规则 on file say so, the ballot was really delivered and the consequence
was warned of ((2022)沪02民初16号); who is deemed is decided before this rule is asked. What the 议事规则 say comes in
two forms: 未投票即视为同意已表决的多数意见 (silence joins the majority of what was cast), and 送达即视为参与 (it takes
part and agrees with nobody).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from surveys.votes.rules.bylaws import Silence
from surveys.votes.rules.catalogue import Measure, Rule
from surveys.votes.rules.decision import Choice, Count


@dataclass(frozen=True, slots=True)
class Silent:
    """Those deemed: how many lines, with their heads and area (0.01 ㎡), and what the rule on file makes of them."""

    mode: Silence
    lines: int
    heads: int
    area_dm2: int

    def weight(self, measure: Measure) -> int:
        """What they weigh in one measure."""
        return self.heads if measure is Measure.HEADS else self.area_dm2


def joined(rule: Rule, cast: Mapping[Measure, Count], mode: Silence) -> Choice | None:
    """What silence is deemed to say; None when there is no majority to join.

    A majority is the answer with strictly most heads and, where area counts, strictly most area: where the two
    disagree, or two answers are equal, nobody can say which opinion the majority held, and silence is left silence.
    """
    if mode is Silence.NOTHING:
        return None
    if mode is Silence.TOOK_PART:
        return Choice.ABSTAIN
    leading = {_most(cast[measure]) for measure in rule.measures}
    return leading.pop() if len(leading) == 1 else None


def _most(count: Count) -> Choice | None:
    numbers = {Choice.APPROVE: count.approve, Choice.AGAINST: count.against, Choice.ABSTAIN: count.abstain}
    best = max(numbers.values())
    first = [choice for choice, number in numbers.items() if number == best]
    return first[0] if len(first) == 1 else None


def with_silence(
    rule: Rule, cast: Mapping[Measure, Count], silence: Silent
) -> tuple[Choice | None, dict[Measure, Count]]:
    """What silence joined, and the counts with it. Raises ValueError when more are deemed than did not vote."""
    choice = joined(rule, cast, silence.mode)
    if choice is None:
        return None, dict(cast)
    return choice, {measure: _added(count, choice, silence.weight(measure)) for measure, count in cast.items()}


def _added(count: Count, choice: Choice, weight: int) -> Count:
    return Count(
        count.roll,
        count.approve + weight * (choice is Choice.APPROVE),
        count.against + weight * (choice is Choice.AGAINST),
        count.abstain + weight * (choice is Choice.ABSTAIN),
    )
