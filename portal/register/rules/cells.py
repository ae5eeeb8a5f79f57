"""What people type into the cells of a roster, brought to one form each.

Every reader takes a raw cell (text, number, date or ``None``) and gives a clean value, or raises ``BadCell``
with a Chinese sentence for the 错误原因 column.
"""

import functools
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

Cell = str | int | float | bool | date | datetime | time | timedelta | None

MAX_AREA_DM2 = 1_000_000
"""10,000 square metres: above that it is a building, not a dwelling."""

# Full-width forms to ASCII by hand: NFKC would also rewrite compatibility ideographs, that is, people's names.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xA0: " "}
_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD])
_DASHES = {ord(dash): "-" for dash in "‐‑‒–—―−－﹣"}
_TRANSLATION = _FULL_WIDTH | _INVISIBLE | _DASHES

_CHINESE_DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_CHINESE_NUMBER = re.compile(r"^[一二两三四五六七八九]?十[一二三四五六七八九]?$|^[零〇一二两三四五六七八九]$")
_BUILDING = re.compile(
    r"^第?([0-9]{1,4}|[A-Z]|[一二两三四五六七八九十零〇]{1,3})-?(?:号楼|栋楼|幢楼|座楼|栋|幢|座|号|楼|#楼|#|#栋)?$"
)
_UNIT = re.compile(r"^第?([0-9]{1,2}|[A-Z]|[甲乙丙丁]|[一二两三四五六七八九十]{1,3})(?:单元|梯|门|#)?$")
_DOOR_TAIL = re.compile(r"(?:室|房|号房|号|户)$")
_DOOR = re.compile(r"^[0-9A-Z一-鿿]{1,10}(?:-[0-9A-Z]{1,6})?$")
_WHOLE_ADDRESS = re.compile(
    r"^(?:.*?(?:巷|路|街|小区|宿舍|大院|新村|花园))?(?P<building>第?[0-9A-Z一二三四五六七八九十]{1,4}(?:号楼|栋|幢|座|#))"
    r"(?:(?P<unit>第?[0-9A-Z甲乙丙丁一二三四五六七八九十]{1,3}(?:单元|梯))?)(?P<door>[0-9A-Z-]{1,8}(?:室|房|号)?)$"
)
_DASHED_ADDRESS = re.compile(r"^(?P<building>[0-9A-Z]{1,4})-(?P<unit>[0-9A-Z]{1,2})-(?P<door>[0-9A-Z]{1,6})$")
_FLOOR = re.compile(r"^第?(-?[0-9]{1,3}|[一二三四五六七八九十]{1,3})(?:层|楼|F)?$")
_AREA_TAIL = re.compile(r"(?:平方米|平方|平米|平|㎡|m²|m2|M2|M²)$")
_MOBILE = re.compile(r"^1[3-9][0-9]{9}$")
_LANDLINE = re.compile(r"^(?:0[0-9]{2,3})?[2-9][0-9]{6,7}$")
NOBODY = {"无", "不详", "不明", "未知", "空", "空置", "空户", "待定", "待核实", "-", "--", "/", "?", "暂无", "没有"}
"""What stands in a cell instead of nothing."""


_remembered = functools.lru_cache(maxsize=1024, typed=True)
"""The houses of an estate repeat thousands of times; ``typed``: 3, 3.0 and True are different cells."""


class BadCell(ValueError):
    """A cell cannot be understood; the text says why, in Chinese."""


@dataclass(frozen=True)
class Telephone:
    """``number``: digits only. ``landline``: it cannot receive a code by SMS."""

    number: str
    landline: bool = False


def text_of(cell: Cell) -> str:
    """Give a cell's text: half-width, trimmed, whole floats without ``.0``; ``""`` for an empty cell."""
    if isinstance(cell, str):
        return cell.translate(_TRANSLATION).strip() if not cell.isascii() else cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)


def squeezed(cell: Cell) -> str:
    """Give the text without any white space, upper case: for houses, numbers and headings."""
    text = "".join(text_of(cell).split()).upper()
    return text[:-2] if text.endswith(".0") and text[:-2].isdigit() else text


def dated(cell: Cell) -> bool:
    """Excel turns ``3-2`` into a date by itself; such a cell no longer says what was typed."""
    return isinstance(cell, datetime | date | time | timedelta)


def _number(text: str) -> str:
    """``"03"`` to ``"3"``, ``"十二"`` to ``"12"``; letters stay."""
    if text.isascii() and text.isdigit():
        return str(int(text))
    if _CHINESE_NUMBER.match(text):
        if "十" in text:
            tens, ones = text.split("十")
            return str(_CHINESE_DIGITS.get(tens, 1) * 10 + _CHINESE_DIGITS.get(ones, 0))
        return str(_CHINESE_DIGITS[text])
    return text


@_remembered
def building(cell: Cell) -> str:
    """``3``, ``3幢``, ``第3栋``, ``三栋``, ``3#楼``, ``３号楼`` are all ``3栋``; ``综合楼`` keeps its name."""
    if dated(cell):
        raise BadCell("楼栋被 Excel 变成了日期，请把单元格设为文本后重新填写")
    text = squeezed(cell)
    if not text:
        raise BadCell("没有写楼栋")
    found = _BUILDING.match(text)
    if found:
        return f"{_number(found[1])}栋"
    if len(text) > 20 or not re.fullmatch(r"[0-9A-Z一-鿿()-]+", text):
        raise BadCell(f"楼栋看不懂：{text[:20]}")
    return text


