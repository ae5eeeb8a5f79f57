"""Re-weighting: what the answers would be if each group of homes had answered as often as it is there.

Post-stratification by what the register knows of every home (floor, registered tenancy). With N homes and n answers in
a group h, x of them ticking a cell: share = Σ N_h · x_h / n_h over Σ N_h, as an exact fraction. A group nobody answered
for cannot speak: it is left out of both sums and named, never guessed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

FEW = 5
"""A group with fewer answers than this weighs much on little: it is named too."""


@dataclass(frozen=True)
class Stratum:
    """A group of homes: its name, how many there are, how many answered the question, and cell → how many."""

    name: str
    homes: int
    respondents: int
    cells: Mapping[str, int]


@dataclass(frozen=True)
class Weighted:
    """cell → share. ``covered`` of ``homes`` are in groups somebody answered for; the others' names are in ``silent``,
    those with fewer than five answers in ``thin``."""

    shares: Mapping[str, Fraction]
    covered: int
    homes: int
    silent: tuple[str, ...]
    thin: tuple[str, ...]


def weighted(strata: Iterable[Stratum]) -> Weighted | None:
    """The re-weighted shares of a question; None when nobody answered it."""
    known = [each for each in strata if each.homes > 0]
    speaking = [each for each in known if each.respondents > 0]
    covered = sum(each.homes for each in speaking)
    if not covered:
        return None
    cells = {cell for each in speaking for cell in each.cells}
    shares = {
        cell: sum(
            (Fraction(each.homes * each.cells.get(cell, 0), each.respondents * covered) for each in speaking),
            Fraction(0),
        )
        for cell in cells
    }
    return Weighted(
        shares,
        covered,
        sum(each.homes for each in known),
        tuple(each.name for each in known if each.respondents == 0),
        tuple(each.name for each in speaking if each.respondents < FEW),
    )
