"""What a report may say to somebody who does not work with the households it counts, so that no two reports, however
they were filtered, can be subtracted from one another to find one household's answer.

Whoever works with the households of every estate in a report (``dwelling.contact``) reads their sheets by name anyway
and gets exact tables. Districts and the city get blurred ones. The rule has four parts:

* **Two sides at most.** A cell is what was answered to one question and, at most, one thing more: another question or
  one fact (tenancy, old people, channel, evidence). A filter is the other side of the same table, a building or a third
  thing is refused. So a cell belongs to one table only, whichever way round it is asked for, and has one *name*.
* **Waves.** Reports count the sheets of an estate's newest *wave*. A wave is frozen with what is known of its sheets
  (tenancy, evidence), and the next one comes when five dwellings or more that no wave held have answered. So nobody can
  ask before and after a neighbour, or before and after somebody moved in.
* **One wording a wave.** When a correction of the questionnaire, or another mapping, counts a question otherwise than
  before, the tables of it that were made stay what they were and say so, and no new one reads the same wave again: the
  noise of a cell would stand still while its count moves (both numbers together would tell how many had ticked what was
  moved), or be drawn again for the same households as often as somebody replaces a mapping (the mean of many tells the
  count). An estate is left out of such tables until its next wave. After the close, when nothing is corrected any more,
  a wave in older words is read anew once: the same sheets, a number of its own, so one more draw for each cell and no
  other.
* **Noise.** Each number (a cell, the total of a column, the number of sheets) is n plus two-sided geometric noise, in
  steps of five. The noise is drawn with a secret key from the cell's name and its waves: the same cell shows the same
  number to everybody and always (asking again averages nothing), another cell or wave an independent one.

Why that is enough: whether one household is in a cell or not changes the chance of any number shown by a factor of 4/3
at most (``chance``), whatever is known of all others. A household's answer to a question of single choice is in two
numbers of a table (this cell or that one), so a table changes the odds by (4/3)² at most, and two tables that a filter
makes differ by this one household alone by (4/3)⁴, or 3 to 1, if every number falls out as badly as it can; on exact
tables it would be certain. Rounding alone would not do: a sum that jumps from 10 to 15 says for certain that the
household is in it.

What remains: who asks for very many different tables learns a little from each. Each asking and each look is written
down (``report.asked``, ``look.report``), and the same table is made anew only when a twentieth more have answered.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from kernel.errors import Invalid
from surveys.questionnaires.rules.crosstab import FACTS
from surveys.questionnaires.rules.tally import FEWEST

STEP = 5
KEEP = Fraction(3, 4)
"""How much rarer noise of one more is: P(e) = 1/7 · (3/4)^|e|."""
DRAW_BITS = 64
MOST = 150
"""Noise is no greater: a chance below 2⁻⁶¹."""
FEWEST_FOR_SHARES = 40
"""A share of fewer households than this says nothing when both numbers are blurred."""
ANY = "*"
"""The cell of a side that holds whoever answers it at all."""
Seed = Callable[[str], bytes]
"""A cell's name → eight secret bytes or more, always the same."""

TOO_FINE = Invalid(
    "too-fine",
    "这样细的表会认出住户，只给负责入户的社区和街道看。您可以选一道题，再选一样来分（另一道题、租住、老人、填法或核实）。",
    {"columns": ["只能再选一样"]},
)


def two_sides(rows: str, columns: str, filters: Mapping[str, Any]) -> tuple[str, str]:
    """The sides of the table an asking comes to: a filter is the fact it looks at. Raises Invalid for a finer one."""
    facts = [f"@{one.row}" for one in FACTS if filters.get(one.row) not in (None, "")]
    sides = [*([columns] if columns else []), *facts]
    if filters.get("building") or len(sides) > 1:
        raise TOO_FINE
    return rows, sides[0] if sides else ""


def name(parts: Iterable[tuple[str, str]]) -> str:
    """A cell's name: its sides and their cells, whichever way round."""
    return "&".join(sorted({f"{side}={cell}" for side, cell in parts if side}))


def noise(seed: bytes) -> int:
    """Two-sided geometric noise from eight secret bytes: whole numbers, chances exact to 2⁻⁶³."""
    drawn = int.from_bytes(seed[: DRAW_BITS // 8], "big")
    size = 0
    # P(|e| ≥ k) = 8/7 · (3/4)^k for k ≥ 1; the lowest bit decides the sign.
    while size < MOST and (drawn >> 1) * 7 * 4 ** (size + 1) < 8 * 3 ** (size + 1) << (DRAW_BITS - 1):
        size += 1
    return -size if drawn & 1 else size


def chance(shown: int, n: int) -> Fraction:
    """How likely a count of ``n`` is shown as ``shown`` (a multiple of five, 0 at least)."""

    def at_least(k: int) -> Fraction:  # P(e ≥ k)
        return Fraction(4, 7) * KEEP**k if k > 0 else 1 - Fraction(4, 7) * KEEP ** (1 - k)

    low = shown - STEP // 2 - n
    return (Fraction(1) if shown == 0 else at_least(low)) - at_least(shown + STEP - STEP // 2 - n)


def blurred(n: int, seed: bytes) -> int:
    """What is shown of a count: the multiple of five next to it and its noise, never less than none."""
    return max(0, (n + noise(seed) + STEP // 2) // STEP * STEP)


def share(n: int, of: int) -> tuple[int, int] | None:
    """Numerator and denominator of a share that may be told of two blurred counts; None where both are noise."""
    return (min(n, of), of) if of >= FEWEST_FOR_SHARES else None


def table(document: Mapping[str, Any], rows: str, columns: str, seed: Seed) -> dict[str, Any]:
    """A written table (``crosstab.Crosstab.written``) with every number blurred."""

    def number(n: int, *parts: tuple[str, str]) -> int:
        return blurred(n, seed(name(parts)))

    heads = [{**each, "of": number(each["of"], (rows, ANY), (columns, each["code"]))} for each in document["columns"]]
    return {
        **document,
        "step": STEP,
        "sheets": number(document["sheets"], (rows, ANY), (columns, ANY)),
        "columns": heads,
        "lines": [
            {
                **line,
                "cells": [
                    {"n": number(cell["n"], (rows, line["code"]), (columns, head["code"])), "small": False}
                    for head, cell in zip(heads, line["cells"], strict=True)
                ],
            }
            for line in document["lines"]
        ],
    }


def is_read_anew(reworded: Collection[str], *, closed: bool) -> bool:
    """Whether an estate's last wave is counted once more under its next number, in the final words: after the close,
    when questions were ``reworded`` since it was taken."""
    return closed and bool(reworded)


def is_next_wave(held_before: Collection[int], now: Sequence[int]) -> bool:
    """Whether an estate's next wave comes: five dwellings or more have answered that no wave held."""
    return len(set(now) - set(held_before)) >= FEWEST
