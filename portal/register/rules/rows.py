"""Reading one row of a roster: a dwelling with its holders, or everything that is wrong with the row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel.places.rules import dwelling_label
from portal.register.rules import cells, names
from portal.register.rules.cells import BadCell, Cell, text_of
from portal.register.rules.columns import Field, Header
from portal.register.rules.tables import Sheet

_FILLED_DOWN = {
    Field.BUILDING, Field.UNIT, Field.FLOOR, Field.OWNER, Field.PHONE, Field.TENURE, Field.USE, Field.TENANT,
    Field.TENANT_PHONE, Field.RELATION,
}  # fmt: skip
_RELATIONS = {
    "": "owner", "业主": "owner", "户主": "owner", "产权人": "owner", "本人": "owner", "所有权人": "owner",
    "共有人": "co_owner", "共有": "co_owner", "共同共有": "co_owner", "按份共有": "co_owner", "共有产权人": "co_owner",
    "租户": "tenant", "承租人": "tenant", "租客": "tenant", "租住": "tenant", "租赁": "tenant", "公房承租人": "tenant",
    "家属": "family", "配偶": "family", "子女": "family", "父母": "family", "儿子": "family", "女儿": "family",
    "夫妻": "family",
    "父亲": "family", "母亲": "family", "丈夫": "family", "妻子": "family", "家庭成员": "family", "亲属": "family",
    "产权单位": "organisation", "单位": "organisation", "单位业主": "organisation",
}  # fmt: skip
_USES = {
    "": "home", "住宅": "home", "居住": "home", "住房": "home", "成套住宅": "home", "商住": "home", "普通住宅": "home",
    "自住": "home", "宿舍": "home",
    "商铺": "shop", "商业": "shop", "店铺": "shop", "门面": "shop", "铺面": "shop", "商服": "shop", "商店": "shop",
    "办公": "shop", "办公用房": "shop", "非住宅": "shop",
    "车库": "parking", "车位": "parking", "车房": "parking", "杂物间": "parking", "柴火间": "parking",
    "储藏室": "parking",
}  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be taken. ``sheet`` and ``row`` count from 0; ``column`` is ``None`` for the row as a whole."""

    sheet: int
    row: int
    column: int | None
    text: str


@dataclass(frozen=True)
class Holder:
    """A person or organisation of a dwelling. ``key``: equal keys are one person, over all rows of the file."""

    key: tuple[Any, ...]
    name: str
    organisation: bool
    relation: str
    """owner | co_owner | tenant | family | organisation"""
    phone: str | None
    landline: bool = False


@dataclass
class RosterDwelling:
    """One door. ``row`` is the row of its owner, from 0; ``tenure`` is the 产权性质 as written."""

    sheet: int
    row: int
    building: str
    unit: str
    door: str
    floor: int | None
    area_dm2: int
    use: str
    tenure: str
    holders: list[Holder] = field(default_factory=list)

    @property
    def label(self) -> str:
        """``3栋2单元501``."""
        return dwelling_label(self.building, self.unit, self.door)

    @property
    def place(self) -> tuple[str, str, str]:
        """What makes it one door of the estate."""
        return (self.building, self.unit, self.door)


class RowReader:
    """Reads single cells of one row and gathers what is wrong with them."""

    def __init__(
        self, sheet: Sheet, number: int, row: int, header: Header, merged: Mapping[tuple[int, int], tuple[int, int]]
    ) -> None:
        self.sheet, self.number, self.row, self.header, self.merged = sheet, number, row, header, merged
        self.problems: list[Problem] = []

    def origin(self, name: Field) -> tuple[int, int] | None:
        """Say where the cell's text stands if the cell is the lower part of a merge."""
        column = self.header.columns.get(name)
        return None if column is None else self.merged.get((self.row, column))

    def own(self, name: Field) -> Cell:
        column = self.header.columns.get(name)
        return None if column is None else self.sheet.cell(self.row, column)

    def cell(self, name: Field) -> Cell:
        """Give the cell's value; the lower cells of a merge have the upper one's."""
        origin = self.origin(name)
        if origin is not None and name in _FILLED_DOWN:
            return self.sheet.cell(*origin)
        return self.own(name)

    def wrong(self, name: Field | None, text: str) -> None:
        column = None if name is None else self.header.columns.get(name)
        self.problems.append(Problem(self.number, self.row, column, text))

    def read(self, name: Field, reader: Callable[..., Any], *more: Any) -> Any:
        """Give what ``reader`` makes of the cell, or ``None`` after noting the problem."""
        try:
            return reader(self.cell(name), *more)
        except BadCell as problem:
            self.wrong(name, str(problem))
            return None


