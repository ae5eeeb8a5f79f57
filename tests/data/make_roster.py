"""Make the two rosters in this folder, the way a community office would hand them in.

    python tests/data/make_roster.py

``roster_good.xlsx``: 桃园北巷, untidy and right: title, merged cells, full-width digits, numbers as text, 幢 beside 栋.
``roster.xlsx``: 工商局宿舍 with what goes wrong in real ones. All people and numbers are invented. Equal bytes always.
"""

from datetime import datetime
from pathlib import Path
from random import Random

import xlsxwriter

HERE = Path(__file__).parent
SURNAMES = "陈李张黄何欧罗邓梁谢朱曾刘赖钟林温丘侯潘邱廖"
GIVEN = [
    "秀英", "建国", "桂兰", "志强", "丽华", "伟明", "少芬", "国栋", "玉珍", "文辉", "惠芳", "永康", "春梅", "家豪",
    "月娥", "树根", "锦荣", "美玲", "德胜", "淑贞", "海涛", "翠萍", "俊杰", "金凤", "兴旺", "小燕", "喆", "堃",
    "瑞珍", "广生",
]  # fmt: skip
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
TENURES = ["房改房", "商品房", "集资房"]


class Sheet:
    """A sheet that is written cell by cell, with the few formats an office uses."""

    def __init__(self, path: Path, name: str) -> None:
        self.book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_numbers": False})
        self.book.set_properties({"title": name, "author": "", "created": datetime(2026, 6, 1, 9, 0)})
        self.out = self.book.add_worksheet(name)
        cell = {"border": 1, "valign": "vcenter"}
        self.cell = self.book.add_format(cell)
        self.centred = self.book.add_format({**cell, "align": "center"})
        self.title = self.book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        self.head = self.book.add_format({**cell, "bold": True, "align": "center", "bg_color": "#DDEBF7"})

    def row(self, number: int, cells: list[object]) -> None:
        """Write a row; ``None`` leaves the cell empty (or to a merge)."""
        for column, value in enumerate(cells):
            if value is not None:
                self.out.write(number, column, value, self.cell)
            else:
                self.out.write_blank(number, column, None, self.cell)

    def merge(self, first: int, last: int, column: int, text: object) -> None:
        """Merge a column over several rows."""
        self.out.merge_range(first, column, last, column, text, self.centred)


def people(seed: int):
    """Give invented names with a number each, none twice."""
    draw = Random(seed)
    number = 19900000000 + seed * 100_000
    seen = set()
    while True:
        name = draw.choice(SURNAMES) + draw.choice(GIVEN)
        if name not in seen:
            seen.add(name)
            number += 37
            yield name, number


def good() -> None:
    """桃园北巷: 4 buildings of 2 units, 6 storeys, 2 doors each: 96 dwellings, all rows right."""
    sheet = Sheet(HERE / "roster_good.xlsx", "桃园北巷")
    draw = Random(7)
    crowd = people(1)
    sheet.out.merge_range(0, 0, 0, 9, "浈江区桃园北巷小区户主信息登记表", sheet.title)
    sheet.out.merge_range(1, 0, 1, 9, "填报单位：桃园社区居民委员会　　填报日期：2026年6月1日", sheet.cell)
    for column, text in enumerate(
        ["序号", "楼栋", "单元", "房号", "楼层", "建筑面积（㎡）", "户主/业主", "联系电话", "产权性质", "租户"]
    ):
        sheet.out.write(2, column, text, sheet.head)
    row = 3
    three_flats = ("欧阳树根", 19900188001)
    for building in range(1, 5):
        sheet.merge(row, row + 23, 1, [None, "1栋", "2幢", "３栋", 4][building])
        for unit in (1, 2):
            sheet.merge(row, row + 11, 2, [None, "1单元", "二单元"][unit])
            for storey in range(1, 7):
                for door in (1, 2):
                    number = storey * 100 + door
                    name, phone = next(crowd)
                    area: object = [78.36, "85.40", "９２．１５"][draw.randrange(3)] if storey < 6 else 64.2
                    tenure, tenant, shown_phone = draw.choice(TENURES), None, phone
                    if (building, unit, number) == (3, 2, 501):
                        name, shown_phone, area = "陈秀英", 13900000001, 78.36
                    elif (building, unit, number) == (3, 2, 502):
                        name, shown_phone = "刘国栋、朱惠芳", "13900020002"
                    elif (building, unit, number) in ((1, 1, 301), (1, 2, 301), (2, 1, 401)):
                        name, shown_phone = three_flats
                    elif building == 4 and unit == 2:
                        name, shown_phone, tenure = "韶关市第二织布厂", "0751-8880001", "单位产权"
                        tenant = f"{next(crowd)[0]} {next(crowd)[1]}" if door == 1 else None
                    text_door: object = (
                        number
                        if draw.random() < 0.5
                        else draw.choice([f"{number}", f"{number}室", str(number).translate(FULL_WIDTH)])
                    )
                    if draw.random() < 0.06 and "、" not in name and shown_phone == phone:
                        shown_phone = None
                    elif draw.random() < 0.3 and isinstance(shown_phone, int):
                        shown_phone = f"{str(shown_phone)[:3]} {str(shown_phone)[3:7]} {str(shown_phone)[7:]}"
                    sheet.row(row, [row - 2, None, None, text_door, storey, area, name, shown_phone, tenure, tenant])
                    _keep_merges(sheet, row, building, unit, number)
                    row += 1
    sheet.row(row, ["合计", None, None, None, None, "=SUM(F4:F99)", None, "共96户", None, None])
    sheet.out.write_formula(row, 5, "=SUM(F4:F99)", sheet.cell, 7000)
    sheet.out.merge_range(row + 1, 0, row + 1, 9, "制表人：（略）　　审核人：（略）", sheet.cell)
    sheet.book.close()


