"""Writing an SPSS system file (.sav) row by row, so that the memory it takes does not grow with its rows.

The libraries that write .sav want the whole table in memory first, so this writes the format itself (as PSPP
documents it): header, a record a variable, value labels, extensions (UTF-8, long names, strings over 255 bytes), then
the cases in the format's own byte compression. The tests read the files back with ReadStat, the library of R's haven.

What was chosen is a number with its label (SPSS's own way); numbers are numbers with their decimals; typed words are
strings wide enough for the longest answer the questionnaire takes. What was not answered is system-missing.
"""

import math
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from kernel.errors import Invalid
from surveys.questionnaires.rules.columns import TableColumn
from surveys.questionnaires.rules.layout import Line
from surveys.questionnaires.rules.questions.base import Held
from surveys.questionnaires.rules.tally import Figure

_BIAS = 100
_SPACES = b" " * 8
_SYSMIS, _RAW, _BLANK, _END = 255, 253, 254, 252
_LARGEST = 251 - _BIAS
"""The greatest whole number that one byte says."""
_SEGMENT, _LONGEST = 252, 255
_NAME = re.compile(r"[^A-Za-z0-9_.\u4e00-\u9fff]")
_RESERVED = {"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"}
LABEL_BYTES, VALUE_LABEL_BYTES = 255, 120
WIDEST = 32767
USUAL_CHARACTERS = 400
"""Of strings whose question does not say how long they may be (a door, a receipt, a date)."""


@dataclass(frozen=True)
class Variable:
    """A column as SPSS knows it. ``width`` 0: a number with ``decimals``; ``codes``: what was chosen → its number."""

    column: TableColumn
    name: str
    short: str
    width: int
    decimals: int
    codes: Mapping[str | int, int]

    @cached_property
    def segments(self) -> list[int]:
        """The widths of the string variables it is stored in; a string over 255 bytes takes several."""
        if self.width <= _LONGEST:
            return [self.width]
        many = math.ceil(self.width / _SEGMENT)
        return [_LONGEST] * (many - 1) + [self.width - (many - 1) * _SEGMENT]

    @property
    def units(self) -> int:
        """How many eight-byte places a case gives it."""
        return sum(max(1, math.ceil(width / 8)) for width in self.segments)


def variables(columns: Sequence[TableColumn]) -> list[Variable]:
    """The variables of a table. Names are the columns' codes as far as SPSS allows, each once."""
    found: list[Variable] = []
    taken: set[str] = set()
    number = 1
    for column in columns:
        codes = {code: code if isinstance(code, int) else at for at, (code, _) in enumerate(column.values, 1)}
        width = 0 if column.values or column.is_number else min(WIDEST, (column.longest or USUAL_CHARACTERS) * 4)
        made = Variable(column, _named(column.code, taken), f"V{number:07}", width, column.decimals, codes)
        number += len(made.segments)
        found.append(made)
    return found


def _named(code: str, taken: set[str]) -> str:
    name = _NAME.sub("_", code.lstrip("_")).strip("._") or "v"
    if not name[0].isalpha() or name.lower() in _RESERVED:
        name = f"v_{name}"
    name = _cut(name, 56).decode()
    unique, number = name, 2
    while unique.lower() in taken:
        unique, number = f"{name}_{number}", number + 1
    taken.add(unique.lower())
    return unique


def _cut(text: str, most: int) -> bytes:
    """At most so many bytes of UTF-8, never half a character."""
    return text.encode()[:most].decode(errors="ignore").encode()


class SavFile:
    """See ``writers.Writer``. ``rows``: how many there will be; ``made_at``: what the header says."""

    has_sums = False

    def __init__(self, path: Path, columns: Sequence[TableColumn], *, rows: int, title: str, made_at: datetime) -> None:
        self._variables = variables(columns)
        self.blank: Line = [self.cell(place, "", "") for place in range(len(columns))]
        self._commands = bytearray()
        self._data: list[bytes] = []
        self._file = path.open("wb")
        _dictionary(self._file, self._variables, rows=rows, title=title, made_at=made_at)

    def cell(self, place: int, coded: Held, said: Held) -> "Packed":
        """See ``writers.Writer``: the cell as the file holds it."""
        variable = self._variables[place]
        return self._string(variable, coded) if variable.width else _packed(_number(variable, coded))

    def row(self, line: Line) -> None:
        """Add a case. Every eight command bytes are followed by what they announce in full; what makes up no whole
        eight waits for the next case."""
        for commands, data in line:
            self._commands += commands
            self._data += data
        whole = len(self._commands) // 8 * 8
        for at in range(0, whole, 8):
            self._file.write(self._commands[at : at + 8] + b"".join(self._data[at : at + 8]))
        del self._commands[:whole], self._data[:whole]

    def _string(self, variable: Variable, held: Held) -> "Packed":
        data = str(held).encode()
        if len(data) > variable.width:
            # Nothing is cut in silence: the widths come from what the questionnaire takes.
            raise Invalid("too-long-for-sav", f"“{variable.column.heading}”里有太长的内容，请用 xlsx 或 csv 导出。")
        pieces = [
            _packed_text(
                data[at * _LONGEST : (at + 1) * _LONGEST] if len(variable.segments) > 1 else data, math.ceil(width / 8)
            )
            for at, width in enumerate(variable.segments)
        ]
        return b"".join(commands for commands, _ in pieces), [each for _, data in pieces for each in data]

    def close(self, figures: Sequence[Figure], people: int) -> None:
        """Finish the file; a data file has no place for sums."""
        end = 8 - len(self._commands) % 8
        self.row([(bytes([_END, *[0] * (end - 1)]), [b""] * end)])
        self._file.close()