def read_row(reader: RowReader, building_of_sheet: str | None) -> tuple[RosterDwelling | None, str]:
    """Give the row's dwelling and the relation of its people to it; ``None`` when anything is wrong."""
    relation = _RELATIONS.get(cells.squeezed(reader.cell(Field.RELATION)))
    if relation is None:
        reader.wrong(Field.RELATION, f"身份看不懂：{text_of(reader.cell(Field.RELATION))[:20]}")
        relation = "owner"
    address = reader.read(Field.DOOR, cells.door)
    building = _read_building(reader, address, building_of_sheet)
    unit = reader.read(Field.UNIT, cells.unit) if Field.UNIT in reader.header.columns else None
    if address is not None and address.unit is not None:
        if unit and address.unit and unit != address.unit:
            reader.wrong(Field.DOOR, f"房号里的单元（{address.unit}单元）和单元一列（{unit}单元）不一致")
        unit = unit or address.unit
    floor = reader.read(Field.FLOOR, cells.floor, address.door if address else "")
    area = _read_area(reader, relation)
    use = _read_use(reader)
    holders = _read_holders(reader, relation, (building, unit or "", address.door if address else ""))
    if reader.problems or address is None or building is None:
        return None, relation
    dwelling = RosterDwelling(
        reader.number, reader.row, building, unit or "", address.door, floor, area or 0, use,
        text_of(reader.cell(Field.TENURE))[:24], holders,
    )  # fmt: skip
    return dwelling, relation


def _read_building(reader: RowReader, address: cells.Address | None, building_of_sheet: str | None) -> str | None:
    said = address.building if address else None
    if Field.BUILDING not in reader.header.columns:
        return said or building_of_sheet
    if said is not None and not text_of(reader.cell(Field.BUILDING)):
        return said
    building: str | None = reader.read(Field.BUILDING, cells.building)
    if building and said and building != said:
        reader.wrong(Field.DOOR, f"房号里的楼栋（{said}）和楼栋一列（{building}）不一致")
    return building


def _read_area(reader: RowReader, relation: str) -> int | None:
    if reader.origin(Field.AREA) is not None:
        reader.wrong(Field.AREA, "面积和上一行合并在一起，请每户单独填写")
        return None
    if relation not in ("owner", "organisation") and not text_of(reader.own(Field.AREA)):
        return 0
    area: int | None = reader.read(Field.AREA, cells.area_dm2)
    return area


def _read_use(reader: RowReader) -> str:
    text = text_of(reader.cell(Field.USE))
    use = _USES.get(text)
    if use is None:
        reader.wrong(Field.USE, f"用途看不懂：{text[:20]}")
    return use or "home"


def _read_holders(reader: RowReader, relation: str, door: tuple[str | None, str, str]) -> list[Holder]:
    """Give the owner, the co-owners named beside him, and the tenants of a tenant's column."""
    people = reader.read(Field.OWNER, names.names)
    phones = reader.read(Field.PHONE, cells.telephones) or []
    holders: list[Holder] = []
    if people is not None and not people:
        reader.wrong(Field.OWNER, "没有写户主")
    people = people or []
    if len(phones) > max(1, len(people)):
        # More numbers than people: the first is the one that is called.
        phones = phones[:1]
    for place, name in enumerate(people):
        phone = phones[place] if place < len(phones) else None
        is_organisation = names.organisation(name)
        stands = "organisation" if is_organisation else relation
        if stands == "owner" and place > 0:
            stands = "co_owner"
        if stands == "organisation" and not is_organisation:
            reader.wrong(Field.OWNER, f"身份写的是产权单位，但“{name[:20]}”不像单位名称")
        holders.append(_holder(name, stands, phone, _key(reader, Field.OWNER, name, phone, door, is_organisation)))
    for name, phone in _read_tenants(reader):
        is_organisation = names.organisation(name)
        holders.append(_holder(name, "tenant", phone, _key(reader, Field.TENANT, name, phone, door, is_organisation)))
    return holders


def _holder(name: str, relation: str, phone: cells.Telephone | None, key: tuple[Any, ...]) -> Holder:
    return Holder(
        key, name, key[0] == "organisation", relation, phone.number if phone else None, bool(phone and phone.landline)
    )


def _key(
    reader: RowReader,
    column: Field,
    name: str,
    phone: cells.Telephone | None,
    door: tuple[str | None, str, str],
    is_organisation: bool,
) -> tuple[Any, ...]:
    """Same name and number is one person; without a number only a merged cell says so; an organisation is its name."""
    if is_organisation:
        return ("organisation", name)
    if phone is not None:
        return ("phone", name, phone.number)
    origin = reader.origin(column)
    below = (reader.row + 1, reader.header.columns[column])
    if origin is None and below in reader.merged:
        origin = reader.merged[below]
    if origin is not None:
        return ("merged", name, reader.number, *origin)
    return ("door", name, *door)


def _read_tenants(reader: RowReader) -> list[tuple[str, cells.Telephone | None]]:
    tenants = reader.read(Field.TENANT, names.named_telephones) or []
    numbers = reader.read(Field.TENANT_PHONE, cells.telephones) or []
    if numbers and not tenants:
        reader.wrong(Field.TENANT_PHONE, "有租户电话，没有租户姓名")
    return [
        (name, phone or (numbers[place] if place < len(numbers) else None))
        for place, (name, phone) in enumerate(tenants)
    ]
