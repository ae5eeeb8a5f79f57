"""How far a collection has come: the average per household against 500 yuan, exact.

户均500元 is an average over *all* households, not 500 from each one (DOMAIN §0.1): one may give 5,000 and another
nothing. ``payments`` measures; whether an estate is listed is decided elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.money import Fen, average_text
from kernel.ratio import at_least, percent_text

AVERAGE_FEN: Fen = 50_000


STEP = 5
"""A figure that everybody may read moves by so many households at once, so that none of them is told apart."""


def in_steps(paid: Sequence[tuple[int, Fen]], *, step: int = STEP) -> tuple[int, Fen]:
    """(households, fen) of the largest multiple of ``step`` of the households that paid first.

    ``paid``: (household, fen) in the order of time. Who watches one door and the average together sees the average
    move only with five doors, and learns no single amount.
    """
    sums: dict[int, Fen] = {}
    for household, fen in paid:
        sums[household] = sums.get(household, 0) + fen
    many = len(sums) // step * step
    return many, sum(list(sums.values())[:many])


def in_groups(paid: Sequence[tuple[int, int]], *, step: int = STEP) -> set[int]:
    """The doors that may already be shown as paid: of each building those who paid first, ``step`` at a time.

    ``paid``: (building, door) in the order of time, each door once. Rows of the public books come out once a week in
    the order of their receipts; a door that turned alone would be known by its place among them.
    """
    by_building: dict[int, list[int]] = {}
    for building, door in paid:
        by_building.setdefault(building, []).append(door)
    return {door for doors in by_building.values() for door in doors[: len(doors) // step * step]}


@dataclass(frozen=True)
class Standing:
    """``households``: all of the estate; ``paid_households`` and ``paid_fen``: deposits paid or converted."""

    households: int
    paid_households: int
    paid_fen: Fen

    def is_met(self, average_fen: Fen = AVERAGE_FEN) -> bool:
        """Is the sum over all households at least ``average_fen`` each? An estate without households is never met."""
        return self.households > 0 and at_least(self.paid_fen, self.households, average_fen, 1)

    @property
    def average_text(self) -> str:
        """The average per household as yuan, rounded for showing, "—" without households. Never compare with it."""
        return average_text(self.paid_fen, self.households)

    @property
    def share_text(self) -> str:
        """The share of all households that paid, "—" without households."""
        return percent_text(self.paid_households, self.households)

    def missing_fen(self, average_fen: Fen = AVERAGE_FEN) -> Fen:
        """What is still missing to the gate; 0 once it is met."""
        return max(0, average_fen * self.households - self.paid_fen)
