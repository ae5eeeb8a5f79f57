"""Writing the table of answers: an .xlsx with labels, codes, codebook and sums, or a .csv of codes. Row by row, so
that the memory a file takes does not grow with its rows. Nothing in a file is ever a formula.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from kernel.ratio import percent_text, quotient_text
from surveys.questionnaires.exports.sav import spss_lines
from surveys.questionnaires.rules.columns import Row, TableColumn, csv_text
from surveys.questionnaires.rules.questions.base import Held
from surveys.questionnaires.rules.tally import Figure

LONGEST_CELL = 32767
MOST_COLUMNS = 16000
CODEBOOK = ("列代码", "题号", "题目", "选项或行", "题型", "代码", "意思", "SPSS变量和值")
OFFICIAL = ("题号", "题目", "行", "选项", "户数", "回答户数", "比例", "平均")
OFFICIAL_WIDTHS = (6, 30, 16, 24, 9, 10, 10, 10)
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
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow([csv_text(column.code) for column in columns])

    def row(self, row: Row) -> None:
        """See :class:`Writer`."""
        # A whole number and an empty cell are what they are; everything else is looked at.
        self._csv.writerow([cell if cell == "" or type(cell) is int else csv_text(cell) for cell in row.coded])

    def close(self, figures: Sequence[Figure], people: int) -> None:
        """See :class:`Writer`; a flat table has no place for sums."""
        self._file.close()


class XlsxFile:
    """Five sheets: 答卷 (labels), 代码 (codes), 说明 (the codebook), 汇总 (the figures of the results page), 汇总表
    (the same in the layout offices hand in: title, unit, 填报人, 审核人, date)."""

    def __init__(self, path: Path, columns: Sequence[TableColumn], *, title: str, day: str) -> None:
        self._columns, self._title, self._day = columns, title, day
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
        self._official = self._book.add_worksheet("汇总表")
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
        for column, values in spss_lines(self._columns):
            about = (column.code, column.no, column.title, column.part, column.kind)
            for code, label, spss in values:
                self._line(self._explained, at, (*about, code, label, spss))
                at += 1

    def _line(self, sheet: Worksheet, at: int, cells: Sequence[Held], style: Any = None, *, first: int = 0) -> None:
        for column, cell in enumerate(cells, first):
            if isinstance(cell, str):
                if cell:
                    sheet.write_string(at, column, cell[:LONGEST_CELL], style)
            else:
                sheet.write_number(at, column, cell, style)

    def row(self, row: Row) -> None:
        """See :class:`Writer`."""
        self._line(self._codes, self._next, row.coded)
        self._line(self._words, self._next, row.said)
        self._next += 1

    def close(self, figures: Sequence[Figure], people: int) -> None:
        """See :class:`Writer`."""
        self._line(self._sums, 0, SUMS, self._bold)
        self._line(self._sums, 1, ("", "答卷总数", "", "", people))
        at = 2
        for line in sum_lines(figures):
            self._line(self._sums, at, line)
            at += 1
        self._hand_in(figures, people)
        self._book.close()

    def _hand_in(self, figures: Sequence[Figure], people: int) -> None:
        """The sheet offices hand in: merged title and foot, a question's number and title on its first line."""
        add, sheet = self._book.add_format, self._official
        title = add({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        head = add({"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True})
        line = add({"border": 1, "valign": "vcenter", "text_wrap": True})
        for column, width in enumerate(OFFICIAL_WIDTHS):
            sheet.set_column(column, column, width)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(2)
        last = len(OFFICIAL) - 1
        sheet.merge_range(0, 0, 0, last, f"{self._title}汇总表", title)
        sheet.merge_range(1, 0, 1, 3, f"答卷总数：{people}")
        sheet.merge_range(1, 4, 1, last, "单位：户")
        sheet.write_row(2, 0, OFFICIAL, head)
        at = 3
        for figure in figures:
            lines = [entry[2:] for entry in sum_lines([figure])]
            for number, entry in enumerate(lines):
                # Not merged downwards: rows must be written one after the other, so that memory stays flat.
                for column, words in enumerate((figure.no, figure.title) if number == 0 else ("", "")):
                    sheet.write_string(at, column, words, line)
                self._line(sheet, at, entry, line, first=2)
                at += 1
        sheet.merge_range(at, 0, at, 1, "填报人：")
        sheet.merge_range(at, 2, at, 4, "审核人：")
        sheet.merge_range(at, 5, at, last, f"填报日期：{self._day}")


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
