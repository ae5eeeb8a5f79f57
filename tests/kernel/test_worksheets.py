"""How far a sheet reaches is known before anything lays it out."""

import io
import struct
import zipfile
import zlib

import pytest
import xlsxwriter

from kernel.errors import Invalid
from kernel.worksheets import must_fit, opened
from payments.budget_drafts import workbook as budget
from payments.statements.table import read_table
from portal.register.workbook import read_workbook
from surveys.questionnaires.xlsform import workbook as xlsform


def book(*cells: tuple[int, int], coloured: tuple[int, int] | None = None) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet("survey")
        for row, column in cells:
            sheet.write_string(row, column, "x")
        if coloured:
            sheet.write_blank(*coloured, None, made.add_format({"bg_color": "red"}))
    return out.getvalue()


def changed(data: bytes, part: str, old: str, new: str) -> bytes:
    """A workbook with a text of one part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name in packed.namelist():
            text = packed.read(name)
            if name == part:
                assert old.encode() in text
                text = text.replace(old.encode(), new.encode())
            written.writestr(name, text)
    return out.getvalue()


FAR = book((0, 0), (1_048_575, 16_383))
SHEET, RELS = "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"


@pytest.mark.parametrize("read", [read_table, budget.read, read_workbook, xlsform.read])
def test_no_reader_lays_out_a_small_file_with_a_cell_at_the_far_corner(read) -> None:
    assert len(FAR) < 10_000
    with pytest.raises(Invalid, match=r"(file|form)-too-large") as refusal:
        read(FAR)
    assert "每张表最多" in refusal.value.detail


def test_a_workbook_that_begins_as_an_xls_is_looked_through_too() -> None:
    with pytest.raises(Invalid, match="file-too-large"):
        must_fit(b"\xd0\xcf\x11\xe0" + bytes(600) + FAR, rows=100)


def test_rows_and_the_rectangle_have_a_bound_and_colour_alone_is_no_cell() -> None:
    must_fit(book((0, 0), (9, 9)), rows=10, cells=100)
    must_fit(book((0, 0), coloured=(500_000, 16_000)), rows=10, cells=100)
    for told in ({"rows": 9, "cells": 1000}, {"rows": 10, "cells": 99}):
        with pytest.raises(Invalid, match="file-too-large"):
            must_fit(book((0, 0), (9, 9)), **told)


@pytest.mark.parametrize(
    ("part", "old", "new", "code"),
    [
        (SHEET, 'r="B2"', 'r="&#88;fd1048576"', "file-too-large"),
        (SHEET, '<row r="2"', '<x:row xmlns:x="y" r="2"', "file-unreadable"),
        (SHEET, 'r="B2"', 'r="B99999999999"', "file-unreadable"),
        (RELS, "worksheets/sheet1.xml", "worksheets/sheet1.png", "file-unreadable"),
        (SHEET, "<worksheet", '<!DOCTYPE a [<!ENTITY b "c">]><worksheet', "file-unreadable"),
        ("xl/workbook.xml", "<workbook", "<", "file-unreadable"),
        (SHEET, "</sheetData>", "<row>" + "<c/>" * 9999 + "</row></sheetData>", "file-too-large"),
    ],
)
def test_no_way_of_writing_a_workbook_gets_around_the_bound(part: str, old: str, new: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        must_fit(changed(book((0, 0), (1, 1)), part, old, new), rows=100, elements=9999)


def test_a_small_file_with_millions_of_cells_is_refused_before_they_are_all_read() -> None:
    bomb = changed(book((0, 0)), SHEET, "</sheetData>", "<row>" + "<c/>" * 1_500_000 + "</row></sheetData>")
    assert len(bomb) < 20_000
    with pytest.raises(Invalid, match="file-too-large"):
        must_fit(bomb, rows=100)


def two_archives(at: int, value: int) -> bytes:
    """A workbook too large, behind it a small one whose end says something odd: readers differ in which they find."""
    small = bytearray(book((0, 0)))
    small[small.rindex(b"PK\x05\x06") + at] = value
    return FAR + bytes(small)


def with_a_second_name() -> bytes:
    data, path = io.BytesIO(book((0, 0))), b"xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(data, "a") as packed:
        part = zipfile.ZipInfo("picture.png")
        part.extra = struct.pack("<HHBL", 0x7075, 5 + len(path), 1, zlib.crc32(b"picture.png")) + path
        packed.writestr(part, "x")
    return data.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        *(two_archives(at, value) for at, value in ((20, 5), (4, 1), (6, 1), (8, 1), (10, 99), (16, 0))),
        FAR + book((0, 0)), with_a_second_name(),
    ],
)  # fmt: skip
def test_a_file_in_which_two_readers_may_find_two_workbooks_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="file-unreadable"), opened(data, rows=100):
        pass


@pytest.mark.parametrize("other", ["mimetype", "content.xml", "xl\\WORKBOOK.bin"])
def test_what_another_reader_would_take_for_another_format_is_refused(other: str) -> None:
    data = io.BytesIO(book((0, 0)))
    with zipfile.ZipFile(data, "a") as packed:
        packed.writestr(other, "x")
    with pytest.raises(Invalid, match="file-unreadable"):
        must_fit(data.getvalue(), rows=100)