def _keep_merges(sheet: Sheet, row: int, building: int, unit: int, number: int) -> None:
    """The first row of a merge was written empty by ``row``: give it its text back."""
    if number == 101:
        sheet.out.write(row, 2, [None, "1单元", "二单元"][unit], sheet.centred)
        if unit == 1:
            sheet.out.write(row, 1, [None, "1栋", "2幢", "３栋", 4][building], sheet.centred)


def bad() -> None:
    """工商局宿舍: 54 rows of doors, with every mistake named in the issue."""
    sheet = Sheet(HERE / "roster.xlsx", "工商局宿舍")
    crowd = people(2)
    sheet.out.merge_range(0, 0, 0, 8, "武江区工商局宿舍业主名册（2026年）", sheet.title)
    for column, text in enumerate(
        ["编号", "幢", "单元", "门牌号", "面积(平方米)", "业主姓名", "手机号码", "身份", "备注"]
    ):
        sheet.out.write(1, column, text, sheet.head)
    row = 2
    owner_of_three = ("赖锦荣", "19900288001")
    for building, label in ((1, "1幢"), (2, "2栋"), (3, "３")):
        for storey in range(1, 7):
            for door in range(1, 4):
                number = storey * 100 + door
                name, phone = next(crowd)
                cells: list[object] = [row - 1, label, "", number, 72.5, name, phone, "业主", None]
                where = (building, number)
                if building == 3 and storey > 2:
                    cells[5:7] = ["韶关市工商行政管理局", "0751-8120001"]
                elif where in ((1, 101), (1, 201), (2, 301)):
                    cells[5:7] = list(owner_of_three)
                elif where == (1, 102):
                    cells[3], cells[6] = "１０２", f" {phone} "
                elif where == (1, 103):
                    cells[6] = "1390000123"
                elif where == (1, 202):
                    cells[4] = "约七十二"
                elif where == (1, 203):
                    cells[5] = None
                elif where == (1, 302):
                    cells[3], cells[4], cells[6] = "", 72.555, "13x00001234"
                elif where == (2, 101):
                    cells[5], cells[4] = f"{name}/{next(crowd)[0]}", "72.50"
                elif where == (2, 102):
                    cells[5] = '=HYPERLINK("http://example.invalid","点我")'
                elif where == (2, 203):
                    cells[3] = 202
                elif where == (2, 401):
                    cells[6] = "1.99E+10"
                elif where == (2, 503):
                    cells[7] = "邻居"
                sheet.row(row, cells)
                row += 1
    name, phone = next(crowd)
    sheet.row(row, [row - 1, "2栋", "", 601, None, name, phone, "租户", "租2026年"])
    sheet.row(row + 1, ["合计", None, None, None, 3925, None, None, None, None])
    sheet.book.close()


if __name__ == "__main__":
    good()
    bad()
