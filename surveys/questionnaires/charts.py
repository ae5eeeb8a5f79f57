"""Figures as bars and words, the same for the public, for staff and for print."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from kernel.ratio import percent_text, quotient_text
from kernel.web.svg import Bar, bars
from surveys.questionnaires.rules.tally import EACH_ROW, FEWEST, Cell, Figure, Row

FEW = "未公布"
"""Of what is kept back: few people, or what would give a few away."""
SMALL = " 少"
"""Beside a small cell on a page for staff."""
SCORED = ("rating", "matrix")
MOST_BARS = 12
FIRST_BARS = 10
"""Of more bars than ``MOST_BARS`` so many are shown, the greatest first; the others are folded away."""
Weights = Mapping[str, Fraction]
"""Cell → its re-weighted share."""


@dataclass(frozen=True)
class Drawn:
    """A row ready to be shown: how many answered, its bars (``more``: those folded away), its average in words, the
    labels of the cells that are kept back."""

    row: Row
    people: str
    chart: Markup | str
    more: Markup | str
    average: str
    hidden: tuple[str, ...]


@dataclass(frozen=True)
class DrawnFigure:
    """A question ready to be shown. ``satisfaction``: the bars of a matrix, one an item; ``folded``: rows for whoever
    wants to know exactly (each place of a ranking); ``silent``: rows of which nothing is (or may be) said."""

    figure: Figure
    rows: tuple[Drawn, ...]
    folded: tuple[Drawn, ...]
    satisfaction: Markup | str
    silent: tuple[str, ...]

    @property
    def says_something(self) -> bool:
        """Whether there is anything to see."""
        return bool(self.rows or self.satisfaction)

    @property
    def name(self) -> str:
        """Number and title."""
        return f"{self.figure.no}. {self.figure.title}" if self.figure.no else self.figure.title


def drawn(
    figures: Sequence[Figure], *, mark_small: bool = False, weights: Mapping[str, Weights] | None = None
) -> list[DrawnFigure]:
    """All figures, drawn. ``mark_small``: say beside cells of 1 to 4 that they are (for staff); ``weights``: question
    → re-weighted shares to be put beside the raw ones."""
    return [_figure(figure, mark_small=mark_small, weights=(weights or {}).get(figure.code, {})) for figure in figures]


def _figure(figure: Figure, *, mark_small: bool, weights: Weights) -> DrawnFigure:
    silent = tuple(row.label for row in figure.rows if not row.respondents)
    rows = [row for row in figure.rows if row.respondents]
    made = [_row(figure, row, mark_small=mark_small, weights=weights) for row in rows]
    if figure.kind == "matrix":
        return DrawnFigure(figure, (), tuple(made), satisfaction(figure, rows), silent)
    places = 2 if figure.kind == "ranking" else len(made)
    return DrawnFigure(figure, tuple(made[:places]), tuple(made[places:]), "", silent)


def _row(figure: Figure, row: Row, *, mark_small: bool, weights: Weights) -> Drawn:
    seen = [cell for cell in row.cells if cell.n]
    hidden = tuple(cell.label for cell in row.cells if cell.n is None)
    more: list[Cell] = []
    if len(seen) > MOST_BARS:
        seen.sort(key=lambda cell: -(cell.n or 0))
        seen, more = seen[:FIRST_BARS], seen[FIRST_BARS:]

    def chart(cells: Sequence[Cell]) -> Markup | str:
        if not cells:
            return ""
        texts = [_bar(row, cell, mark_small=mark_small, weights=weights) for cell in cells]
        return bars(f"{figure.title}{row.label and '：' + row.label}", texts)

    people = f"一共 {row.respondents} 个" if row.label.startswith(EACH_ROW) else f"{row.respondents} 户回答"
    return Drawn(row, people, chart(seen), chart(more), average(figure, row), hidden)


def _bar(row: Row, cell: Cell, *, mark_small: bool, weights: Weights) -> Bar:
    n, of = cell.n or 0, row.of(cell)
    unit = "分" if row.points else "个" if row.label.startswith(EACH_ROW) else "户"
    text = f"{percent_text(n, of)}（{n}{unit}）"
    if cell.code in weights:
        share = weights[cell.code]
        text += f" 加权 {percent_text(share.numerator, share.denominator)}"
    return Bar(cell.label, Fraction(n, of or 1), text + (SMALL if mark_small and 0 < n < FEWEST else ""))


def satisfaction(figure: Figure, rows: Sequence[Row]) -> Markup | str:
    """A matrix as bars, one an item: the share of those who gave one of the two best marks, the least satisfied first;
    items of which it may not be said at the end."""

    def share(row: Row) -> Fraction:
        return Fraction(*row.satisfied) if row.satisfied and row.satisfied[1] else Fraction(2)

    def bar(row: Row) -> Bar:
        if row.satisfied is None or not row.satisfied[1]:
            return Bar(row.label, 0, FEW if row.hides else "没有打分")
        words = f"满意 {percent_text(*row.satisfied)}"
        return Bar(row.label, share(row), f"{words}，{average(figure, row)}（{row.satisfied[1]}户打分）")

    return bars(f"{figure.title}：满意的占打了分的户", [bar(row) for row in sorted(rows, key=share)]) if rows else ""


def average(figure: Figure, row: Row) -> str:
    """A row's average in words, or nothing."""
    if row.mean_of is None:
        return ""
    total, people = row.mean_of
    unit = "分" if figure.kind in SCORED else figure.unit
    return f"平均 {quotient_text(total, people * 10**figure.decimals, 1)}{unit}"