Packed = tuple[bytes, list[bytes]]
"""A cell in the format's byte compression: its command bytes, and for each what it announces in full (b"": nothing)."""


def _number(variable: Variable, held: Held) -> int | float | None:
    if held == "":
        return None
    if variable.codes:
        return variable.codes.get(held if isinstance(held, int | str) else int(held))
    return None if isinstance(held, str) else float(held)


def _packed(value: int | float | None) -> Packed:
    """Small whole numbers are one byte, others eight more."""
    if value is None:
        return bytes([_SYSMIS]), [b""]
    if value == int(value) and 1 <= value + _BIAS <= _LARGEST + _BIAS:
        return bytes([int(value) + _BIAS]), [b""]
    return bytes([_RAW]), [struct.pack("<d", value)]


def _packed_text(words: bytes, units: int) -> Packed:
    """A string in so many places of eight bytes; where nothing stands but spaces, the command says it all."""
    pieces = [words[at : at + 8].ljust(8) for at in range(0, len(words), 8)]
    pieces = [b"" if piece == _SPACES else piece for piece in pieces] + [b""] * (units - len(pieces))
    return bytes(_RAW if piece else _BLANK for piece in pieces), pieces


def _dictionary(file: BinaryIO, all_variables: Sequence[Variable], *, rows: int, title: str, made_at: datetime) -> None:
    units = sum(variable.units for variable in all_variables)
    file.write(b"$FL2" + b"@(#) SPSS DATA FILE".ljust(60))
    file.write(struct.pack("<5i", 2, units, 1, 0, rows) + struct.pack("<d", float(_BIAS)))
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    file.write(f"{made_at.day:02} {months[made_at.month - 1]} {made_at.year % 100:02}".encode())
    file.write(made_at.strftime("%H:%M:%S").encode() + _cut(title, 64).ljust(64) + b"\0\0\0")
    at = 1
    labelled: list[tuple[int, Variable]] = []
    short = 0
    for variable in all_variables:
        if variable.codes:
            labelled.append((at, variable))
        for segment, width in enumerate(variable.segments):
            short += 1
            _variable(file, variable, f"V{short:07}", width, first=segment == 0)
        at += variable.units
    for index, variable in labelled:
        _value_labels(file, index, variable)
    _extension(file, 3, 4, struct.pack("<8i", 20, 0, 0, -1, 1, 1, 2, 65001))
    lowest = -struct.unpack("<d", b"\xff\xff\xff\xff\xff\xff\xef\x7f")[0]
    _extension(file, 4, 8, struct.pack("<3d", lowest, -lowest, math.nextafter(lowest, 0.0)))
    _extension(file, 11, 4, b"".join(_display(variable) for variable in all_variables))
    names = "\t".join(f"{variable.short}={variable.name}" for variable in all_variables)
    _extension(file, 13, 1, names.encode())
    wide = [variable for variable in all_variables if variable.width > _LONGEST]
    if wide:
        _extension(file, 14, 1, b"".join(f"{each.short}={each.width:05}\0\t".encode() for each in wide))
    _extension(file, 20, 1, b"UTF-8")
    file.write(struct.pack("<2i", 999, 0))


def _variable(file: BinaryIO, variable: Variable, short: str, width: int, *, first: bool) -> None:
    label = _cut(variable.column.heading, LABEL_BYTES) if first else b""
    shown = (1 << 16 | min(width, _LONGEST) << 8) if width else (5 << 16 | 8 << 8 | variable.decimals)
    file.write(struct.pack("<6i", 2, width, 1 if label else 0, 0, shown, shown) + short.encode().ljust(8))
    if label:
        file.write(struct.pack("<i", len(label)) + label.ljust(math.ceil(len(label) / 4) * 4))
    for _ in range(math.ceil(width / 8) - 1):
        file.write(struct.pack("<6i", 2, -1, 0, 0, shown, shown) + _SPACES)


def _value_labels(file: BinaryIO, index: int, variable: Variable) -> None:
    file.write(struct.pack("<2i", 3, len(variable.column.values)))
    for code, label in variable.column.values:
        text = _cut(label, VALUE_LABEL_BYTES)
        whole = math.ceil((len(text) + 1) / 8) * 8
        file.write(struct.pack("<d", float(variable.codes[code])) + (bytes([len(text)]) + text).ljust(whole))
    file.write(struct.pack("<3i", 4, 1, index))


def _display(variable: Variable) -> bytes:
    """Measure (1 nominal, 3 scale), width and alignment of each stored variable."""
    measure = 3 if not variable.width and not variable.codes else 1
    return b"".join(struct.pack("<3i", measure, 24 if width else 8, 0 if width else 1) for width in variable.segments)


def _extension(file: BinaryIO, kind: int, size: int, data: bytes) -> None:
    file.write(struct.pack("<4i", 7, kind, size, len(data) // size) + data)


def spss_lines(columns: Sequence[TableColumn]) -> Iterator[tuple[TableColumn, Sequence[tuple[str | int, str, str]]]]:
    """For the codebook: each column with (code, label, SPSS value) of what may stand in it."""
    for variable in variables(columns):
        yield (
            variable.column,
            [(code, label, f"{variable.name} = {variable.codes[code]}") for code, label in variable.column.values]
            or [("", "", variable.name)],
        )
