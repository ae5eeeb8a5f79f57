"""The figures of a results page as sheets of a workbook: one to calculate with, one in the layout offices hand in."""

from collections.abc import Iterator, Sequence
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from kernel.errors import Invalid
from kernel.ratio import percent_text, quotient_text
from surveys.questionnaires.charts import FEW
from surveys.questionnaires.rules.questions.base import Held
from surveys.questionnaires.rules.tally import Figure

LONGEST_CELL = 32767
"""What Excel holds in one cell."""
MOST_ROWS = 1_048_575
"""What Excel holds on one sheet below the headings."""
TOO_MANY_ROWS = Invalid("too-many-rows", "答卷多于 1048575 份，xlsx 的一张表放不下。请按小区分开导出，或用 csv。")
BOOK = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
"""How every workbook is opened: memory does not grow with its rows, and nothing in it is a formula or a link."""
SUMS = ("题号", "题目", "行", "选项", "户数", "回答该题的户数", "比例", "平均")
OFFICIAL = ("题号", "题目", "行", "选项", "户数", "回答户数", "比例", "平均")
OFFICIAL_WIDTHS = (6, 30, 16, 24, 9, 10, 10, 10)


def line(sheet: Worksheet, at: int, cells: Sequence[Held], style: Any = None, *, first: int = 0) -> None:
    """Write a line: words as words whatever they look like, numbers as numbers."""
    for column, cell in enumerate(cells, first):
        if isinstance(cell, str):
            if len(cell) > LONGEST_CELL:
                # Nothing is cut in silence: no kind of question takes as much.
                raise Invalid("too-long-for-xlsx", "有一格的内容太长，xlsx 放不下，请用 csv 导出。")
            if cell:
                sheet.write_string(at, column, cell, style)
        else:
            sheet.write_number(at, column, cell, style)


def sum_lines(figures: Sequence[Figure]) -> Iterator[tuple[Held, ...]]:
    """The figures as lines (``SUMS``); what is kept back says so."""
    for figure in figures:
        for row in figure.rows:
            about, people = (figure.no, figure.title, row.label), FEW if row.respondents is None else row.respondents
            if row.mean_of is not None:
                average = quotient_text(row.mean_of[0], row.mean_of[1] * 10**figure.decimals, figure.places)
                yield (*about, "", "", people, "", average)
            for cell in row.cells:
                if cell.n is None:
                    yield (*about, cell.label, FEW, people, FEW)
                else:
                    asked = people if (of := row.asked(cell)) is None else of
                    yield (*about, cell.label, cell.n, asked, percent_text(cell.n, row.of(cell)))


def write_sums(book: Workbook, sheet: Worksheet, figures: Sequence[Figure], people: int) -> None:
    """The sheet 汇总; ``people``: how many households there are sheets of."""
    line(sheet, 0, SUMS, book.add_format({"bold": True, "text_wrap": True, "valign": "top"}))
    line(sheet, 1, ("", "答卷总数", "", "", people))
    for at, cells in enumerate(sum_lines(figures), 2):
        line(sheet, at, cells)


def write_official(
    book: Workbook, sheet: Worksheet, figures: Sequence[Figure], people: int, *, title: str, day: str
) -> None:
    """The sheet offices hand in: merged title and foot, a question's number and title on its first line."""
    big = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    head = book.add_format({"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True})
    framed = book.add_format({"border": 1, "valign": "vcenter", "text_wrap": True})
    for column, width in enumerate(OFFICIAL_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    last = len(OFFICIAL) - 1
    sheet.merge_range(0, 0, 0, last, f"{title}汇总表", big)
    sheet.merge_range(1, 0, 1, 3, f"答卷总数：{people}")
    sheet.merge_range(1, 4, 1, last, "单位：户")
    sheet.write_row(2, 0, OFFICIAL, head)
    at = 3
    for figure in figures:
        for number, cells in enumerate(sum_lines([figure])):
            # Not merged downwards: rows must be written one after the other, so that memory stays flat.
            for column, words in enumerate((figure.no, figure.title) if number == 0 else ("", "")):
                sheet.write_string(at, column, words, framed)
            line(sheet, at, cells[2:], framed, first=2)
            at += 1
    sheet.merge_range(at, 0, at, 1, "填报人：")
    sheet.merge_range(at, 2, at, 4, "审核人：")
    sheet.merge_range(at, 5, at, last, f"填报日期：{day}")
