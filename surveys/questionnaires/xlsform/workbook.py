"""Spreadsheets as rows that remember where they stood, pyxform's word on them, and writing them."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from pyxform import aliases
from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from kernel.errors import Invalid
from kernel.worksheets import must_fit

MOST_BYTES = 5 << 20
MOST_ROWS = 5000
MOST_COLUMNS = 200
MOST_BESIDE, MOST_CELLS = 100_000, 1_000_000
"""Of any sheet, those we do not read included: pyxform walks through all of them."""
SHEETS = ("survey", "choices", "settings")
KEPT = "gongjian"
LONGEST_CELL = 30_000
Sheets = Mapping[str, Sequence[Mapping[str, str]]]


@dataclass(frozen=True)
class Row:
    """A row of a sheet by column heading; ``number`` as the spreadsheet counts."""

    sheet: str
    number: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        """The cell's text, "" when empty."""
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Workbook:
    """The three sheets we read; ``others``: names of sheets we do not."""

    survey: list[Row]
    choices: list[Row]
    settings: list[Row]
    others: list[str]
    kept: str = ""
    """What our own export keeps in a sheet of its own (``kept``)."""


def _heading(text: str) -> str:
    """A column's one name: pyxform's aliases folded, languages kept (``label::中文``)."""
    parts = [part.strip() for part in re.split(r"::?", text.strip(), maxsplit=1)]
    head = parts[0].lower().replace(" ", "_")
    if head == "bind" and len(parts) == 2:
        head, parts = parts[1].lower(), [parts[1]]
    known = {"relevance": "relevant", "readonly": "read_only", "calculate": "calculation", "caption": "label"}
    known |= {"constraining_message": "constraint_message", "list_name": "list_name", "command": "type"}
    head = known.get(head, head)
    return f"{head}::{parts[1]}" if len(parts) == 2 else head


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).replace("\u00a0", " ").strip()


def read(data: bytes) -> Workbook:
    """The sheets of an .xlsx form. Raises Invalid for what is no such file, or too large a one."""
    if len(data) > MOST_BYTES:
        raise Invalid("form-too-large", f"表格文件太大，最多 {MOST_BYTES >> 20} MB。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > 20 * MOST_BYTES:
                raise Invalid("form-too-large", "表格文件展开后太大。")
        must_fit(data, rows=MOST_BESIDE, cells=MOST_CELLS, code="form-too-large")
        book = load_workbook(io.BytesIO(data), data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError):
        raise Invalid("not-a-form", "这不是完好的 .xlsx 表格。请用表格软件另存为 .xlsx 再试。") from None
    sheets: dict[str, list[Row]] = {name: [] for name in SHEETS}
    others, kept = [], ""
    for sheet in book.worksheets:
        name = sheet.title.strip().lower()
        if name in (KEPT, *SHEETS) and (sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS):
            raise Invalid("form-too-large", f"{sheet.title} 表太大，最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列。")
        if name == KEPT:
            kept = "".join(str(line[0] or "") for line in sheet.iter_rows(min_row=2, max_col=1, values_only=True))
        elif name not in sheets:
            others.append(sheet.title)
        else:
            sheets[name] = list(_rows(name, sheet.iter_rows(values_only=True)))
    if not sheets["survey"]:
        raise Invalid("not-a-form", "没有 survey 表，或者表里没有题目。")
    return Workbook(sheets["survey"], sheets["choices"], sheets["settings"], others, kept)


def _rows(name: str, lines: Any) -> Any:
    headings: list[str] = []
    for number, line in enumerate(lines, 1):
        texts = [_text(value) for value in line]
        if not headings:
            headings = [_heading(text) if text else "" for text in texts]
            if name == "choices":
                headings = [{"value": "name", "list name": "list_name"}.get(one, one) for one in headings]
            continue
        cells = {heading: text for heading, text in zip(headings, texts, strict=False) if heading and text}
        if cells:
            yield Row(name, number, cells)


def xform(form: bytes | Sheets) -> str:
    """The form as ODK Collect reads it (XForm XML), made by pyxform. Raises Invalid with pyxform's own words."""
    try:
        given: Any = (
            {name: [dict(row) for row in rows] for name, rows in form.items()} if isinstance(form, Mapping) else form
        )
        made: str = convert(given, form_name="data", file_type=".xlsx").xform
    except PyXFormError as refused:
        where = re.search(r"\[row : (\d+)\]", str(refused))
        place = f"survey 表第 {where[1]} 行" if where else "表格"
        raise Invalid("form-not-valid", f"pyxform 不接受这份表格：{place}。", {place: [str(refused)[:500]]}) from None
    return made


def select_kind(word: str) -> str:
    """What pyxform takes a select's first word for: "select one", "select all that apply", "rank", or ""."""
    found: Any = aliases.select.get(word, "")
    return str(found)


def written(sheets: Sheets) -> bytes:
    """Sheets as an .xlsx file. Every cell is text: nothing in it is ever a formula."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            columns = list(dict.fromkeys(column for row in rows for column in row))
            for place, column in enumerate(columns):
                sheet.write_string(0, place, column, bold)
            for line, row in enumerate(rows, 1):
                for place, column in enumerate(columns):
                    if row.get(column):
                        sheet.write_string(line, place, row[column])
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, max(len(columns) - 1, 0), 24)
    return out.getvalue()
