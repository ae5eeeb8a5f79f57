"""Whole rosters: headings, merged cells, doubles, and who is one person."""

import pytest

from kernel.errors import Invalid
from portal.register.rules.columns import Field, find_header
from portal.register.rules.roster import read_roster
from portal.register.rules.tables import Sheet

HEAD = ["楼栋", "单元", "房号", "面积", "户主", "电话"]


def roster(*rows, head=HEAD, merges=()):
    return read_roster([Sheet("名册", [head, *rows], list(merges))])


def texts(found):
    return [(problem.row + 1, problem.text) for problem in found.problems]


@pytest.mark.parametrize(
    "head",
    [
        ["楼栋", "单元", "房号", "面积", "户主", "电话"],
        ["幢", "单元号", "门牌号", "建筑面积（㎡）", "业主姓名", "联系电话"],
        ["楼　号", "梯", "室", "面积(平方米)", "产权人", "手机号码"],
        ["栋", "单元", "房间号", "建面/㎡", "业主/产权人", "手机/电话"],
    ],
)
def test_headings_are_found_by_any_of_their_names(head):
    header = find_header([["桃园北巷小区户主名册"], [], head, [1]])
    assert header is not None
    assert header.row == 2
    assert set(header.columns) >= {Field.BUILDING, Field.UNIT, Field.DOOR, Field.AREA, Field.OWNER, Field.PHONE}


def test_a_title_that_names_columns_is_not_a_heading():
    header = find_header([["户主"], ["房号和面积登记表", "面积"], HEAD])
    assert header is not None
    assert header.row == 2


def test_of_a_heading_in_two_rows_the_lower_one_counts():
    rows = [
        ["房屋", None, None, None, "户主", "电话"],
        ["楼栋", "单元", "房号", "面积", None, None],
        ["1栋", 1, 101, 70, "陈秀英", None],
    ]
    merges = [((0, 0), (0, 3)), ((0, 4), (1, 4)), ((0, 5), (1, 5))]
    found = read_roster([Sheet("名册", rows, merges)])
    assert [dwelling.label for dwelling in found.dwellings] == ["1栋1单元101"]


def test_an_address_column_names_the_door_only_where_no_other_does():
    header = find_header([["详细地址", *HEAD]])
    assert header is not None
    assert header.columns[Field.DOOR] == 3


def test_cells_merged_down_count_for_every_row():
    found = roster(
        ["3栋", "1单元", 101, 70, "陈秀英", 13800138000],
        [None, None, 102, 71, None, None],
        [None, None, 201, 72, "王建国", None],
        merges=[((1, 0), (3, 0)), ((1, 1), (3, 1)), ((1, 4), (2, 4)), ((1, 5), (2, 5))],
    )
    assert found.problems == []
    assert [dwelling.label for dwelling in found.dwellings] == ["3栋1单元101", "3栋1单元102", "3栋1单元201"]
    first, second, _ = found.dwellings
    assert first.holders[0].key == second.holders[0].key


def test_a_blank_building_is_not_guessed_from_the_row_above():
    found = roster(["3栋", 1, 101, 70, "陈秀英", None], [None, 1, 102, 70, "王建国", None])
    assert texts(found) == [(3, "没有写楼栋")]


def test_an_area_merged_over_two_doors_is_refused():
    found = roster(
        ["3栋", 1, 101, 140, "陈秀英", None], ["3栋", 1, 102, None, "陈秀英", None], merges=[((1, 3), (2, 3))]
    )
    assert texts(found) == [(3, "面积和上一行合并在一起，请每户单独填写")]


def test_all_problems_of_a_row_are_told_at_once():
    found = roster(["", "??", "", "x", "", "123"])
    assert len(found.problems) == 6
    assert found.bad_rows == 1


def test_two_rows_for_one_door_are_both_refused_and_point_at_each_other():
    found = roster(
        ["3栋", 2, 501, 70, "陈秀英", None],
        ["3幢", "二单元", "501.0", 70, "王建国", None],
        ["3", 2, 502, 70, "李明", None],
    )
    assert texts(found) == [(2, "3栋2单元501 重复：第 3 行也是这一户"), (3, "3栋2单元501 重复：第 2 行也是这一户")]
    assert [dwelling.label for dwelling in found.dwellings] == ["3栋2单元502"]


def test_same_name_and_number_is_one_owner_of_three_flats():
    found = roster(*[["1栋", 1, door, 70, "陈秀英", "138 0013 8000"] for door in (101, 201, 301)])
    assert len({dwelling.holders[0].key for dwelling in found.dwellings}) == 1


