"""What people type into cells, and what it means."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.register.rules import cells, names
from portal.register.rules.cells import Address, BadCell, Telephone


@pytest.mark.parametrize(
    "written", ["3栋", "3幢", "3", 3, 3.0, "3.0", "３栋", " 3 栋 ", "第3栋", "三栋", "3号楼", "3#", "3#楼", "03栋"]
)
def test_one_building_written_many_ways_is_one_building(written):
    assert cells.building(written) == "3栋"


@pytest.mark.parametrize(
    ("written", "read"),
    [("A栋", "A栋"), ("ｂ座", "B栋"), ("十二栋", "12栋"), ("二十栋", "20栋"), ("综合楼", "综合楼"), ("东楼", "东楼")],
)
def test_lettered_and_named_buildings_keep_their_names(written, read):
    assert cells.building(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [("2单元", "2"), (2.0, "2"), ("二单元", "2"), ("甲单元", "甲"), ("２", "2"), ("", ""), (None, ""), ("无", "")],
)
def test_units_are_numbers_without_the_word_and_may_be_absent(written, read):
    assert cells.unit(written) == read


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (501, Address(None, None, "501")),
        (501.0, Address(None, None, "501")),
        ("501.0", Address(None, None, "501")),
        ("５０１室", Address(None, None, "501")),
        ("501房", Address(None, None, "501")),
        ("a501", Address(None, None, "A501")),
        ("3栋2单元501", Address("3栋", "2", "501")),
        ("桃园北巷3幢501室", Address("3栋", "", "501")),
        ("3-2-501", Address("3栋", "2", "501")),
    ],
)
def test_a_door_may_be_a_number_a_text_or_a_whole_address(written, address):
    assert cells.door(written) == address


@pytest.mark.parametrize(
    ("written", "dm2"),
    [
        (85.36, 8536),
        ("85.36", 8536),
        ("８５．３６㎡", 8536),
        ("85.4平方米", 8540),
        (85, 8500),
        ("1,085.5", 108550),
        (85.36000000000001, 8536),
    ],
)
def test_areas_are_read_to_a_hundredth_of_a_square_metre(written, dm2):
    assert cells.area_dm2(written) == dm2


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("85.365", "最多两位小数"),
        (85.365, "最多两位小数"),
        (0, "大于 0"),
        (-3, "大于 0"),
        ("约七十", "不是数字"),
        ("nan", "不是数字"),
        (1e9, "太大"),
        (None, "没有写面积"),
        (date(2026, 1, 2), "日期"),
    ],
)
def test_a_wrong_area_says_what_is_wrong(written, says):
    with pytest.raises(BadCell, match=says):
        cells.area_dm2(written)


@given(st.integers(1, cells.MAX_AREA_DM2))
def test_every_area_comes_through_a_float_cell_unchanged(dm2):
    assert cells.area_dm2(dm2 / 100) == dm2
    assert cells.area_dm2(f"{dm2 // 100}.{dm2 % 100:02d}㎡") == dm2


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        (13812341234, [Telephone("13812341234")]),
        (13812341234.0, [Telephone("13812341234")]),
        ("138 1234 1234", [Telephone("13812341234")]),
        ("138-1234-1234", [Telephone("13812341234")]),
        ("+86 13812341234", [Telephone("13812341234")]),
        ("１３８１２３４１２３４", [Telephone("13812341234")]),
        ("13812341234、13912341234", [Telephone("13812341234"), Telephone("13912341234")]),
        ("13812341234 13912341234", [Telephone("13812341234"), Telephone("13912341234")]),
        ("0751-8881234", [Telephone("07518881234", landline=True)]),
        ("8881234", [Telephone("8881234", landline=True)]),
        ("无", []),
        (None, []),
    ],
)
def test_telephones_are_digits_and_landlines_are_marked(written, numbers):
    assert cells.telephones(written) == numbers


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("1381234123", "这里是 10 位"),
        ("138123412345", "这里是 12 位"),
        ("13x12341234", "不是数字"),
        ("1.38E+10", "科学计数"),
        ("22", "号码不对"),
    ],
)
def test_a_wrong_telephone_says_what_is_wrong(written, says):
    with pytest.raises(BadCell, match=says):
        cells.telephones(written)


@pytest.mark.parametrize(
    ("written", "people"),
    [
        ("陈秀英", ["陈秀英"]),
        ("陈 秀 英", ["陈秀英"]),
        ("李　明", ["李明"]),
        ("陈秀英、王建国", ["陈秀英", "王建国"]),
        ("陈秀英/王建国", ["陈秀英", "王建国"]),
        ("陈秀英 王建国", ["陈秀英", "王建国"]),
        ("王建国和陈秀英", ["王建国", "陈秀英"]),
        ("李和平", ["李和平"]),
        ("阿依古丽·买买提", ["阿依古丽·买买提"]),
        ("John Smith", ["John Smith"]),
        ("韶关市第二织布厂", ["韶关市第二织布厂"]),
        ("空置", []),
        (None, []),
    ],
)
def test_names_in_one_cell_are_told_apart(written, people):
    assert names.names(written) == people


@pytest.mark.parametrize(
    ("written", "says"), [("陈3", "有数字"), ("陈", "只有一个字"), ("=1+1", "有数字"), ("=cmd", "看不懂")]
)
def test_a_name_that_is_none_is_refused(written, says):
    with pytest.raises(BadCell, match=says):
        names.names(written)


@pytest.mark.parametrize(
    "name",
    [
        "韶关市工商行政管理局",
        "织布厂",
        "桃园社区居民委员会",
        "某某公司（筹）",
        "市第一人民医院",
        "广东省第二建筑设计院",
    ],
)
def test_organisations_are_known_by_their_names(name):
    assert names.organisation(name)


@pytest.mark.parametrize("name", ["陈建社", "欧阳建社", "李院", "王中心", "张所"])
def test_people_are_not_taken_for_organisations(name):
    assert not names.organisation(name)


def test_a_tenants_cell_gives_names_with_their_numbers():
    assert names.named_telephones("王五 13800138000、赵六六") == [("王五", Telephone("13800138000")), ("赵六六", None)]


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.booleans(), st.none(), st.dates()))
def test_no_cell_of_any_kind_breaks_a_reader(cell):
    for reader in (
        cells.building,
        cells.unit,
        cells.door,
        cells.area_dm2,
        cells.telephones,
        names.names,
        names.named_telephones,
    ):
        with contextlib.suppress(BadCell):
            reader(cell)
