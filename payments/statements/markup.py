"""Tables in markup: many banks' ".xls" is a web page with a table in it, or a spreadsheet as one XML document."""

from collections.abc import Iterator
from html.parser import HTMLParser
from xml.parsers import expat

MOST_SPAN = 100
"""A cell that spans more columns than a statement has is a mistake, or meant to be one."""


def html_rows(text: str) -> list[list[str]]:
    """The rows of the largest table of a page; cells that span columns are followed by empty ones. ``[]`` without one.

    Tables within cells of a table are tables of their own.
    """
    page = _Page()
    page.feed(text)
    page.close()
    return max(page.tables, key=len, default=[])


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._open: list[list[list[str]]] = []
        self._cell: list[str] | None = None
        self._span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._finish()
            rows: list[list[str]] = []
            self._open.append(rows)
            self.tables.append(rows)
        elif tag == "tr" and self._open:
            self._finish()
            self._open[-1].append([])
        elif tag in ("td", "th") and self._open and self._open[-1]:
            self._finish()
            span = dict(attrs).get("colspan") or "1"
            self._cell, self._span = [], min(int(span), MOST_SPAN) if span.isascii() and span.isdigit() else 1
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._finish()
        if tag == "table" and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _finish(self) -> None:
        if self._cell is None:
            return
        row = self._open[-1][-1] if self._open and self._open[-1] else []
        row += ["".join(self._cell).strip(), *[""] * (self._span - 1)]
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
            self.sheets[-1].append([])
        elif name == "Cell" and self.sheets and self.sheets[-1]:
            row, index = self.sheets[-1][-1], given.get("ss:Index", "")
            if index.isascii() and index.isdigit() and int(index) <= MOST_SPAN:
                row += [""] * (int(index) - 1 - len(row))
            row.append("")
        elif name == "Data" and self.sheets and self.sheets[-1] and self.sheets[-1][-1]:
            self._cell = []

    def _end(self, name: str) -> None:
        if name.rpartition(":")[2] == "Data" and self._cell is not None:
            self.sheets[-1][-1][-1] = "".join(self._cell).strip()
            self._cell = None

    def _text(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
