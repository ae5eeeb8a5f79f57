"""Finding the header row of a roster, by the names people give to its columns."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.register.rules.cells import Cell, squeezed

HEADER_SEARCHED_ROWS = 20


class Field(StrEnum):
    """What a column holds. The value is the word used when we speak of it."""

    BUILDING = "楼栋"
    UNIT = "单元"
    DOOR = "房号"
    FLOOR = "楼层"
    AREA = "面积"
    OWNER = "户主"
    PHONE = "电话"
    RELATION = "身份"
    TENURE = "产权性质"
    USE = "用途"
    TENANT = "租户"
    TENANT_PHONE = "租户电话"
    PROBLEM = "错误原因"


NEEDED = (Field.DOOR, Field.OWNER, Field.AREA)
"""Without these a sheet is not a roster. The building may stand in the door's cell or in the sheet's name."""

_SYNONYMS: dict[Field, str] = {
    Field.BUILDING: "楼栋 栋 幢 楼号 栋号 幢号 楼栋号 楼幢 楼座 座 楼 楼宇 栋别 楼幢号 楼房号 所在楼栋",
    Field.UNIT: "单元 单元号 梯 梯号 单元门 所在单元",
    Field.DOOR: (
        "房号 室 室号 门牌 门牌号 房间号 户号 房屋编号 门号 房间 房 门牌号码 房室号 房屋号 "
        "房屋坐落 坐落 房屋地址 地址 住址 详细地址"
    ),
    Field.FLOOR: "楼层 层 所在层 层数 所在楼层 层次",
    Field.AREA: "面积 建筑面积 房屋面积 产权面积 建面 专有面积 专有部分面积 证载面积 房屋建筑面积 住房面积",
    Field.OWNER: (
        "户主 业主 产权人 姓名 业主姓名 户主姓名 产权人姓名 所有权人 房主 权利人 产权单位 户名 "
        "业主名称 产权所有人 不动产权利人 业主/产权人 户主/业主 房屋所有人"
    ),
    Field.PHONE: (
        "电话 手机 联系电话 手机号 手机号码 电话号码 联系方式 联系手机 业主电话 户主电话 联系号码 "
        "电话/手机 手机/电话 户主联系电话 业主联系电话"
    ),
    Field.RELATION: "身份 人员身份 身份类型 居住身份 与户主关系 与业主关系 关系 人员类别",
    Field.TENURE: "产权性质 产权类型 房屋性质 房屋类型 产权 性质 住房性质 房产性质",
    Field.USE: "用途 房屋用途 使用性质 规划用途",
    Field.TENANT: "租户 承租人 租客 租住人 租户姓名 承租人姓名 租客姓名",
    Field.TENANT_PHONE: "租户电话 承租人电话 租客电话 租户手机 租户联系电话 承租人联系电话",
    Field.PROBLEM: "错误原因",
}
_FIELD_OF = {word.upper(): field for field, words in _SYNONYMS.items() for word in words.split()}
_WHOLE_ADDRESSES = {"房屋坐落", "坐落", "房屋地址", "地址", "住址", "详细地址"}
"""They name the door only where no other column does."""

_UNIT_OF_MEASURE = re.compile(r"[(\[【][^)\]】]*[)\]】]|[*:：]|㎡|M²|M2|平方米$|/M2$")


@dataclass(frozen=True)
class Header:
    """Where the headings are. ``row``: index from 0. ``columns``: field to column index from 0."""

    row: int
    columns: dict[Field, int]

    def missing(self) -> list[Field]:
        """Name the needed columns that the sheet lacks."""
        return [field for field in NEEDED if field not in self.columns]


@functools.lru_cache(maxsize=1024, typed=True)
def field_of(cell: Cell) -> Field | None:
    """Say which field a heading names, or ``None``."""
    text = squeezed(cell)
    if not text or len(text) > 20:
        return None
    bare = _UNIT_OF_MEASURE.sub("", text).rstrip("/")
    return _FIELD_OF.get(text) or _FIELD_OF.get(bare)


def columns_of(row: Sequence[Cell]) -> dict[Field, int]:
    """Give the fields named in a row of headings; where two columns claim one field the first has it."""
    found: dict[Field, int] = {}
    addresses: list[int] = []
    for index, cell in enumerate(row):
        field = field_of(cell)
        if field is Field.DOOR and squeezed(cell) in _WHOLE_ADDRESSES:
            addresses.append(index)
        elif field is not None:
            found.setdefault(field, index)
    if addresses:
        found.setdefault(Field.DOOR, addresses[0])
    return found


def find_header(rows: Sequence[Sequence[Cell]]) -> Header | None:
    """Find the row that names the most columns among the first twenty; of equals the last of a run (two-row headings).

    A row with fewer than three known names is a title or data, not a heading.
    """
    best: Header | None = None
    for index, row in enumerate(rows[:HEADER_SEARCHED_ROWS]):
        columns = columns_of(row)
        if len(columns) < 3:
            continue
        if (
            best is None
            or len(columns) > len(best.columns)
            or (len(columns) == len(best.columns) and best.row == index - 1)
        ):
            best = Header(index, columns)
    return best


def is_header_again(row: Sequence[Cell], header: Header) -> bool:
    """Say whether a row repeats the headings, as printed rosters do on every page."""
    door = header.columns[Field.DOOR]
    if field_of(row[door] if door < len(row) else None) is not Field.DOOR:
        return False
    again = sum(1 for field, index in header.columns.items() if index < len(row) and field_of(row[index]) == field)
    return again >= max(3, len(header.columns) - 1)
