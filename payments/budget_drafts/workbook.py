"""A budget as a workbook: the template with the estate's own doors, and what comes back filled in."""

import io
from collections.abc import Sequence

import xlsxwriter

from kernel.errors import Invalid
from kernel.ratio import quotient_text
from kernel.worksheets import opened, rows_of
from payments.rules.apportion import METHODS, Home, MethodName
from payments.rules.budget_text import HINTS, WORDS, CostText, ExemptionText

COSTS, LISTS, EXEMPTIONS, DOORS, ABOUT = "费用", "名单", "减免", "门牌", "说明"
COST_HEADS = ("费用名称", "金额（元）", "范围", "分摊办法", "怎么分")
LIST_HEADS = ("费用名称", "门牌", "数额（元）")
EXEMPTION_HEADS = ("门牌", "减免比例", "原因")
DOOR_HEADS = ("门牌", "建筑面积（㎡）", "楼层")
MOST_BYTES = 5_000_000
MOST_ROWS = 20_000


def template(estate: str, homes: Sequence[Home]) -> bytes:
    """An empty workbook with its heads, a sheet of the estate's doors to copy from, and how to fill it in."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bg_color": "#e8f3ec", "border": 1})
    titles = [made.title for made in METHODS.values()]
    for name, heads in ((COSTS, COST_HEADS), (LISTS, LIST_HEADS), (EXEMPTIONS, EXEMPTION_HEADS), (DOORS, DOOR_HEADS)):
        sheet = book.add_worksheet(name)
        sheet.set_column(0, len(heads) - 1, 22)
        sheet.freeze_panes(1, 0)
        for at, word in enumerate(heads):
            sheet.write_string(0, at, word, head)
        if name == COSTS:
            sheet.data_validation(1, 3, 200, 3, {"validate": "list", "source": titles})
        if name == DOORS:
            for line, home in enumerate(sorted(homes, key=lambda one: one.order), 1):
                sheet.write_string(line, 0, home.label)
                sheet.write_string(line, 1, quotient_text(home.area_dm2, 100, 2) if home.area_dm2 else "")
                sheet.write_string(line, 2, str(home.floor) if home.floor is not None else "")
    about = book.add_worksheet(ABOUT)
    about.set_column(0, 0, 90)
    for line, text in enumerate(_about(estate)):
        about.write_string(line, 0, text)
    book.close()
    return out.getvalue()


def _about(estate: str) -> list[str]:
    hints = [f"{METHODS[name].title}：{hint or '“怎么分”不用填。'}" for name, hint in HINTS.items()]
    return [
        f"{estate} 分摊方案填写说明",
        "“费用”一行一项。范围不填就是全小区；一栋写“3栋”，一个单元写“3栋2单元”。金额例如 1200000 或 300.50。",
        *hints,
        "谁受益、商定的数额也可以写在“名单”里，一行一户：费用名称和“费用”里的一样，门牌从“门牌”里复制。",
        "“减免”一行一户，写明比例（例如 100%）和原因；方案里另列一行。",
        "填好后在“编制分摊方案”页上传，先算一算，看过每户的算式再提交复核。",
    ]


def read(data: bytes) -> tuple[list[CostText], list[ExemptionText]]:
    """What a filled-in workbook says, as text. Raises Invalid: too large, protected, unreadable, heads missing."""
    sheets = _sheets(data)
    costs = [
        CostText(*row[:5]) for row in _rows(sheets, COSTS, COST_HEADS, needed=True) if any(cell for cell in row[:5])
    ]
    named = {cost.name: at for at, cost in enumerate(costs)}
    listed: dict[str, list[str]] = {}
    for name, door, yuan in _rows(sheets, LISTS, LIST_HEADS):
        if not (name or door):
            continue
        if name not in named:
            raise Invalid("list-of-nothing", f"“名单”里的费用“{name}”在“费用”里没有。请写成一样的名称。")
        fixed = WORDS.get("".join(costs[named[name]].method.split())) is MethodName.FIXED
        listed.setdefault(name, []).append(f"{door} {yuan}" if fixed else door)
    for name, lines in listed.items():
        cost = costs[named[name]]
        text = "\n".join(filter(None, (cost.settings, *lines)))
        costs[named[name]] = CostText(cost.name, cost.yuan, cost.scope, cost.method, text)
    exemptions = [ExemptionText(*row[:3]) for row in _rows(sheets, EXEMPTIONS, EXEMPTION_HEADS) if any(row[:3])]
    return costs, [_percent(one) for one in exemptions]


def _percent(one: ExemptionText) -> ExemptionText:
    """A cell formatted as a percentage comes as a fraction: 100 % is 1, 50 % is 0.5. One per cent is never meant."""
    shares = {"1": "100%", **{f"0.{n}": f"{n}0%" for n in range(1, 10)}}
    return ExemptionText(one.door, shares.get(one.percent, one.percent), one.why)


def _rows(
    sheets: dict[str, list[list[str]]], name: str, heads: Sequence[str], *, needed: bool = False
) -> list[list[str]]:
    """The rows under the heads of a sheet, each as long as the heads, in the order of ``heads``."""
    rows = sheets.get(name)
    if rows is None:
        if needed:
            raise Invalid("sheet-missing", f"表格里没有“{name}”这一页。请用下载的模板填写。")
        return []
    for at, row in enumerate(rows[:10]):
        plain = ["".join(cell.split()) for cell in row]
        if heads[0] in plain:
            missing = [head for head in heads if head not in plain]
            if missing:
                raise Invalid("column-missing", f"“{name}”里没有这几列：{'、'.join(missing)}。请用下载的模板填写。")
            order = [plain.index(head) for head in heads]
            return [[one[place] if place < len(one) else "" for place in order] for one in rows[at + 1 :]]
    raise Invalid("column-missing", f"“{name}”里没有找到“{heads[0]}”这一列。请用下载的模板填写。")


def _sheets(data: bytes) -> dict[str, list[list[str]]]:
    if len(data) > MOST_BYTES:
        raise Invalid("file-too-large", "文件超过 5 MB。请用下载的模板填写。")
    with opened(data, rows=MOST_ROWS) as book:
        found = {}
        for name in book.sheet_names:
            rows = rows_of(book.get_sheet_by_name(name), rows=MOST_ROWS)
            found[name.strip()] = [[_text(cell) for cell in row[:20]] for row in rows]
        return found


def _text(cell: object) -> str:
    """A cell as a person reads it: 1200000.0 is 1200000. Floats of a sheet have at most two places here."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell).strip()
