"""Money is a whole number of fen. The only place where yuan become fen and fen become yuan."""

import re
from collections.abc import Sequence

from kernel.errors import Invalid
from kernel.ratio import quotient_text

Fen = int
"""An amount in fen (1/100 yuan), never a float."""

_YUAN = re.compile(r"(?P<yuan>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<cents>[0-9]{1,2}))?")
_MOST_DIGITS = 13
"""Ten trillion yuan: far above any budget, far below BIGINT, so a slipped unit fails here and not in the database."""


def yuan_text(fen: Fen) -> str:
    """``123450`` -> ``"1,234.50"``: yuan with two places and thousands marks, ``-`` in front of what is owed."""
    whole, cents = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{cents:02d}"


def wan_text(fen: Fen) -> str:
    """In 万元, without the unit: ``2_442_570_000`` fen -> ``"2,442.57"``; at most two places, ties to even."""
    text = quotient_text(fen, 1_000_000, 2)
    whole, _, places = text.partition(".")
    places = places.rstrip("0")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}" + (f".{places}" if places else "")


def yi_text(fen: Fen) -> str:
    """The same in 亿元: ``28_500_000_000`` fen -> ``"2.85"``."""
    return quotient_text(fen, 10_000_000_000, 2)


def average_text(total: Fen, count: int, places: int = 2) -> str:
    """``total`` shared by ``count`` as yuan with ``places`` decimals, ties to even; ``"—"`` when there is nobody."""
    if count == 0:
        return "—"
    whole, point, cents = quotient_text(total, 100 * count, places).partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{point}{cents}"


def fen_from_text(text: str) -> Fen:
    """What a person typed as yuan (``"500"``, ``"500.5"``, ``"1,234.50"``) as fen; anything else is ``Invalid``."""
    found = _YUAN.fullmatch(text.strip())
    if found is None:
        raise Invalid("amount-not-readable", "金额请写成数字，例如 500 或 500.50。")
    yuan = found["yuan"].replace(",", "")
    if len(yuan) > _MOST_DIGITS:
        raise Invalid("amount-too-large", "金额太大，请检查是否多写了几位。")
    return int(yuan) * 100 + int((found["cents"] or "0").ljust(2, "0"))


def shares(total: Fen, weights: Sequence[int]) -> list[Fen]:
    """Split ``total`` by ``weights`` so that the parts add up to the fen: largest remainder, earlier line first.

    A negative total (a refund) is the mirror of the positive one. Weights are whole and not negative, and not all zero
    unless the total is zero, else ``ValueError``. Source: DOMAIN §3.3.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight below zero")
    whole = sum(weights)
    if whole == 0:
        if total == 0:
            return [0] * len(weights)
        raise ValueError("nobody to share it")
    sign = -1 if total < 0 else 1
    parts = [divmod(abs(total) * weight, whole) for weight in weights]
    left = abs(total) - sum(part for part, _ in parts)
    first = sorted(range(len(parts)), key=lambda line: (-parts[line][1], line))[:left]
    odd = set(first)
    return [sign * (part + (line in odd)) for line, (part, _) in enumerate(parts)]
