"""Tables in markup: many banks' ".xls" is a web page with a table in it, or a spreadsheet as one XML document."""

import html
import re
from collections.abc import Iterator
from xml.parsers import expat

from payments.statements.limits import MOST_COLUMNS, MOST_ROWS, TOO_LONG

_SPAN = re.compile(r"[0-9]{1,9}")
_COLSPAN = re.compile(r"""\bcolspan=["']?([0-9]{1,9})\b""", re.IGNORECASE)
_BEGINS = re.compile("[a-zA-Z/!?]")
_NAME = re.compile("/?([a-z]+[0-9]?)")


class _Rows:
    """The rows of all tables of a file, counted while they are read."""

    def __init__(self) -> None:
        self._many = 0

    def begin(self, table: list[list[str]]) -> None:
        """Add a row to a table. Raises Invalid beyond the limit."""
        self._many += 1
        if self._many > MOST_ROWS:
            raise TOO_LONG
        table.append([])


def html_rows(text: str) -> list[list[str]]:
    """The rows of the largest table of a page; cells that span columns are followed by empty ones. ``[]`` without one.

    Tables within cells of a table are tables of their own.
    """
    page = _Page()
    for told, tag in _pieces(text):
        page.text(told)
        page.tag(tag)
    return max(page.tables, key=len, default=[])


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """A page as (text, the tag after it), without comments. Every character is looked at once: Python's own reader of
    pages takes hours over some megabytes of beginnings that never end.
    """
    at = begin = 0
    while (begin := text.find("<", begin)) >= 0:
        if not _BEGINS.match(text, begin + 1):
            begin += 1  # "a < b"
            continue
        ends = "-->" if text.startswith("<!--", begin) else ">"
        end = text.find(ends, begin)
        if end < 0:
            break
        yield text[at:begin], "" if ends == "-->" else text[begin + 1 : end]
        at = begin = end + len(ends)
    yield text[at:], ""


class _Page:
    def __init__(self) -> None:
        self.tables: list[list[list[str]]] = []
        self._open: list[list[list[str]]] = []
        self._rows = _Rows()
        self._cell: list[str] | None = None
        self._span = 1

    def text(self, told: str) -> None:
        """What stands before the next tag."""
        if self._cell is not None:
            self._cell.append(told)

    def tag(self, tag: str) -> None:
        """A tag, without its brackets."""
        name = _NAME.match(tag.lower())
        if name is not None:
            self._end(name[1]) if tag.startswith("/") else self._begin(name[1], tag)

    def _begin(self, name: str, tag: str) -> None:
        if name == "table":
            self._finish()
            rows: list[list[str]] = []
            self._open.append(rows)
            self.tables.append(rows)
        elif name == "tr" and self._open:
            self._finish()
            self._rows.begin(self._open[-1])
        elif name in ("td", "th") and self._open and self._open[-1]:
            self._finish()
            span = _COLSPAN.search(tag)
            self._cell, self._span = [], min(int(span[1]), MOST_COLUMNS) if span else 1
        elif name == "br" and self._cell is not None:
            self._cell.append(" ")

    def _end(self, name: str) -> None:
        if name in ("td", "th", "tr", "table"):
            self._finish()
        if name == "table" and self._open:
            self._open.pop()

    def _finish(self) -> None:
        if self._cell is None:
            return
        row = self._open[-1][-1] if self._open and self._open[-1] else []
        row += [html.unescape("".join(self._cell)).strip(), *[""] * (self._span - 1)]
        del row[MOST_COLUMNS:]
        self._cell = None


def xml_rows(data: bytes) -> list[list[str]]:
    """The rows of the first worksheet of an XML spreadsheet (Excel 2003) that has any; ``[]`` without one.

    Raises ValueError for what is no XML, or declares a document type: entities could make gigabytes of it.
    """
    sheets = _Sheets()
    try:
        sheets.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from None
    return next(sheets.with_cells(), [])


class _Sheets:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.sheets: list[list[list[str]]] = []
        self._cell: list[str] | None = None
        self._of: list[str] = []
        self._rows = _Rows()

    def with_cells(self) -> Iterator[list[list[str]]]:
        """The sheets that have a cell that is not empty."""
        return (sheet for sheet in self.sheets if any(any(row) for row in sheet))

    def _doctype(self, *_: object) -> None:
        raise ValueError("a document type")

    def _start(self, name: str, given: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "Worksheet":
            self.sheets.append([])
        elif name == "Row" and self.sheets:
            self._rows.begin(self.sheets[-1])
            self._of = []
        elif name == "Cell" and self.sheets and self.sheets[-1]:
            row, index = self.sheets[-1][-1], given.get("ss:Index", "")
            if _SPAN.fullmatch(index) and int(index) <= MOST_COLUMNS:
                row += [""] * (int(index) - 1 - len(row))
            self._of = []
            if len(row) < MOST_COLUMNS:
                row.append("")
                self._of = row
        elif name == "Data" and self._of:
            self._cell = []

    def _end(self, name: str) -> None:
        if name.rpartition(":")[2] == "Data" and self._cell is not None:
            # Unless a row began within the cell: then there is no telling whose text it is.
            if self._of:
                self._of[-1] = "".join(self._cell).strip()
            self._cell = None

    def _text(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
