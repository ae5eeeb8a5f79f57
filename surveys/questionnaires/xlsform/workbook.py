"""Spreadsheets as rows that remember where they stood, and writing them.

An uploaded form is a stranger's file: it is measured before anything lays it out, every sheet of it, and what a cell
shows and a reader would not see (a formula without its value, cells made one) is told or refused by sheet and row.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from kernel.errors import Invalid
from kernel.worksheets import must_fit

MOST_BYTES = 5 << 20
MOST_UNPACKED = 40 << 20
MOST_ROWS, MOST_COLUMNS = 5000, 200
MOST_SHEETS = 50
MOST_ELEMENTS = 400_000
"""openpyxl keeps an object for every cell of a file, coloured ones included."""
SHEETS = ("survey", "choices", "settings")
NEEDED = {"survey": ("type", "name", "label"), "choices": ("list_name", "name", "label")}
"""Columns without which a sheet says nothing, as they are told; a label may stand in columns of languages."""
OLD_NAMES = {
    "choices": {"value": "name"},
    "settings": {
        "id_string": "form_id",
        "set_form_id": "form_id",
        "title": "form_title",
        "set_form_title": "form_title",
    },
}
"""Columns as older forms call them."""
KEPT = "gongjian"
LONGEST_CELL = 30_000
Sheets = Mapping[str, Sequence[Mapping[str, str]]]


@dataclass(frozen=True)
class Remark:
    """Something to tell, and where it stands; row 0: of the sheet as a whole."""

    sheet: str
    row: int
    text: str

    def __str__(self) -> str:
        return f"{self.sheet} 表第 {self.row} 行：{self.text}" if self.row else f"{self.sheet} 表：{self.text}"


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
    """The three sheets we read. ``others``: names of sheets we do not; ``kept``: what our own export keeps in a sheet
    of its own; ``listed``, ``refused``: what there is to tell of the cells themselves."""

    survey: list[Row]
    choices: list[Row]
    settings: list[Row]
    others: list[str]
    kept: str = ""
    listed: list[Remark] = field(default_factory=list)
    refused: list[Remark] = field(default_factory=list)


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
    """The sheets of an .xlsx form. Raises Invalid for what is no such file, too large a one, or has no sheet of
    questions."""
    must_be_small(data)
    book, formulas = _loaded(data, values=True), _loaded(data, values=False)
    sheets: dict[str, list[Row]] = {name: [] for name in SHEETS}
    others, listed, refused, kept = list[str](), list[Remark](), list[Remark](), ""
    for sheet in book.worksheets:
        name = sheet.title.strip().lower()
        if name == KEPT:
            parts = ((cell.row, str(cell.value)) for cell in _cells(sheet) if cell.column == 1 and cell.row > 1)
            kept = "".join(text for _, text in sorted(parts))
        elif name not in sheets:
            others.append(sheet.title)
        else:
            sheets[name] = list(_rows(name, sheet, listed))
            refused += _unreadable(name, sheet, formulas[sheet.title], listed)
    if not sheets["survey"]:
        raise Invalid("not-a-form", f"没有 survey 表，或者表里没有题目。文件里有：{'、'.join(book.sheetnames)[:200]}。")
    return Workbook(sheets["survey"], sheets["choices"], sheets["settings"], others, kept, listed, refused)


def must_be_small(data: bytes) -> None:
    """Raises Invalid for a file no form needs, before anything lays it out."""
    if len(data) > MOST_BYTES:
        raise Invalid("form-too-large", f"表格文件太大，最多 {MOST_BYTES >> 20} MB。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED:
                raise Invalid("form-too-large", f"表格文件展开后太大，最多 {MOST_UNPACKED >> 20} MB。")
    except (zipfile.BadZipFile, OSError, ValueError):
        raise _not_a_form() from None
    most = MOST_ROWS * MOST_COLUMNS
    must_fit(data, rows=MOST_ROWS, cells=most, elements=MOST_ELEMENTS, code="form-too-large")


def _not_a_form() -> Invalid:
    return Invalid("not-a-form", "这不是完好的 .xlsx 表格。请用表格软件另存为 .xlsx 再试。")


def _loaded(data: bytes, *, values: bool) -> Any:
    try:
        book = load_workbook(io.BytesIO(data), data_only=values)
    except Exception:  # a reader of strangers' files fails in as many ways as there are files
        raise _not_a_form() from None
    if len(book.worksheets) > MOST_SHEETS:
        raise Invalid("form-too-large", f"表格文件里的表太多，最多 {MOST_SHEETS} 张。")
    return book


def _rows(name: str, sheet: Any, listed: list[Remark]) -> Iterator[Row]:
    headings: list[str] = []
    height, width = _reach(sheet)
    if height > MOST_ROWS or width > MOST_COLUMNS:
        raise Invalid("form-too-large", f"{sheet.title} 表太大，最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列。")
    if not height:
        return
    for number, line in enumerate(sheet.iter_rows(max_row=height, max_col=width, values_only=True), 1):
        texts = [_text(value) for value in line]
        if number == 1:
            headings = _headings(name, texts)
            continue
        cells = {heading: text for heading, text in zip(headings, texts, strict=True) if heading and text}
        for place, (heading, text) in enumerate(zip(headings, texts, strict=True), 1):
            if text and not heading:
                listed.append(Remark(name, number, f"{get_column_letter(place)} 列没有列名，没有导入（{text[:40]}）"))
        if cells:
            yield Row(name, number, cells)


def _cells(sheet: Any) -> Iterator[Any]:
    """The cells that hold something. A spreadsheet may be coloured down to its last row and column, and openpyxl's own
    rows lay all of that out."""
    return (cell for cell in sheet._cells.values() if cell.value is not None)


def _reach(sheet: Any) -> tuple[int, int]:
    """The last row and the last column that hold something."""
    places = [(cell.row, cell.column) for cell in _cells(sheet)]
    return max((row for row, _ in places), default=0), max((column for _, column in places), default=0)


def _headings(name: str, texts: Sequence[str]) -> list[str]:
    """The columns of a sheet. Raises Invalid when the first row does not say them."""
    found = [_heading(text) if text else "" for text in texts]
    found = [OLD_NAMES.get(name, {}).get(one, one) for one in found]
    needed = NEEDED.get(name, ())
    if any(word not in found for word in needed[:2]) and any(texts):
        raise Invalid(
            "not-a-form",
            f"{name} 表的第 1 行要是列名，其中要有 {'、'.join(needed)}（照写这几个英文词）。"
            f"现在第 1 行是：{'、'.join(text for text in texts if text)[:200]}。",
        )
    if needed and not any(texts):
        raise Invalid("not-a-form", f"{name} 表的第 1 行是空的。列名（{'、'.join(needed)}）要写在第 1 行。")
    for heading in found:
        if heading and found.count(heading) > 1:
            raise Invalid("not-a-form", f"{name} 表有两列都叫 {heading}。请留一列，或者改名。")
    return found


def _unreadable(name: str, sheet: Any, formulas: Any, listed: list[Remark]) -> Iterator[Remark]:
    """What cannot be taken as it stands; what is taken though it looks otherwise is listed."""
    if sheet.sheet_state != "visible":
        listed.append(Remark(name, 0, "这张表是隐藏的，照样导入了"))
    for cell in _cells(formulas):
        value = sheet[cell.coordinate].value if cell.data_type in ("f", "e") else None
        if cell.data_type == "f" and value is None:
            yield Remark(name, cell.row, f"{cell.coordinate} 是公式，文件里没有它的结果。请改成写好的文字")
        elif cell.data_type == "e" or (cell.data_type == "f" and sheet[cell.coordinate].data_type == "e"):
            yield Remark(name, cell.row, f"{cell.coordinate} 是算错的公式（{value}）")
        elif cell.data_type == "f":
            told = f"{cell.coordinate} 是公式，导入的是它现在的结果（{_text(value)[:40]}）"
            listed.append(Remark(name, cell.row, told))
    for cells in sheet.merged_cells.ranges:
        if cells.max_row > cells.min_row:
            yield Remark(name, cells.min_row, f"{cells.coord} 是合并的单元格，下面几行是空的。请拆开，每一行都写上")
        else:
            listed.append(Remark(name, cells.min_row, f"{cells.coord} 是合并的单元格，只有最左边一格有内容"))
    for number, row in sheet.row_dimensions.items():
        if row.hidden and number <= MOST_ROWS:
            listed.append(Remark(name, number, "这一行是隐藏的，照样导入了"))


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
