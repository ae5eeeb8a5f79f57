"""Writing the table of answers: an .xlsx with labels, codes, codebook and sums, or a .csv of codes. Row by row, so
that the memory a file takes does not grow with its rows. Nothing in a file is ever a formula.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter

from surveys.questionnaires.exports.sav import spss_lines
from surveys.questionnaires.exports.sums import BOOK, line, write_official, write_sums
from surveys.questionnaires.rules.columns import TableColumn, csv_text
from surveys.questionnaires.rules.layout import Line
from surveys.questionnaires.rules.questions.base import Held
from surveys.questionnaires.rules.tally import Figure

MOST_COLUMNS = 16000
CODEBOOK = ("列代码", "题号", "题目", "选项或行", "题型", "代码", "意思", "SPSS变量和值")


class Writer(Protocol):
    """A file being written. ``has_sums``: whether it has a place for the figures, which cost a count of every sheet;
    ``blank``: a line with nothing in it."""

    has_sums: bool
    blank: Line

    def cell(self, place: int, coded: Held, said: Held) -> Any:
        """What stands in a line where a column holds this; the same for the same, so that it may be kept."""

    def row(self, line: Line) -> None:
        """Add a response."""

    def close(self, figures: Sequence[Figure], people: int) -> None:
        """Add the sums and finish the file; ``people``: how many rows there are."""


_NEEDS_QUOTES = re.compile('[",\r\n]')


class CsvFile:
    """Codes only, UTF-8 with the mark by which Excel knows it; words that look like formulas begin with '. Written as
    RFC 4180 says: a cell is quoted once, wherever it comes again, and a line is only put together."""

    has_sums = False

    def __init__(self, path: Path, columns: Sequence[TableColumn]) -> None:
        self.blank: Line = [""] * len(columns)
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self.row([self.cell(place, column.code, "") for place, column in enumerate(columns)])

    def cell(self, place: int, coded: Held, said: Held) -> str:
        """See :class:`Writer`."""
        text = csv_text(coded)
        return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text

    def row(self, line: Line) -> None:
        """See :class:`Writer`."""
        self._file.write(",".join(line) + "\r\n")

    def close(self, figures: Sequence[Figure], people: int) -> None:
        """See :class:`Writer`; a flat table has no place for sums."""
        self._file.close()


class XlsxFile:
    """Five sheets: 答卷 (labels), 代码 (codes), 说明 (the codebook), 汇总 (the figures of the results page), 汇总表
    (the same in the layout offices hand in: title, unit, 填报人, 审核人, date)."""

    has_sums = True

    def __init__(self, path: Path, columns: Sequence[TableColumn], *, title: str, day: str) -> None:
        self._columns, self._title, self._day = columns, title, day
        self.blank: Line = [("", "")] * len(columns)
        self._book = xlsxwriter.Workbook(str(path), {**BOOK, "tmpdir": str(path.parent)})
        self._bold = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._words, self._codes = self._book.add_worksheet("答卷"), self._book.add_worksheet("代码")
        self._explained, self._sums = self._book.add_worksheet("说明"), self._book.add_worksheet("汇总")
        self._official = self._book.add_worksheet("汇总表")
        self._next = 1
        for sheet, names in (
            (self._words, [column.heading for column in columns]),
            (self._codes, [column.code for column in columns]),
        ):
            sheet.freeze_panes(1, 0)
            line(sheet, 0, names, self._bold)
        self._codebook()

    def _codebook(self) -> None:
        line(self._explained, 0, CODEBOOK, self._bold)
        at = 1
        for column, values in spss_lines(self._columns):
            about = (column.code, column.no, column.title, column.part, column.kind)
            for code, label, spss in values:
                line(self._explained, at, (*about, code, label, spss))
                at += 1

    def cell(self, place: int, coded: Held, said: Held) -> tuple[Held, Held]:
        """See :class:`Writer`."""
        return coded, said

    def row(self, cells: Line) -> None:
        """See :class:`Writer`."""
        line(self._codes, self._next, [coded for coded, _ in cells])
        line(self._words, self._next, [said for _, said in cells])
        self._next += 1

    def close(self, figures: Sequence[Figure], people: int) -> None:
        """See :class:`Writer`."""
        write_sums(self._book, self._sums, figures, people)
        write_official(self._book, self._official, figures, people, title=self._title, day=self._day)
        self._book.close()