def test_same_name_without_a_number_is_not_taken_for_one_person():
    found = roster(*[["1栋", 1, door, 70, "陈秀英", None] for door in (101, 201)])
    assert len({dwelling.holders[0].key for dwelling in found.dwellings}) == 2


def test_an_organisation_with_twelve_flats_is_one_organisation_whatever_its_numbers():
    found = roster(*[["1栋", 1, 100 + door, 70, "韶关市第二织布厂", f"0751-888{door:04d}"] for door in range(1, 13)])
    assert len(found.dwellings) == 12
    holders = [dwelling.holders[0] for dwelling in found.dwellings]
    assert len({holder.key for holder in holders}) == 1
    assert {holder.relation for holder in holders} == {"organisation"}


def test_two_co_owners_in_one_cell_share_the_flat_and_the_number_is_the_firsts():
    found = roster(["1栋", 1, 101, 70, "陈秀英、王建国", 13800138000])
    first, second = found.dwellings[0].holders
    assert (first.name, first.relation, first.phone) == ("陈秀英", "owner", "13800138000")
    assert (second.name, second.relation, second.phone) == ("王建国", "co_owner", None)


def test_a_tenant_stands_in_his_own_column_or_in_a_row_of_his_own():
    found = roster(
        ["1栋", 1, 101, 70, "陈秀英", None, None, "业主"],
        ["1栋", 1, 102, 70, "王建国", None, "李四四 13900139000", ""],
        ["1栋", 1, 101, None, "赵六六", 13800138000, None, "租户"],
        head=[*HEAD, "租户", "身份"],
    )
    assert found.problems == []
    assert [(holder.name, holder.relation) for holder in found.dwellings[0].holders] == [
        ("陈秀英", "owner"),
        ("赵六六", "tenant"),
    ]
    assert [(holder.name, holder.phone) for holder in found.dwellings[1].holders][1] == ("李四四", "13900139000")


def test_a_tenants_row_without_the_owners_is_refused():
    found = roster(["1栋", 1, 101, 70, "赵六六", None, "租户"], head=[*HEAD, "身份"])
    assert texts(found) == [(2, "1栋1单元101 没有业主的一行，或那一行有错误")]


def test_blank_rows_page_headings_and_sums_are_not_dwellings():
    found = roster(
        ["1栋", 1, 101, 70, "陈秀英", None], [None] * 6, HEAD, ["2栋", None, None, None, None, None],
        ["2栋", 1, 101, 70, "王建国", None], ["合计", None, None, 140, None, None],
        ["制表人：某某", None, None, None, "审核：某", None],
    )  # fmt: skip
    assert found.problems == []
    assert found.rows_read == 2


def test_one_sheet_a_building_needs_no_column_for_it():
    head = ["单元", "房号", "面积", "户主"]
    sheets = [Sheet(name, [head, [1, 101, 70, "陈秀英"]]) for name in ("1栋", "2幢")] + [
        Sheet("说明", [["请如实填写"]])
    ]
    found = read_roster(sheets)
    assert [dwelling.label for dwelling in found.dwellings] == ["1栋1单元101", "2栋1单元101"]
    assert found.notes[0] == "“说明”表没有名册的表头，已略过。"


def test_a_workbook_without_the_needed_columns_says_which_are_missing():
    with pytest.raises(Invalid) as refused:
        read_roster([Sheet("名册", [["楼栋", "单元", "房号", "户主"]])])
    assert "缺少：面积" in refused.value.detail
    with pytest.raises(Invalid) as refused:
        read_roster([Sheet("名册", [["甲", "乙"]])])
    assert refused.value.code == "no-roster"


def test_numbers_shared_by_many_and_doors_without_one_are_pointed_out_without_the_number():
    found = roster(
        *[["1栋", 1, 100 + door, 70, f"陈{name}", 13800138000] for door, name in enumerate("甲乙丙丁")],
        ["1栋", 1, 201, 70, "王五", None],
    )
    assert found.notes == ["尾号 8000 的电话登记在 4 个人名下，请核对。", "1 户没有登记电话，需由社区工作者上门确认。"]


def test_progress_adds_up_to_the_rows_of_the_sheet():
    told = []
    rows = [HEAD, *[["1栋", 1, 1000 + door, 70, "陈秀英", None] for door in range(1200)]]
    read_roster([Sheet("名册", rows)], progress=told.append)
    assert sum(told) == len(rows)
    assert len(told) > 2
