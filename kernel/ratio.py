"""Exact ratios: whole numbers until the moment they are shown, ties to even when they are.

149 of 80 is 186.25 % and the city prints 186.2 %: half-even is the one rule that gives all its figures (DOMAIN §0.2).
"""

NOTHING = "—"
"""What is shown when there is nothing to divide by: neither 0 % nor 100 % would be true."""


def quotient_text(numerator: int, denominator: int, places: int) -> str:
    """``numerator / denominator`` with ``places`` decimals, rounded half-even, no thousands marks.

    ``denominator`` must be above zero, else ``ValueError``.
    """
    if denominator <= 0:
        raise ValueError("nothing to divide by")
    scale = 10**places
    quotient, rest = divmod(abs(numerator) * scale, denominator)
    if 2 * rest > denominator or (2 * rest == denominator and quotient % 2):
        quotient += 1
    whole, part = divmod(quotient, scale)
    sign = "-" if numerator < 0 and quotient else ""
    return f"{sign}{whole}.{part:0{places}d}" if places else f"{sign}{whole}"


def percent_text(numerator: int, denominator: int, places: int = 1) -> str:
    """``numerator`` of ``denominator`` as ``"92.5%"``; above 100 % as it is; ``"—"`` when the denominator is 0."""
    if denominator == 0:
        return NOTHING
    return quotient_text(100 * numerator, denominator, places) + "%"


def at_least(part: int, whole: int, num: int, den: int) -> bool:
    """Is ``part / whole >= num / den``? By cross-multiplication; of an empty whole never."""
    return whole > 0 and part * den >= num * whole


def more_than(part: int, whole: int, num: int, den: int) -> bool:
    """Is ``part / whole > num / den``? By cross-multiplication; of an empty whole never."""
    return whole > 0 and part * den > num * whole
