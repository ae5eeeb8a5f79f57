"""The roster in Excel, in and out.

Calamine reads 20,000 rows in about 0.4 s where openpyxl takes 5.6 s, and reads xls too; XlsxWriter writes the answer.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kernel.errors import Invalid
from kernel.worksheets import opened, rows_of
from portal.register.rules.cells import Cell
from portal.register.rules.columns import Field, Header
from portal.register.rules.roster import MAX_ROWS
from portal.register.rules.rows import Problem
from portal.register.rules.tables import Sheet

if TYPE_CHECKING:
    import xlsxwriter.format
    import xlsxwriter.workbook
    import xlsxwriter.worksheet

MAX_BYTES = 30_000_000
MAX_COLUMNS = 200
"""A sheet formatted to its far right edge is cut here; a roster has a dozen columns."""


def read_workbook(source: Path | bytes) -> list[Sheet]:
    """Read all sheets of an ``.xlsx`` or ``.xls`` file. Formulas come as their last computed values.

    Raises ``Invalid``: ``file-missing``, ``file-too-large``, ``file-protected``, ``file-unreadable``.
    """
    if isinstance(source, Path):
        if not source.is_file():
            raise Invalid("file-missing", f"找不到文件：{source.name}。请检查文件名和路径。")
        source = source.read_bytes()
    if len(source) > MAX_BYTES:
        raise Invalid("file-too-large", "文件超过 30 MB，请按小区分开导入。")
    with opened(source, rows=MAX_ROWS) as book:
        return [_read_sheet(book.get_sheet_by_name(sheet.name)) for sheet in book.sheets_metadata if _has_cells(sheet)]


def _has_cells(sheet: Any) -> bool:
    return str(sheet.typ).endswith("WorkSheet")


def _read_sheet(sheet: Any) -> Sheet:
    rows = [[_cell(cell) for cell in row[:MAX_COLUMNS]] for row in rows_of(sheet, rows=MAX_ROWS)]
    return Sheet(sheet.name, rows, sheet.merged_cell_ranges or [])


def _cell(cell: Any) -> Cell:
    return None if cell == "" else cell


@dataclass(frozen=True)
class _Formats:
    plain: "xlsxwriter.format.Format"
    text: "xlsxwriter.format.Format"
    title: "xlsxwriter.format.Format"
    heading: "xlsxwriter.format.Format"
    wrong: "xlsxwriter.format.Format"
    reason: "xlsxwriter.format.Format"
    day: "xlsxwriter.format.Format"


def write_annotated(
    path: Path, sheets: Sequence[Sheet], headers: Sequence[Header | None], problems: Sequence[Problem]
) -> None:
    """Write the roster back as it came, wrong cells red, with a column 错误原因 at the right of the table.

    Title, merged cells, numbers and texts stay what they were; nothing is ever written as a formula or a link.
    """
    import xlsxwriter

    by_row: dict[tuple[int, int], list[Problem]] = defaultdict(list)
    for problem in problems:
        by_row[problem.sheet, problem.row].append(problem)
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        formats = _formats(book)
        for number, sheet in enumerate(sheets):
            rows = {row: found for (of, row), found in by_row.items() if of == number}
            _write_sheet(book.add_worksheet(sheet.name[:31]), sheet, headers[number], rows, formats)


def _formats(book: "xlsxwriter.workbook.Workbook") -> _Formats:
    line = {"border": 1, "border_color": "#BFBFBF", "valign": "vcenter"}
    red = {"bg_color": "#FFC7CE", "font_color": "#9C0006"}
    return _Formats(
        plain=book.add_format(line),
        text=book.add_format({**line, "num_format": "@", "quote_prefix": True}),
        title=book.add_format(
            {"bold": True, "font_size": 14, "align": "center", "valign": "vcenter", "text_wrap": True}
        ),
        heading=book.add_format({**line, "bold": True, "bg_color": "#E7ECEF", "align": "center"}),
        wrong=book.add_format({**line, **red}),
        reason=book.add_format({**line, "font_color": "#9C0006", "text_wrap": True}),
        day=book.add_format({**line, "num_format": "yyyy-mm-dd"}),
    )


def _write_sheet(
    out: "xlsxwriter.worksheet.Worksheet",
    sheet: Sheet,
    header: Header | None,
    problems: Mapping[int, Sequence[Problem]],
    formats: _Formats,
) -> None:
    width = max((len(row) for row in sheet.rows), default=0)
    reason = width if header is None else header.columns.get(Field.PROBLEM, width)
    hidden = {
        (row, column)
        for first, last in sheet.merges
        for row in range(first[0], last[0] + 1)
        for column in range(first[1], last[1] + 1)
        if (row, column) != first
    }
    red = {(row, problem.column) for row, found in problems.items() for problem in found if problem.column is not None}
    # A wrong cell hidden under a merge shows as its visible cell.
    for first, last in sheet.merges:
        red |= {first for row, column in red if first[0] <= row <= last[0] and first[1] <= column <= last[1]}
    for first, last in sheet.merges:
        inside = last[1] < reason
        if inside and first != last:
            style = formats.wrong if first in red else formats.plain
            style = formats.title if header is None or first[0] < header.row else style
            out.merge_range(first[0], first[1], last[0], last[1], "", style)
    for number, row in enumerate(sheet.rows):
        for column, cell in enumerate(row):
            if column == reason or (number, column) in hidden:
                continue
            style = formats.wrong if (number, column) in red else formats.plain
            if header is not None and number <= header.row:
                style = formats.heading if number == header.row else formats.title
            _write_cell(out, number, column, cell, style, formats)
        if number in problems:
            text = "；".join(problem.text for problem in problems[number])
            out.write_string(number, reason, text, formats.reason)
    if header is not None:
        out.write_string(header.row, reason, Field.PROBLEM.value, formats.heading)
        out.freeze_panes(header.row + 1, 0)
        _set_widths(out, sheet, header, reason)


def _write_cell(
    out: "xlsxwriter.worksheet.Worksheet", row: int, column: int, cell: Cell, style: Any, formats: _Formats
) -> None:
    if cell is None:
        out.write_blank(row, column, None, style)
    elif isinstance(cell, bool):
        out.write_boolean(row, column, cell, style)
    elif isinstance(cell, int | float):
        out.write_number(row, column, cell, style)
    elif isinstance(cell, datetime | date | time | timedelta):
        out.write_datetime(row, column, cell, formats.day)
    else:
        out.write_string(row, column, cell, formats.text if style is formats.plain else style)


def _set_widths(out: "xlsxwriter.worksheet.Worksheet", sheet: Sheet, header: Header, reason: int) -> None:
    sample = sheet.rows[header.row : header.row + 200]
    for column in range(reason):
        longest = max((_width(row[column]) for row in sample if column < len(row)), default=0)
        out.set_column(column, column, min(max(longest + 2, 7), 40))
    out.set_column(reason, reason, 60)


def _width(cell: Cell) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in str("" if cell is None else cell))
