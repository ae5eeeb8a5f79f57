"""Do the lines of a statement hang together? Told from their amounts and balances alone, in whatever order they stand.

Each line leads from the balance before it to the balance after it. Lines without a gap are one way from where the
statement begins to where it ends: every balance between is left as often as it is reached.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from kernel.money import Fen


@dataclass(frozen=True)
class Run:
    """Where a statement begins and ends. ``whole``: no line is missing between."""

    opening_fen: Fen
    closing_fen: Fen
    whole: bool


def run_of(lines: Iterable[tuple[Fen, Fen]]) -> Run | None:
    """The run of a statement's lines, each (amount, balance after it); None without lines. Where lines are missing
    (``whole`` is False) its ends are only those of the lines as they were told.
    """
    told = list(lines)
    if not told:
        return None
    left, reached = Counter(after - fen for fen, after in told), Counter(after for _, after in told)
    begins, ends = list((left - reached).elements()), list((reached - left).elements())
    if len(begins) > 1:
        return Run(told[0][1] - told[0][0], told[-1][1], False)
    if not begins:
        # It came back to where it began.
        return Run(told[0][1] - told[0][0], told[0][1] - told[0][0], True)
    return Run(begins[0], ends[0], True)
