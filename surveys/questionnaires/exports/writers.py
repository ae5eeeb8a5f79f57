"""Writing the table of answers: an .xlsx with labels, codes, codebook and sums, or a .csv of codes. Row by row, so
that the memory a file takes does not grow with its rows. Nothing in a file is ever a formula.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from kernel.ratio import percent_text, quotient_text
from surveys.questionnaires.rules.columns import TableColumn, csv_text
from surveys.questionnaires.rules.questions.base import Held
from surveys.questionnaires.rules.tally import Figure

Row = Mapping[str, tuple[Held, Held]]
"""Column code → (as a code, as people read it)."""
LONGEST_CELL = 32767
MOST_COLUMNS = 16000
CODEBOOK = ("列代码", "题号", "题目", "选项或行", "题型", "代码", "意思")
SUMS = ("题号", "题目", "行", "选项", "户数", "回答该题的户数", "比例", "平均")


class Writer(Protocol):
    """A file being written."""

    def row(self, row: Row) -> None:
        """Add a response."""

    def close(self, figures: Sequence[Figure], people: int) -> None:
        """Add the sums and finish the file; ``people``: how many rows there are."""


class CsvFile:
    """Codes only, UTF-8 with the mark by which Excel knows it; words that look like formulas begin with '."""

    def __init__(self, path: Path, columns: Sequence[TableColumn]) -> None:
        self._columns = columns
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow([csv_text(column.code) for column in columns])

    def row(self, row: Row) -> None:
        """See :class:`Writer`."""
        empty = ("", "")
        self._csv.writerow([csv_text(row.get(column.code, empty)[0]) for column in self._columns])

    def close(self, figures: Sequence[Figure], people: int) -> None:
        """See :class:`Writer`; a flat table has no place for sums."""
        self._file.close()


class XlsxFile:
    """Four sheets: 答卷 (labels), 代码 (codes), 说明 (the codebook), 汇总 (the figures of the results page)."""

    def __init__(self, path: Path, columns: Sequence[TableColumn]) -> None:
        self._columns = columns
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "tmpdir": str(path.parent),
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._bold = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._words, self._codes = self._book.add_worksheet("答卷"), self._book.add_worksheet("代码")
        self._explained, self._sums = self._book.add_worksheet("说明"), self._book.add_worksheet("汇总")
        self._next = 1
        for sheet, names in (
            (self._words, [column.heading for column in columns]),
            (self._codes, [column.code for column in columns]),
        ):
            sheet.freeze_panes(1, 0)
            self._line(sheet, 0, names, self._bold)
        self._codebook()

    def _codebook(self) -> None:
        self._line(self._explained, 0, CODEBOOK, self._bold)
        at = 1
        for column in self._columns:
            about = (column.code, column.no, column.title, column.part, column.kind)
            for code, label in column.values or (("", ""),):
                self._line(self._explained, at, (*about, code, label))
                at += 1

    def _line(self, sheet: Worksheet, at: int, cells: Sequence[Held], style: Any = None) -> None:
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                if cell:
                    sheet.write_string(at, column, cell[:LONGEST_CELL], style)
            else:
                sheet.write_number(at, column, cell, style)

    def row(self, row: Row) -> None:
        """See :class:`Writer`."""
        empty = ("", "")
        pairs = [row.get(column.code, empty) for column in self._columns]
        self._line(self._codes, self._next, [pair[0] for pair in pairs])
        self._line(self._words, self._next, [pair[1] for pair in pairs])
        self._next += 1

    def close(self, figures: Sequence[Figure], people: int) -> None:
        """See :class:`Writer`."""
        self._line(self._sums, 0, SUMS, self._bold)
        self._line(self._sums, 1, ("", "答卷总数", "", "", people))
        at = 2
        for line in sum_lines(figures):
            self._line(self._sums, at, line)
            at += 1
        self._book.close()


def sum_lines(figures: Sequence[Figure]) -> Iterator[tuple[Held, ...]]:
    """The figures of the results page as lines of the sheet 汇总 (``SUMS``); points of a ranking carry their word."""
    for figure in figures:
        for row in figure.rows:
            about = (figure.no, figure.title, row.label)
            if row.mean_of is not None:
                average = quotient_text(row.mean_of[0], row.mean_of[1] * 10**figure.decimals, 1)
                yield (*about, "", "", row.respondents or 0, "", average)
            for cell in row.cells:
                n = cell.n or 0
                yield (*about, cell.label, n, row.respondents or 0, percent_text(n, row.of(cell)))
