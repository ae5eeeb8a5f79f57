"""Old Excel files (.xls) as bytes: BIFF8 records in a compound file, as little of both as readers want."""

import struct
from collections.abc import Mapping

SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def xls(cells: Mapping[tuple[int, int], str | float]) -> bytes:
    """A workbook of one sheet with these cells, (row, column) from 0."""
    return _compound(_globals_and_sheet(cells))


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _bof(what: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x600, what, 0x0DBB, 0x07CC, 0, 6))


def _globals_and_sheet(cells: Mapping[tuple[int, int], str | float]) -> bytes:
    name = "Sheet1".encode("utf-16-le")
    codepage, end = _record(0x42, struct.pack("<H", 1200)), _record(0x0A, b"")
    head = _bof(5) + codepage
    at = len(head) + 4 + 8 + len(name) + len(end)
    head += _record(0x85, struct.pack("<IBBBB", at, 0, 0, 6, 1) + name) + end
    height = max((row for row, _ in cells), default=-1) + 1
    width = max((column for _, column in cells), default=-1) + 1
    sheet = _bof(0x10) + _record(0x200, struct.pack("<IIHHH", 0, height, 0, width, 0))
    for (row, column), value in sorted(cells.items()):
        place = struct.pack("<HHH", row, column, 0)
        if isinstance(value, str):
            text = value.encode("utf-16-le")
            sheet += _record(0x204, place + struct.pack("<HB", len(value), 1) + text)
        else:
            sheet += _record(0x203, place + struct.pack("<d", value))
    return head + sheet + end


def _compound(stream: bytes) -> bytes:
    stream = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    many = len(stream) // SECTOR
    # Sector 0: the FAT; 1: the directory; then the stream.
    fat = [_FAT, _END, *range(3, many + 2), _END]
    fat += [_FREE] * (SECTOR // 4 - len(fat))
    if len(fat) > SECTOR // 4:
        raise ValueError("more than one sector of FAT")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", _FREE) * 108
    entries = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, 2, len(stream))
    directory = (entries + _entry("", 0, _FREE, 0, 0) * 2).ljust(SECTOR, b"\0")
    return header + struct.pack(f"<{len(fat)}I", *fat) + directory + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le") if name else b""
    head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
    return head + struct.pack("<III", _FREE, _FREE, child) + bytes(36) + struct.pack("<IQ", start, size)
