"""Figures as bars and words, the same for the public, for staff and for print."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from markupsafe import Markup

from kernel.ratio import percent_text, quotient_text
from kernel.web.svg import Bar, bars
from surveys.questionnaires.rules.tally import EACH_ROW, FEWEST, Cell, Figure, Row

FEW = "未公布"
"""Of what is kept back: few people, or what would give a few away."""
SMALL = "，少"
"""Behind a small number on a page for staff."""
SCORED = ("rating", "matrix")
MOST_BARS = 12
FIRST_BARS = 10
"""Of more bars than ``MOST_BARS`` so many are shown, the greatest first; the others are folded away."""


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
    figures: Sequence[Figure], *, mark_small: bool = False, weighted: Mapping[str, Figure] | None = None
) -> list[DrawnFigure]:
    """All figures, drawn. ``mark_small``: say beside cells of 1 to 4 that they are (for staff); ``weighted``: question
    → the same figure of weighted counts, to be put beside the plain one."""
    return [_figure(figure, (weighted or {}).get(figure.code), mark_small=mark_small) for figure in figures]


def _figure(figure: Figure, weighted: Figure | None, *, mark_small: bool) -> DrawnFigure:
    beside = weighted.rows if weighted and len(weighted.rows) == len(figure.rows) else [None] * len(figure.rows)
    silent = tuple(row.label for row in figure.rows if not row.respondents)
    pairs = [(row, other) for row, other in zip(figure.rows, beside, strict=True) if row.respondents]
    made = [_row(figure, row, other, mark_small=mark_small) for row, other in pairs]
    if figure.kind == "matrix":
        return DrawnFigure(figure, (), tuple(made), satisfaction(figure, pairs), silent)
    places = 2 if figure.kind == "ranking" else len(made)
    return DrawnFigure(figure, tuple(made[:places]), tuple(made[places:]), "", silent)


def _row(figure: Figure, row: Row, weighted: Row | None, *, mark_small: bool) -> Drawn:
    beside = {cell.code: percent_text(cell.n or 0, weighted.of(cell)) for cell in weighted.cells} if weighted else {}
    seen = [cell for cell in row.cells if cell.n]
    hidden = tuple(cell.label for cell in row.cells if cell.n is None)
    more: list[Cell] = []
    if len(seen) > MOST_BARS:
        seen.sort(key=lambda cell: -(cell.n or 0))
        seen, more = seen[:FIRST_BARS], seen[FIRST_BARS:]

    def chart(cells: Sequence[Cell]) -> Markup | str:
        if not cells:
            return ""
        texts = [_bar(row, cell, beside.get(cell.code), mark_small=mark_small) for cell in cells]
        return bars(f"{figure.title}{row.label and '：' + row.label}", texts)

    return Drawn(row, people(figure, row), chart(seen), chart(more), average(figure, row, weighted), hidden)


def people(figure: Figure, row: Row) -> str:
    """How many answered, and what the shares of a row are of."""
    if row.label.startswith(EACH_ROW):
        return f"一共 {row.respondents} 个"
    words = f"{row.respondents} 户回答"
    if row.points and row.full and row.respondents:
        most = row.full // row.respondents
        return f"{words}。排第 1 得 {most} 分，往后每名少 1 分；比例占满分 {row.full} 分"
    return words + ("，可以多选" if figure.kind == "multi" else "")


def _bar(row: Row, cell: Cell, weighted: str | None, *, mark_small: bool) -> Bar:
    n, of = cell.n or 0, row.of(cell)
    unit = "分" if row.points else "个" if row.label.startswith(EACH_ROW) else "户"
    small = SMALL if mark_small and 0 < n < FEWEST else ""
    among = "" if row.asked(cell) == row.respondents else f"/{of}"
    text = f"{percent_text(n, of)}（{n}{among}{unit}{small}）" + (f" 加权 {weighted}" if weighted else "")
    return Bar(cell.label, Fraction(n, of or 1), text)


def satisfaction(figure: Figure, rows: Sequence[tuple[Row, Row | None]]) -> Markup | str:
    """A matrix as bars, one an item: the share of those who gave one of the two best marks, the least satisfied first;
    items of which it may not be said at the end. ``rows``: each with the same of weighted counts, where there is one.
    """

    def share(row: Row) -> Fraction:
        return Fraction(*row.satisfied) if row.satisfied and row.satisfied[1] else Fraction(2)

    def bar(row: Row, weighted: Row | None) -> Bar:
        if row.satisfied is None or not row.satisfied[1]:
            return Bar(row.label, 0, FEW if row.hides else "没有打分")
        words = f"满意 {percent_text(*row.satisfied)}"
        if weighted and weighted.satisfied:
            words += f"，加权 {percent_text(*weighted.satisfied)}"
        return Bar(row.label, share(row), f"{words}；{average(figure, row, weighted)}（{row.satisfied[1]}户打分）")

    if not rows:
        return ""
    ordered = sorted(rows, key=lambda pair: share(pair[0]))
    return bars(f"{figure.title}：满意的占打了分的户", [bar(*pair) for pair in ordered])


def average(figure: Figure, row: Row, weighted: Row | None = None) -> str:
    """A row's average in words, the weighted one beside it, or nothing."""
    if row.mean_of is None:
        return ""
    words = f"平均 {mean_text(figure, row.mean_of)}"
    return words + (f"，加权 {mean_text(figure, weighted.mean_of)}" if weighted and weighted.mean_of else "")


def mean_text(figure: Figure, mean_of: tuple[int, int]) -> str:
    """A (sum, people) as a number with its unit."""
    unit = "分" if figure.kind in SCORED else figure.unit
    return f"{quotient_text(mean_of[0], mean_of[1] * 10**figure.decimals, figure.places)}{unit}"


def weighted_row(figure: Figure, row: Row) -> dict[str, Any]:
    """A row of a figure of weighted counts as texts: its numbers are scaled and say nothing."""
    return {
        "label": row.label,
        "cells": [
            {"code": cell.code, "label": cell.label, "share": percent_text(cell.n or 0, row.of(cell))}
            for cell in row.cells
        ],
        "average": mean_text(figure, row.mean_of) if row.mean_of else "",
        "satisfied": percent_text(*row.satisfied) if row.satisfied else "",
    }
