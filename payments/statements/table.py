"""A statement's file as a table of cells: CSV in either of China's encodings, or a workbook."""

import csv
import io
from collections.abc import Sequence

from kernel.errors import Invalid
from kernel.worksheets import opened, rows_of
from payments.rules.statement import Cell

MOST_BYTES = 10_000_000
MOST_ROWS = 50_000
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read_table(data: bytes) -> list[Sequence[Cell]]:
    """All rows of the file; of a workbook those of its first sheet that has any.

    Raises Invalid: ``file-too-large``, ``file-protected``, ``file-unreadable``.
    """
    if len(data) > MOST_BYTES:
        raise Invalid("file-too-large", "文件超过 10 MB，请按月分开导出。")
    rows = _workbook(data) if data[:4] in (_ZIP, _OLE) else _text(data)
    if len(rows) > MOST_ROWS:
        raise Invalid("file-too-large", "文件超过 5 万行，请按月分开导出。")
    return rows


def _workbook(data: bytes) -> list[Sequence[Cell]]:
    with opened(data, rows=MOST_ROWS) as book:
        for name in book.sheet_names:
            rows = rows_of(book.get_sheet_by_name(name), rows=MOST_ROWS)
            if any(any(cell != "" for cell in row) for row in rows):
                return [[cell if isinstance(cell, Cell) else str(cell) for cell in row[:100]] for row in rows]
    return []


def _text(data: bytes) -> list[Sequence[Cell]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        first = text[: text.find("\n") if "\n" in text else None]
        delimiter = "\t" if first.count("\t") > first.count(",") else ","
        try:
            return [row[:100] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
        except csv.Error:
            break
    raise Invalid("file-unreadable", "这个文件不是能读的表格，请另存为 .xlsx 或 .csv 后再试。")
