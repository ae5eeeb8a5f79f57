"""How far a survey has come, each rate with its own denominator (DOMAIN §1.3): by households and by area.

入户率 = reached / all; 回收率 = valid sheets / all; 同意率 = agreeing / all, and agreeing / sheets that may agree.
Homes that are vacant or could not be reached stay in "all". A tenant's sheet is valid for needs, never for consent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a worker found at a door."""

    MET = "met"
    NOT_HOME = "not_home"
    VACANT = "vacant"
    REFUSED = "refused"


WORDS = {Outcome.MET: "见到住户", Outcome.NOT_HOME: "家里没人", Outcome.VACANT: "空置", Outcome.REFUSED: "不愿填"}
REACHED = frozenset({Outcome.MET, Outcome.REFUSED})
"""Somebody was spoken to. A refusal is a contact, no answer is not."""


@dataclass(frozen=True)
class Home:
    """A home as rates see it. ``reached``: spoken to at the door, or answered there; ``valid``: its sheet counts;
    ``may_agree``: and was not a tenant's; ``agrees``: and says yes. ``area_dm2``: None where the roster has none."""

    area_dm2: int | None
    reached: bool = False
    valid: bool = False
    may_agree: bool = False
    agrees: bool = False


@dataclass(frozen=True)
class Part:
    """So many homes with so much area (0.01 ㎡)."""

    homes: int = 0
    area_dm2: int = 0

    def and_(self, area_dm2: int | None) -> "Part":
        """With one home more."""
        return Part(self.homes + 1, self.area_dm2 + (area_dm2 or 0))

    def plus(self, other: "Part") -> "Part":
        """Both together."""
        return Part(self.homes + other.homes, self.area_dm2 + other.area_dm2)


NOBODY = Part()


@dataclass(frozen=True)
class Rates:
    """The numerators and denominators. ``no_area``: homes that rates by area leave out, because nobody knows theirs."""

    total: Part = Part()
    reached: Part = Part()
    valid: Part = Part()
    may_agree: Part = Part()
    agree: Part = Part()
    no_area: int = 0

    def plus(self, other: "Rates") -> "Rates":
        """Two estates together."""
        return Rates(
            self.total.plus(other.total),
            self.reached.plus(other.reached),
            self.valid.plus(other.valid),
            self.may_agree.plus(other.may_agree),
            self.agree.plus(other.agree),
            self.no_area + other.no_area,
        )


def rates(homes: Iterable[Home]) -> Rates:
    """Count some homes."""
    total = reached = valid = may_agree = agree = Part()
    no_area = 0
    for home in homes:
        total = total.and_(home.area_dm2)
        no_area += home.area_dm2 is None
        if home.reached:
            reached = reached.and_(home.area_dm2)
        if home.valid:
            valid = valid.and_(home.area_dm2)
        if home.valid and home.may_agree:
            may_agree = may_agree.and_(home.area_dm2)
            if home.agrees:
                agree = agree.and_(home.area_dm2)
    return Rates(total, reached, valid, may_agree, agree, no_area)
