"""Figures as bars and words, the same for the public, for staff and for print."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kernel.ratio import percent_text, quotient_text
from kernel.web.svg import Bar, bars
from surveys.questionnaires.rules.tally import FEWEST, Cell, Figure, Row

FEW = "未公布"
"""Of what is kept back: few people, or what would give a few away."""
SMALL = " 少"
"""Beside a small cell on a page for staff."""
SCORED = ("rating", "matrix")


@dataclass(frozen=True)
class Drawn:
    """A row ready to be shown: its bars, its average in words, how many are satisfied in words ("" = nothing)."""

    row: Row
    chart: Markup | str
    average: str
    satisfied: str


def drawn(figures: Sequence[Figure], *, mark_small: bool = False) -> list[tuple[Figure, list[Drawn]]]:
    """All figures with their rows drawn. ``mark_small``: say beside cells of 1 to 4 that they are (for staff)."""
    return [
        (
            figure,
            [
                Drawn(row, chart(figure, row, mark_small=mark_small), average(figure, row), satisfied(row))
                for row in figure.rows
            ],
        )
        for figure in figures
    ]


def chart(figure: Figure, row: Row, *, mark_small: bool = False) -> Markup | str:
    """A row's cells as bars; shares are of those who answered the question, points of the most that could be had."""
    if not row.cells or not row.respondents:
        return ""
    most = max((cell.n or 0 for cell in row.cells), default=0)
    unit = "分" if row.points else "户"
    return bars(
        f"{figure.title}{row.label and '：' + row.label}",
        [
            Bar(
                cell.label,
                (cell.n or 0) / (row.of(cell) or 1),
                _text(row, cell, unit, mark_small=mark_small),
                highlight=False,
            )
            for cell in row.cells
            if cell.n is None or cell.n > 0 or most == 0
        ],
    )


def _text(row: Row, cell: Cell, unit: str, *, mark_small: bool) -> str:
    if cell.n is None:
        return FEW
    small = SMALL if mark_small and 0 < cell.n < FEWEST else ""
    return f"{percent_text(cell.n, row.of(cell))}（{cell.n}{unit}）{small}"


def average(figure: Figure, row: Row) -> str:
    """A row's average in words, or nothing."""
    if row.mean_of is None:
        return ""
    total, people = row.mean_of
    unit = "分" if figure.kind in SCORED else figure.unit
    return f"平均 {quotient_text(total, people * 10**figure.decimals, 1)}{unit}"


def satisfied(row: Row) -> str:
    """How many of a matrix row gave one of the two best marks, in words; nothing where nobody gave a mark."""
    if row.satisfied is None or not row.satisfied[1]:
        return ""
    return f"满意 {percent_text(*row.satisfied)}"
