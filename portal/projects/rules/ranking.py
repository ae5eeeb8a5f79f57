"""Ranks on exact ratios: equal ones share a place (1, 1, 3), and who has no denominator is not ranked (DOMAIN §4.5)."""

from collections.abc import Sequence
from fractions import Fraction


def ranks(rates: Sequence[Fraction | None]) -> list[int | None]:
    """The place of each rate, highest first; None for None."""
    counted = [rate for rate in rates if rate is not None]
    return [None if rate is None else 1 + sum(other > rate for other in counted) for rate in rates]
