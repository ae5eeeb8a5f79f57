"""A statement's file as a table of cells, whatever its name says: a workbook, text between commas or tabs in any of
China's encodings, or markup. Banks call several of them .xls.
"""

import csv
import io
import re
from collections.abc import Sequence

from kernel.errors import Invalid
from kernel.worksheets import opened, rows_of
from payments.rules.statement import Cell
from payments.statements.limits import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, TOO_LARGE, TOO_LONG
from payments.statements.markup import html_rows, xml_rows

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_PAGE = re.compile(r"\s*(<!doctype html|<html|<head|<meta|<table|<style|<body|<div)", re.IGNORECASE)
_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_LOOKED_AT = 60
"""Lines that tell what stands between the cells: a few lines of title come before the headings."""
_UNREADABLE = Invalid(
    "file-unreadable",
    "这个文件不是能读的表格。请在网银重新导出 Excel 或 CSV，或者用 Excel、WPS 打开它，另存为 .xlsx 或 .csv 再传。",
)


def read_table(data: bytes) -> list[Sequence[Cell]]:
    """All rows of the file; of a workbook those of its first sheet that has any.

    Raises Invalid: ``file-too-large``, ``file-protected``, ``file-unreadable``.
    """
    if len(data) > MOST_BYTES:
        raise TOO_LARGE
    rows = _workbook(data) if data[:4] in (_ZIP, _OLE) else _text(data)
    if len(rows) > MOST_ROWS:
        raise TOO_LONG
    return rows


def _workbook(data: bytes) -> list[Sequence[Cell]]:
    with opened(data, rows=MOST_ROWS) as book:
        for name in book.sheet_names:
            rows = rows_of(book.get_sheet_by_name(name), rows=MOST_ROWS)
            if any(any(cell != "" for cell in row) for row in rows):
                return [[cell if isinstance(cell, Cell) else str(cell) for cell in row[:MOST_COLUMNS]] for row in rows]
    return []


def _text(data: bytes) -> list[Sequence[Cell]]:
    for encoding in ("utf-16",) if data[:2] in _UTF_16 else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return _rows(text)
    raise _UNREADABLE


def _rows(text: str) -> list[Sequence[Cell]]:
    if _SPREADSHEET in text[:4_000]:
        try:
            # What it says of its encoding is no longer true.
            found = xml_rows(re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode())
        except ValueError:
            raise _UNREADABLE from None
    elif _PAGE.match(text):
        found = html_rows(text)
        if not found:
            raise _UNREADABLE
    else:
        found = _separated(text)
    return [[_bare(cell) for cell in row[:MOST_COLUMNS]] for row in found]


def _separated(text: str) -> list[list[str]]:
    first = text.split("\n", _LOOKED_AT)[:_LOOKED_AT]
    between = max(",\t;", key=lambda mark: max(line.count(mark) for line in first))
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=between))
    except csv.Error:
        raise _UNREADABLE from None


def _bare(cell: str) -> str:
    """A cell without what keeps a spreadsheet from taking it for a number: a tab, a mark in front, ="…"."""
    text = cell.strip().removeprefix("`").removeprefix("'").strip()
    return text[2:-1] if text.startswith('="') and text.endswith('"') else text
