"""Re-weighting: what the figures would be if each group of homes had answered as often as it is there.

Post-stratification by what the register knows of every home (floor, registered tenancy), with one weight a sheet: of a
group with N homes and n sheets each sheet counts for N / n homes (Holt and Smith, "Post Stratification", Journal of the
Royal Statistical Society A 142, 1979). Every figure is then made of the weighted counts as it is of the plain ones, so
whatever has a figure has a weighted one: shares, averages, points and satisfaction are ratios of weighted sums, which
is also right for questions that only some households are asked (Särndal, Swensson and Wretman, "Model Assisted Survey
Sampling", 1992, chapters 7 and 10). A group without a sheet cannot speak: it is left out and named, never guessed.

The weights are multiplied by the least number that makes all of them whole. Ratios stay what they are and exact.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from surveys.questionnaires.rules.tally import Key

FEW = 5
"""A group with fewer sheets than this weighs much on little: it is named too."""


@dataclass(frozen=True)
class Stratum:
    """A group of homes: its name, how many there are, how many sheets of them count, and the counts of these."""

    name: str
    homes: int
    sheets: int
    counts: Mapping[Key, int]


@dataclass(frozen=True)
class Weighing:
    """``counts`` of all groups together, each N / n times, and all of them ``scale`` times."""

    groups: tuple[Stratum, ...]
    counts: Mapping[Key, int]
    scale: int

    @property
    def homes(self) -> int:
        """All homes."""
        return sum(each.homes for each in self.groups)

    @property
    def covered(self) -> int:
        """The homes of groups that sent a sheet: those the weighted figures speak for."""
        return sum(each.homes for each in self.groups if each.sheets)

    @property
    def silent(self) -> list[str]:
        """The groups nobody answered for."""
        return [each.name for each in self.groups if not each.sheets]

    @property
    def thin(self) -> list[str]:
        """The groups that few answered for."""
        return [each.name for each in self.groups if 0 < each.sheets < FEW]


def weighed(strata: Iterable[Stratum]) -> Weighing | None:
    """The groups weighed against each other; None when nobody answered."""
    groups = tuple(each for each in strata if each.homes > 0)
    speaking = [each for each in groups if each.sheets > 0]
    if not speaking:
        return None
    scale = math.lcm(*(each.sheets for each in speaking))
    counts: Counter[Key] = Counter()
    for each in speaking:
        times = each.homes * scale // each.sheets
        for key, n in each.counts.items():
            counts[key] += n * times
    return Weighing(groups, counts, scale)
