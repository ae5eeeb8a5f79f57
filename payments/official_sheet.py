"""An official sheet (.xlsx) as offices file it: title, unit line, numbered rows, sums, 填报人/审核人/日期."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import xlsxwriter

from kernel.clock import day_text
from kernel.money import Fen, yuan_text

FONT = "宋体"


@dataclass(frozen=True)
class Column:
    """A column: its head, its width in characters, and whether its cells are amounts in fen."""

    head: str
    width: int
    is_money: bool = False


def official_sheet(
    *, title: str, unit: str, day: date, columns: Sequence[Column], rows: Sequence[Sequence[str | int]], note: str = ""
) -> bytes:
    """The sheet as bytes. Amounts stand as text with two places, exactly as on the pages: a spreadsheet's own numbers
    are floats. The last row sums the columns of amounts. ``unit``: who files it.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet("表")
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    base = {"font_name": FONT, "font_size": 11, "valign": "vcenter"}
    plain, bare = book.add_format({**base, "border": 1}), book.add_format(base)
    head = book.add_format({**base, "border": 1, "bold": True, "align": "center", "text_wrap": True})
    money = book.add_format({**base, "border": 1, "align": "right"})
    big = book.add_format({**base, "font_size": 18, "bold": True, "align": "center"})
    last = len(columns)
    page.merge_range(0, 0, 0, last, title, big)
    page.write_string(1, 0, f"填报单位：{unit}", bare)
    page.write_string(1, last, "单位：元", bare)
    page.set_column(0, 0, 6)
    page.write_string(2, 0, "序号", head)
    for at, column in enumerate(columns, 1):
        page.set_column(at, at, column.width)
        page.write_string(2, at, column.head, head)
    page.repeat_rows(2)
    line = 3
    for number, row in enumerate(rows, 1):
        page.write_string(line, 0, str(number), plain)
        for at, (column, value) in enumerate(zip(columns, row, strict=True), 1):
            page.write_string(
                line, at, yuan_text(int(value)) if column.is_money else str(value), money if column.is_money else plain
            )
        line += 1
    page.write_string(line, 0, "合计", head)
    for at, column in enumerate(columns, 1):
        if column.is_money:
            page.write_string(line, at, yuan_text(_sum(rows, at - 1)), money)
        else:
            page.write_string(line, at, "", plain)
    foot = f"填报人：　　　　　　　　审核人：　　　　　　　　日期：{day_text(day)}"
    page.write_string(line + 1, 0, foot, bare)
    if note:
        page.write_string(line + 2, 0, note, bare)
    book.close()
    return out.getvalue()


def _sum(rows: Sequence[Sequence[str | int]], at: int) -> Fen:
    return sum(int(row[at]) for row in rows)