@_remembered
def unit(cell: Cell) -> str:
    """``2``, ``二单元``, ``2梯`` are unit ``2``; an empty cell is a building without units and gives ``""``."""
    if dated(cell):
        raise BadCell("单元被 Excel 变成了日期，请把单元格设为文本后重新填写")
    text = squeezed(cell)
    if text in ("", "无", "-", "/", "0"):
        return ""
    found = _UNIT.match(text)
    if not found:
        raise BadCell(f"单元看不懂：{text[:20]}")
    return _number(found[1])


@dataclass(frozen=True)
class Address:
    """Where a door is. ``building`` and ``unit`` are ``None`` where the cell did not say."""

    building: str | None
    unit: str | None
    door: str


@_remembered
def door(cell: Cell) -> Address:
    """``501``, ``501.0``, ``501室`` are door 501; ``3栋2单元501`` and ``3-2-501`` also tell building and unit."""
    if dated(cell):
        raise BadCell("房号被 Excel 变成了日期，请把单元格设为文本后重新填写")
    text = squeezed(cell)
    if not text:
        raise BadCell("没有写房号")
    whole = _WHOLE_ADDRESS.match(text) or _DASHED_ADDRESS.match(text)
    if whole:
        inner = _DOOR_TAIL.sub("", whole["door"])
        return Address(building(whole["building"]), unit(whole["unit"]) if whole["unit"] else "", inner)
    bare = _DOOR_TAIL.sub("", text) or text
    if not _DOOR.match(bare):
        raise BadCell(f"房号看不懂：{text[:20]}")
    return Address(None, None, bare)


def floor(cell: Cell, door_text: str) -> int | None:
    """Give the storey, from its own cell or, if that is empty, from a door number such as 501 or 1203."""
    text = squeezed(cell) if not dated(cell) else "日期"
    if text in ("", "-", "/"):
        if door_text.isascii() and door_text.isdigit() and len(door_text) in (3, 4) and int(door_text[:-2]) > 0:
            return int(door_text[:-2])
        return None
    found = _FLOOR.match(text)
    if not found:
        raise BadCell(f"楼层看不懂：{text[:20]}")
    level = int(_number(found[1]))
    if level == 0 or not -5 <= level <= 120:
        raise BadCell(f"楼层不对：{text[:20]}")
    return level


@_remembered
def area_dm2(cell: Cell) -> int:
    """Give an area in 0.01 square metre from ``85.36``, ``85.36㎡``, ``８５．３６平方米`` (at most two decimals)."""
    if dated(cell):
        raise BadCell("面积被 Excel 变成了日期，请把单元格设为数字后重新填写")
    text = _AREA_TAIL.sub("", squeezed(cell).replace(",", ""))
    if text in ("", "-", "/", "无"):
        raise BadCell("没有写面积")
    try:
        metres = Decimal(text)
    except InvalidOperation:
        raise BadCell(f"面积不是数字：{text[:20]}") from None
    if not metres.is_finite():
        raise BadCell(f"面积不是数字：{text[:20]}")
    if metres <= 0:
        raise BadCell("面积必须大于 0")
    if metres * 100 > MAX_AREA_DM2:
        raise BadCell("面积太大，请核对（一户不超过 10000 平方米）")
    rounded = metres.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
    # A number computed by Excel carries binary dust (85.36000000000001); a third decimal typed by a person does not.
    if abs(metres - rounded) > (Decimal("1e-6") if isinstance(cell, float) else Decimal(0)):
        raise BadCell("面积最多两位小数")
    return int(rounded * 100)


def telephones(cell: Cell) -> list[Telephone]:
    """Give the telephone numbers of a cell, none for an empty one. Mobile: 11 digits; a landline is kept and marked."""
    if dated(cell):
        raise BadCell("电话被 Excel 变成了日期，请把单元格设为文本后重新填写")
    text = text_of(cell)
    if text.upper() in NOBODY or not text:
        return []
    if re.search(r"[0-9]E\+?[0-9]", text, re.IGNORECASE):
        raise BadCell("电话被 Excel 变成了科学计数，请把单元格设为文本后重新填写")
    numbers = []
    for part in re.split(r"[、/,;|\n]+|\s{2,}", text):
        digits = re.sub(r"[\s()+-]", "", part)
        digits = digits[:-2] if digits.endswith(".0") else digits
        if not digits:
            continue
        # Half-size: "138 1234 1234" is one number, "13812341234 13912341234" is two.
        pair = digits if len(digits) == 22 and _MOBILE.match(digits[:11]) and _MOBILE.match(digits[11:]) else None
        numbers += [_telephone(pair[:11]), _telephone(pair[11:])] if pair else [_telephone(digits)]
    return numbers


def _telephone(digits: str) -> Telephone:
    if not (digits.isascii() and digits.isdigit()):
        raise BadCell("电话里有不是数字的字")
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and _MOBILE.match(digits[len(prefix) :]):
            digits = digits[len(prefix) :]
    if _MOBILE.match(digits):
        return Telephone(digits)
    if _LANDLINE.match(digits):
        return Telephone(digits, landline=True)
    if digits.startswith("1") and len(digits) != 11:
        raise BadCell(f"手机号应为 11 位，这里是 {len(digits)} 位")
    raise BadCell("电话号码不对，请填 11 位手机号，或带区号的固定电话")
