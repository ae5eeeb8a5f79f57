"""Writing the table of answers: an .xlsx with labels, codes, codebook and sums, or a .csv of codes. Row by row, so
that the memory a file takes does not grow with its rows. Nothing in a file is ever a formula.
"""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import xlsxwriter

from surveys.questionnaires.exports.sav import spss_lines
from surveys.questionnaires.exports.sums import BOOK, line, write_official, write_sums
from surveys.questionnaires.rules.columns import Row, TableColumn, csv_text
from surveys.questionnaires.rules.tally import Figure

MOST_COLUMNS = 16000
CODEBOOK = ("列代码", "题号", "题目", "选项或行", "题型", "代码", "意思", "SPSS变量和值")


class Writer(Protocol):
    """A file being written. ``has_sums``: whether it has a place for the figures, which cost a count of every sheet."""

    has_sums: bool

    def row(self, row: Row) -> None:
        """Add a response."""

    def close(self, figures: Sequence[Figure], people: int) -> None:
        """Add the sums and finish the file; ``people``: how many rows there are."""


class CsvFile:
    """Codes only, UTF-8 with the mark by which Excel knows it; words that look like formulas begin with '."""

    has_sums = False

    def __init__(self, path: Path, columns: Sequence[TableColumn]) -> None:
        # Numbers, and codes from a closed list that cannot look like formulas, are what they are.
        self._looked_at = [place for place, column in enumerate(columns) if not _harmless(column)]
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow([csv_text(column.code) for column in columns])

    def row(self, row: Row) -> None:
        """See :class:`Writer`."""
        cells = row.coded
        for place in self._looked_at:
            cells[place] = csv_text(cells[place])
        self._csv.writerow(cells)

    def close(self, figures: Sequence[Figure], people: int) -> None:
        """See :class:`Writer`; a flat table has no place for sums."""
        self._file.close()


def _harmless(column: TableColumn) -> bool:
    if column.is_number:
        return True
    return bool(column.values) and all(csv_text(code) == str(code) for code, _ in column.values)


class XlsxFile:
    """Five sheets: 答卷 (labels), 代码 (codes), 说明 (the codebook), 汇总 (the figures of the results page), 汇总表
    (the same in the layout offices hand in: title, unit, 填报人, 审核人, date)."""

    has_sums = True

    def __init__(self, path: Path, columns: Sequence[TableColumn], *, title: str, day: str) -> None:
        self._columns, self._title, self._day = columns, title, day
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

    def row(self, row: Row) -> None:
        """See :class:`Writer`."""
        line(self._codes, self._next, row.coded)
        line(self._words, self._next, row.said)
        self._next += 1

    def close(self, figures: Sequence[Figure], people: int) -> None:
        """See :class:`Writer`."""
        write_sums(self._book, self._sums, figures, people)
        write_official(self._book, self._official, figures, people, title=self._title, day=self._day)
        self._book.close()
