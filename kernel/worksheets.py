"""How far the sheets of an uploaded workbook reach, asked before anything reads it.

Readers lay a sheet out as a full grid up to its farthest cell: a file of a few hundred bytes with one cell at
XFD1048576 would be 17 thousand million cells of memory. The cells of an .xlsx are therefore looked through first, one
after the other. An .xls cannot be measured without being laid out: a process of its own with little memory and time
does it (``kernel/old_workbook.py``), and may die of it.
"""

import io
import json
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.parsers import expat

from kernel.errors import Invalid

MOST_CELLS = 5_000_000
"""Of one sheet, empty ones within its rectangle included."""
MOST_ELEMENTS = 5 * MOST_CELLS
"""Of all parts of a file: a cell with text is four, one that is only coloured is one."""
FEW_ELEMENTS, ELEMENTS_A_BYTE = 500_000, 8
"""What a file of its size may hold: those who write workbooks reach one element a byte; a small file with millions is
made to cost time, half a minute of it for 25 million."""
MOST_UNPACKED = 400_000_000
TOO_LARGE = "file-too-large"
_ZIP_END = b"PK\x05\x06"
"""Every zip has it, also one that begins as something else and would still be opened as one."""
_PLAUSIBLE_END = re.compile(rb"PK\x05\x06(..)\1", re.DOTALL)
_UNICODE_PATH = 0x7075
_OLE = b"\xd0\xcf\x11\xe0"
_PIECE = 1 << 20
OLD_MEMORY, OLD_SECONDS, OLD_CHARACTERS = 1 << 30, 10, 100_000_000
"""What reading an .xls may take: address space in bytes, seconds of work, characters that it tells."""
_OLD_PROTECTED, _OLD_UNREADABLE, _OLD_TOO_LARGE = 3, 4, 5
_READ_OLD = Path(__file__).with_name("old_workbook.py")
_PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_OTHER_FORMATS = frozenset({"mimetype", "content.xml", "xl/workbook.bin"})
"""Parts by which a reader that finds no good .xlsx would read the file as an .ods or .xlsb, which nobody measured."""
_VALUES = frozenset({"v", "is", "f"})
_SPREAD = frozenset({"mergeCell", "hyperlink"})
"""What a reader lays out cell by cell, however little of it there is."""


def must_fit(
    data: bytes, *, rows: int, cells: int = MOST_CELLS, elements: int = MOST_ELEMENTS, code: str = TOO_LARGE
) -> None:
    """Refuse a workbook with a sheet that reaches beyond ``rows`` rows or a rectangle of ``cells`` cells, or that is
    written in more than so many XML ``elements``: some readers keep every coloured cell, though nothing is in it.

    What is no zip passes. Raises Invalid: ``code``; ``file-unreadable`` for a zip that is no
    .xlsx.
    """
    if _ZIP_END not in data:
        return
    elements = min(elements, FEW_ELEMENTS + ELEMENTS_A_BYTE * len(data))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            if sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Invalid(code, f"文件展开后超过 {MOST_UNPACKED // 1_000_000} MB，请分成几个文件再传。")
            names = {part.filename.replace("\\", "/").lower() for part in parts}
            if "xl/workbook.xml" not in names or names & _OTHER_FORMATS:
                raise _unreadable()
            for part in parts:
                # Only a part named .xml can be a sheet: any other target of the workbook is refused in _Reach.
                if part.filename.lower().endswith((".xml", "workbook.xml.rels")):
                    with packed.open(part) as stream:
                        reach = _Reach(rows, cells, elements, code)
                        reach.read(stream)
                        elements = reach.elements
            _must_be_one_archive(data, packed)
    except (zipfile.BadZipFile, expat.ExpatError, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError):
        raise _unreadable() from None


def _must_be_one_archive(data: bytes, packed: zipfile.ZipFile) -> None:
    """Refuse a file in which another reader may find another archive than the one that was measured: a second
    directory behind an end it takes for broken, one found by another field, or parts with a second name."""
    at = data.rfind(_ZIP_END)
    on_disk, entries, _, start = struct.unpack_from("<HHLL", data, at + 8)
    parts = packed.infolist()
    if (
        [found.start() for found in _PLAUSIBLE_END.finditer(data)] != [at]
        or not on_disk == entries == len(parts)
        or start != packed.start_dir
        or len(data) - at - 22 != len(packed.comment)
        or any(_UNICODE_PATH in _extras(part.extra) for part in parts)
    ):
        raise _unreadable()


def _extras(extra: bytes) -> set[int]:
    """The kinds of a part's extra fields."""
    found, at = set(), 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        found.add(kind)
        at += 4 + length
    return found


@contextmanager
def opened(data: bytes, *, rows: int) -> Iterator[Any]:
    """An uploaded workbook (.xlsx or .xls) as calamine's, once no sheet of it reaches beyond ``rows`` rows.

    Raises Invalid: ``file-too-large``, ``file-protected``, ``file-unreadable``.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError  # most processes never open one

    if data.startswith(_OLE):
        yield _old(data, rows, MOST_CELLS)
        return
    must_fit(data, rows=rows)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            yield book
    except PasswordError:
        raise _protected() from None
    except CalamineError:
        raise _unreadable() from None


@dataclass(frozen=True)
class OldSheet:
    """A sheet of an .xls, with the names of calamine's."""

    name: str
    typ: str
    total_height: int
    total_width: int
    cells: list[list[Any]]
    merged_cell_ranges: list[Any]

    def to_python(self, *, skip_empty_area: bool) -> list[list[Any]]:
        """All rows from the first cell on."""
        return self.cells


