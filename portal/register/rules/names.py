"""Names in the cells of a roster: people's and organisations'."""

import functools
import re
from collections.abc import Sequence

from portal.register.rules.cells import NOBODY, BadCell, Cell, Telephone, dated, telephones, text_of

_HAN = re.compile(r"^[㐀-鿿豈-﫿𠀀-𲎯·•・]+$")
_LATIN_NAME = re.compile(r"^[A-Za-z][A-Za-z .'·-]{1,58}[A-Za-z.]$")
# 和 parts two names (王建国和陈秀英) but also stands inside one (李和平).
_NAMES_APART = re.compile(r"[、/,;|\n]+|(?<=\S\S)[和及与](?=\S{2,})")

_ORGANISATION_ANYWHERE = (
    "公司",
    "委员会",
    "集团",
    "合作社",
    "办事处",
    "事务所",
    "管理处",
    "研究院",
    "研究所",
    "服务中心",
)
_ORGANISATION_END_SHORT = (
    "局",
    "厂",
    "单位",
    "学校",
    "小学",
    "中学",
    "大学",
    "医院",
    "银行",
    "法院",
    "工会",
    "居委会",
    "村委会",
    "政府",
)
_ORGANISATION_END_LONG = (
    "院",
    "所",
    "站",
    "社",
    "处",
    "部",
    "委",
    "厅",
    "中心",
    "店",
    "行",
    "会",
    "队",
    "科",
    "矿",
    "库",
)


def names(cell: Cell) -> list[str]:
    """Give the names in a cell: two co-owners may stand in one, divided by ``、`` or ``/``."""
    if dated(cell):
        raise BadCell("姓名被 Excel 变成了日期，请重新填写")
    text = text_of(cell)
    if not text or text in NOBODY:
        return []
    if organisation(text):
        parts: Sequence[str] = re.split(r"[、/;|\n]+", text)
        if not all(organisation(part) or len(part) >= 2 for part in parts):
            parts = [text]
    else:
        parts = _NAMES_APART.split(text)
    found: list[str] = []
    for part in parts:
        for name in _by_spaces(part.strip()):
            _check_name(name)
            if name not in found:
                found.append(name)
    return found


def _by_spaces(text: str) -> list[str]:
    """``李 明`` is one name spread out; ``李明 王芳`` is two; Latin names keep their spaces."""
    pieces = text.split()
    if not pieces:
        return []
    if all(_HAN.match(piece) for piece in pieces):
        if len(pieces) > 1 and all(len(piece) >= 2 for piece in pieces) and not organisation("".join(pieces)):
            return pieces
        return ["".join(pieces)]
    return [" ".join(pieces)]


def _check_name(name: str) -> None:
    if organisation(name):
        if len(name) > 60:
            raise BadCell("单位名称太长（最多 60 个字）")
        return
    if re.search(r"[0-9]", name):
        raise BadCell(f"姓名里有数字：{name[:20]}")
    if _HAN.match(name):
        if len(name) < 2:
            raise BadCell(f"姓名只有一个字：{name}")
        if len(name) > 20:
            raise BadCell("姓名太长，请核对")
        return
    if not _LATIN_NAME.match(name):
        raise BadCell(f"姓名看不懂：{name[:20]}")


@functools.lru_cache(maxsize=64)
def organisation(name: str) -> bool:
    """Say whether a name is an organisation's (公司, 局, 厂, 委员会 …). Short endings such as 所 need a longer name."""
    bare = re.sub(r"[((].*?[))]", "", "".join(name.split()))
    return (
        any(word in bare for word in _ORGANISATION_ANYWHERE)
        or (len(bare) >= 3 and bare.endswith(_ORGANISATION_END_SHORT))
        or (len(bare) >= 5 and bare.endswith(_ORGANISATION_END_LONG))
    )


def named_telephones(cell: Cell) -> list[tuple[str, Telephone | None]]:
    """Read a tenants' cell: ``王五 13800138000、赵六`` gives each name with its own number, if any."""
    found: list[tuple[str, Telephone | None]] = []
    for part in re.split(r"[、/,;|\n]+", text_of(cell)):
        digits = re.search(r"\+?[0-9][0-9 -]{5,}", part)
        number = telephones(digits[0].strip())[0] if digits else None
        rest = part.replace(digits[0], "") if digits else part
        people = names(re.sub(r"[()]", "", rest))
        if digits and not people:
            raise BadCell("租户只有电话，没有姓名")
        found += [(name, number if place == 0 else None) for place, name in enumerate(people)]
    return found
