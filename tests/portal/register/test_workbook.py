"""Real workbooks in, annotated workbooks out."""

from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from kernel.errors import Invalid
from portal.register.rules.roster import read_roster
from portal.register.workbook import read_workbook, write_annotated

DATA = Path(__file__).parents[2] / "data"


def test_the_good_roster_of_taoyuan_beixiang_is_right_in_every_row():
    found = read_roster(read_workbook(DATA / "roster_good.xlsx"))
    assert (len(found.dwellings), found.bad_rows) == (96, 0)
    by_label = {dwelling.label: dwelling for dwelling in found.dwellings}
    assert by_label["3栋2单元501"].holders[0].name == "陈秀英"
    assert [holder.name for holder in by_label["3栋2单元502"].holders] == ["刘国栋", "朱惠芳"]
    factory = [d for d in found.dwellings if any(h.key == ("organisation", "韶关市第二织布厂") for h in d.holders)]
    assert len(factory) == 12
    three = [d for d in found.dwellings if d.holders[0].name == "欧阳树根"]
    assert len(three) == 3
    assert len({d.holders[0].key for d in three}) == 1


def test_the_bad_roster_comes_back_with_its_reasons_and_red_cells(tmp_path):
    sheets = read_workbook(DATA / "roster.xlsx")
    found = read_roster(sheets)
    assert (found.rows_read, found.bad_rows, len(found.dwellings)) == (55, 9, 45)
    write_annotated(tmp_path / "back.xlsx", sheets, found.headers, found.problems)
    book = openpyxl.load_workbook(tmp_path / "back.xlsx")
    page = book["工商局宿舍"]
    original = openpyxl.load_workbook(DATA / "roster.xlsx")["工商局宿舍"]
    assert page["A1"].value == original["A1"].value
    assert [str(merge) for merge in page.merged_cells.ranges] == [str(merge) for merge in original.merged_cells.ranges]
    assert page["J2"].value == "错误原因"
    assert page["J10"].value == "没有写房号；面积最多两位小数；电话里有不是数字的字"
    for cell in ("D10", "E10", "G10"):
        assert page[cell].fill.start_color.rgb == "FFFFC7CE"
    assert page["D9"].fill.start_color.rgb != "FFFFC7CE"
    assert not any(cell.data_type == "f" for row in page.iter_rows() for cell in row)
    for row in original.iter_rows():
        for cell in row:
            assert page[cell.coordinate].value == cell.value


def test_a_returned_file_can_be_corrected_and_sent_again_without_a_second_reason_column(tmp_path):
    sheets = read_workbook(DATA / "roster.xlsx")
    found = read_roster(sheets)
    write_annotated(tmp_path / "back.xlsx", sheets, found.headers, found.problems)
    again = read_workbook(tmp_path / "back.xlsx")
    found_again = read_roster(again)
    assert [p.text for p in found_again.problems] == [p.text for p in found.problems]
    write_annotated(tmp_path / "again.xlsx", again, found_again.headers, found_again.problems)
    page = openpyxl.load_workbook(tmp_path / "again.xlsx")["工商局宿舍"]
    assert [cell.value for cell in page[2]].count("错误原因") == 1
    assert page.max_column == 10


def test_a_merge_with_a_wrong_row_below_shows_red_on_its_visible_cell(tmp_path):
    path = tmp_path / "in.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("名册")
        page.write_row(0, 0, ["楼栋", "单元", "房号", "面积", "户主"])
        page.merge_range(1, 4, 2, 4, "陈3")
        page.write_row(1, 0, ["1栋", 1, 101, 70])
        page.write_row(2, 0, ["1栋", 1, 102, 70])
    sheets = read_workbook(path)
    found = read_roster(sheets)
    write_annotated(tmp_path / "out.xlsx", sheets, found.headers, found.problems)
    page = openpyxl.load_workbook(tmp_path / "out.xlsx")["名册"]
    assert page["E2"].fill.start_color.rgb == "FFFFC7CE"
    assert page["F3"].value == "姓名里有数字：陈3"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file-unreadable"), (b"PK\x03\x04 not a zip", "file-unreadable"), (b"a,b,c", "file-unreadable")],
)
def test_a_file_that_is_no_workbook_is_refused_kindly(content, code):
    with pytest.raises(Invalid) as refused:
        read_workbook(content)
    assert refused.value.code == code


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(Invalid, match="file-missing"):
        read_workbook(tmp_path / "没有.xlsx")


def test_an_xlsx_may_come_as_bytes():
    sheets = read_workbook((DATA / "roster_good.xlsx").read_bytes())
    assert sheets[0].name == "桃园北巷"