@dataclass(frozen=True)
class OldBook:
    """An .xls as it was told by the process that read it."""

    sheets_metadata: list[OldSheet]

    @property
    def sheet_names(self) -> list[str]:
        """As calamine's."""
        return [sheet.name for sheet in self.sheets_metadata]

    def get_sheet_by_name(self, name: str) -> OldSheet:
        """As calamine's."""
        return next(sheet for sheet in self.sheets_metadata if sheet.name == name)


def _old(data: bytes, rows: int, cells: int) -> OldBook:
    limits = [str(one) for one in (rows, cells, OLD_MEMORY, OLD_SECONDS, OLD_CHARACTERS)]
    try:
        # Isolated: no path, no environment of ours; the file goes in as bytes and comes out as JSON, believed as such.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(_READ_OLD), *limits],
            input=data,
            capture_output=True,
            timeout=6 * OLD_SECONDS,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise _died() from None
    if done.returncode == _OLD_PROTECTED:
        raise _protected()
    if done.returncode == _OLD_UNREADABLE:
        raise _unreadable()
    if done.returncode == _OLD_TOO_LARGE:
        reach = json.loads(done.stdout)
        _must_be_within(reach["height"], reach["width"], rows, cells)
    if done.returncode:
        raise _died()
    told = json.loads(done.stdout, object_hook=_day)
    return OldBook([OldSheet(*one) for one in told["sheets"]])


def _day(told: dict[str, Any]) -> Any:
    if "datetime" in told:
        return datetime.fromisoformat(told["datetime"])
    return date.fromisoformat(told["date"]) if "date" in told else told


def rows_of(sheet: Any, *, rows: int, cells: int = MOST_CELLS) -> list[list[Any]]:
    """All rows of a calamine sheet from its first cell on, once its size is known to be bearable.

    Raises Invalid: ``file-too-large``.
    """
    _must_be_within(sheet.total_height, sheet.total_width, rows, cells)
    found: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    return found


def _must_be_within(height: int, width: int, rows: int, cells: int, code: str = TOO_LARGE) -> None:
    if height > rows or height * width > cells:
        raise Invalid(
            code,
            f"有一张表一直排到第 {height} 行、第 {width} 列；每张表最多 {rows} 行、{cells // 10_000} 万格（空格也算）。"
            "请删去表格外多余的行和列，或者分成几个文件再传。",
        )


def _protected() -> Invalid:
    return Invalid("file-protected", "文件加了密码，请去掉密码、另存后再试。")


def _died() -> Invalid:
    return Invalid(
        "file-too-large",
        "这个 .xls 文件太大，或者已经损坏，读到一半停了。请在 Excel 或 WPS 里打开，另存为 .xlsx 或 .csv 再传。",
    )


def _unreadable() -> Invalid:
    return Invalid("file-unreadable", "这个文件不是能读的 Excel 表格。请在 Excel 或 WPS 里另存为 .xlsx 后再试。")


class _Reach:
    """Follows the cells of one part as a reader would, and stops at the first that is too far out. ``elements``: how
    many there may still be."""

    def __init__(self, rows: int, cells: int, elements: int, code: str) -> None:
        self.rows, self.cells, self.elements, self.code = rows, cells, elements, code
        self.row = self.column = self.cell_row = self.height = self.width = self.spread = 0

    def read(self, stream: Any) -> None:
        """Raises Invalid, ExpatError."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._doctype
        while piece := stream.read(_PIECE):
            parser.Parse(piece, False)
        parser.Parse(b"", True)

    def _doctype(self, *_: object) -> None:
        raise _unreadable()

    def _start(self, name: str, given: dict[str, str]) -> None:
        self.elements -= 1
        if self.elements < 0:
            raise Invalid(self.code, "文件里的格子太多（只涂了颜色的也算）。请删去表格外多余的行和列，再传。")
        name = name.rpartition(":")[2]
        if name == "row":
            self.row, self.column = self._number(given["r"]) if "r" in given else self.row + 1, 0
        elif name == "c":
            self.cell_row, self.column = self._place(given["r"]) if "r" in given else (self.row, self.column + 1)
        elif name in _VALUES and self.column:
            # A cell without a value is only coloured: readers leave it out.
            self.height, self.width = max(self.height, self.cell_row), max(self.width, self.column)
            _must_be_within(self.height, self.width, self.rows, self.cells, self.code)
        elif name in _SPREAD and ":" in given.get("ref", ""):
            (top, left), (bottom, right) = (self._place(end.replace("$", "")) for end in given["ref"].split(":")[:2])
            self.spread += (abs(bottom - top) + 1) * (abs(right - left) + 1)
            if self.spread > self.cells:
                raise Invalid(self.code, "表里合并的单元格或者链接铺得太大，请去掉后再试。")
        elif name == "Relationship" and not given.get("Target", "").lower().endswith(".xml"):
            raise _unreadable()

    @staticmethod
    def _number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 7):
            raise _unreadable()
        return int(text)

    @staticmethod
    def _place(text: str) -> tuple[int, int]:
        found = _PLACE.fullmatch(text)
        if found is None:
            raise _unreadable()
        column = 0
        for letter in found[1].upper():
            column = column * 26 + ord(letter) - 64
        return int(found[2]), column
