"""A budget as an office writes it, in Chinese words, read into the shape it is kept in.

``按楼层系数`` with ``3层 0.7，4层 0.8``; ``谁受益谁分摊`` with ``3层起`` or doors; ``按商定的数额`` with a door and
yuan a line; ``综合分摊`` with ``按户平均 40，按建筑面积 60``. The form and the workbook are read by the same words.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernel.errors import Invalid
from kernel.money import fen_from_text
from payments.rules.apportion import METHODS, MethodName

WHOLE_ESTATE = frozenset({"", "全小区", "全部", "小区"})
BY_HOUSEHOLD = ("按户数", "每户一样")
"""Written into the settings of coefficients or of who benefits, they say that the area does not count."""

_ALSO = {
    "按户": MethodName.HOUSEHOLD,
    "按户数": MethodName.HOUSEHOLD,
    "按面积": MethodName.AREA,
    "面积": MethodName.AREA,
    "楼层系数": MethodName.FLOOR,
    "按楼层": MethodName.FLOOR,
    "受益户": MethodName.ITEM,
    "按受益": MethodName.ITEM,
    "商定": MethodName.FIXED,
    "按名单": MethodName.FIXED,
    "综合": MethodName.MIXED,
    "混合": MethodName.MIXED,
}
WORDS: dict[str, MethodName] = {**_ALSO, **{made.title: name for name, made in METHODS.items()}}
"""What an office may write for a method."""

_SEPARATORS = re.compile(r"[，,、；;\n]+")
_FLOOR = re.compile(r"(\d{1,3})\s*层?\s*[:：=]?\s*(\d{1,2}(?:\.\d{1,3})?)")
_FROM_FLOOR = re.compile(r"(\d{1,3})\s*层\s*(?:起|及?以上)")
_AMOUNT = re.compile(r"(.+?)[\s:：=]+([\d,]+(?:\.\d{1,2})?)\s*元?")
_PART = re.compile(r"([^\d\s（(%]+)\s*(\d{1,4})\s*%?\s*(?:[（(](.*?)[）)])?", re.DOTALL)
_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d))?\s*%?")


@dataclass(frozen=True)
class CostText:
    """One cost as written."""

    name: str
    yuan: str
    scope: str
    method: str
    settings: str


@dataclass(frozen=True)
class ExemptionText:
    """A home let off, as written: its door, how much (``100%``) and why."""

    door: str
    percent: str
    why: str


def costs_from(lines: Sequence[CostText]) -> list[dict[str, Any]]:
    """Costs in the shape they are proposed in. Raises Invalid that names the line."""
    if not lines:
        raise Invalid("no-costs", "至少写一项费用。")
    return [_at(f"第 {number} 项费用“{line.name}”", _cost, line) for number, line in enumerate(lines, 1)]


def exemptions_from(lines: Sequence[ExemptionText]) -> list[dict[str, Any]]:
    """Exemptions in the shape they are proposed in. Raises Invalid that names the line."""
    return [_at(f"第 {number} 条减免“{line.door}”", _exemption, line) for number, line in enumerate(lines, 1)]


def _at(where: str, read: Any, line: Any) -> dict[str, Any]:
    try:
        made: dict[str, Any] = read(line)
    except Invalid as error:
        raise Invalid("budget-line", f"{where}：{error.detail}") from None
    return made


def _cost(line: CostText) -> dict[str, Any]:
    if not line.name.strip():
        raise Invalid("no-name", "没有写费用名称。")
    amount_fen = fen_from_text(line.yuan)
    if amount_fen < 1:
        raise Invalid("cost-too-small", "金额要大于 0 元。")
    scope = line.scope.strip()
    return {
        "name": line.name.strip(),
        "amount_fen": amount_fen,
        "scope": "" if scope in WHOLE_ESTATE else scope_from(scope),
        "how": how_from(line.method, line.settings),
    }


def scope_from(text: str) -> str:
    """``3栋`` -> itself, ``3栋2单元`` or ``3栋/2`` -> ``3栋/2``."""
    found = re.fullmatch(r"(.+?)[/／]?\s*(\d{1,3})\s*单元", text.strip())
    return f"{found[1].strip()}/{found[2]}" if found else text.strip().replace("／", "/")


def _exemption(line: ExemptionText) -> dict[str, Any]:
    found = _PERCENT.fullmatch(line.percent.strip())
    thousandths = int(found[1]) * 10 + int(found[2] or "0") if found else 0
    if not 1 <= thousandths <= 1000:
        raise Invalid("exemption-share", "减免比例要写 0 到 100 之间的百分数，例如 100% 或 50%。")
    if not line.why.strip():
        raise Invalid("exemption-reason", "没有写减免的原因。")
    return {"dwelling": line.door.strip(), "thousandths": thousandths, "why": line.why.strip()}


def how_from(method: str, settings: str) -> dict[str, Any]:
    """A method by its Chinese name, with its settings in words. Raises Invalid for what cannot be read."""
    name = WORDS.get("".join(method.split()))
    if name is None:
        titles = "、".join(made.title for made in METHODS.values())
        raise Invalid("no-such-method", f"没有“{method}”这种分摊办法。可用：{titles}。")
    return {"method": name.value, **_SETTINGS[name](settings.strip())}


def _nothing(settings: str) -> dict[str, Any]:
    if settings:
        raise Invalid("settings-not-needed", f"这种办法不用写“{settings}”。请删去，或换一种办法。")
    return {}


def _without_area(settings: str) -> tuple[str, dict[str, Any]]:
    for word in BY_HOUSEHOLD:
        if word in settings:
            return settings.replace(word, ""), {"by_area": False}
    return settings, {}


def _pieces(settings: str) -> list[str]:
    return [piece.strip() for piece in _SEPARATORS.split(settings) if piece.strip()]


def _floors(settings: str) -> dict[str, Any]:
    text, made = _without_area(settings)
    coefficients: dict[str, int] = {}
    for piece in _pieces(text):
        found = _FLOOR.fullmatch(piece)
        if found is None:
            raise Invalid("coefficients", f"楼层系数“{piece}”看不懂。请写成“3层 0.7，4层 0.8”。")
        whole, _, places = found[2].partition(".")
        coefficients[found[1].lstrip("0") or "0"] = int(whole) * 1000 + int((places or "0").ljust(3, "0"))
    return {**made, "coefficients": coefficients} if coefficients else made


def _benefit(settings: str) -> dict[str, Any]:
    text, made = _without_area(settings)
    homes: list[str] = []
    for piece in _pieces(text):
        found = _FROM_FLOOR.fullmatch(piece)
        if found:
            made["from_floor"] = int(found[1])
        else:
            homes.append(piece)
    if homes:
        made["homes"] = homes
    if not homes and "from_floor" not in made:
        raise Invalid("who-benefits", "请写谁受益：门牌，或“3层起”。")
    return made


def _agreed(settings: str) -> dict[str, Any]:
    amounts: dict[str, int] = {}
    for piece in re.split(r"[，、；;\n]+", settings):  # a comma may stand within an amount
        if not piece.strip():
            continue
        found = _AMOUNT.fullmatch(piece.strip())
        if found is None:
            raise Invalid("agreed", f"“{piece.strip()}”看不懂。请一行写一户，例如“3栋2单元501 10500”。")
        if found[1].strip() in amounts:
            raise Invalid("agreed-twice", f"“{found[1].strip()}”写了两次。")
        amounts[found[1].strip()] = fen_from_text(found[2])
    if not amounts:
        raise Invalid("agreed", "请写每户商定的数额，一行一户，例如“3栋2单元501 10500”。")
    return {"amounts": amounts}


def _mixed(settings: str) -> dict[str, Any]:
    parts, rest = [], settings
    while rest := rest.lstrip(" ，,、；;\n"):
        found = _PART.match(rest)
        if found is None:
            raise Invalid("mixed-parts", "综合分摊请写成“按户平均 40，按建筑面积 60”。")
        inner = how_from(found[1], found[3] or "")
        if inner["method"] == MethodName.MIXED:
            raise Invalid("mixed-parts", "综合分摊里不能再套综合分摊。")
        parts.append({**inner, "part": int(found[2])})
        rest = rest[found.end() :]
    if len(parts) < 2 or any(part["part"] < 1 for part in parts):
        raise Invalid("mixed-parts", "综合分摊要有两种以上办法，例如“按户平均 40，按建筑面积 60”。")
    return {"parts": parts}


_SETTINGS: Mapping[MethodName, Any] = {
    MethodName.HOUSEHOLD: _nothing,
    MethodName.AREA: _nothing,
    MethodName.FLOOR: _floors,
    MethodName.ITEM: _benefit,
    MethodName.FIXED: _agreed,
    MethodName.MIXED: _mixed,
}
HINTS: Mapping[MethodName, str] = {
    MethodName.HOUSEHOLD: "",
    MethodName.AREA: "",
    MethodName.FLOOR: "每层的系数，例如“3层 0.7，4层 0.8”；不填用广州的系数。不乘面积的，加写“按户数”。",
    MethodName.ITEM: "谁受益：“3层起”，或写门牌，用顿号隔开；不按面积、每户一样的，加写“按户数”。",
    MethodName.FIXED: "每户商定的数额，一行一户，例如“3栋2单元501 10500”。",
    MethodName.MIXED: "各办法的比重，例如“按户平均 40，按建筑面积 60”；明细放在括号里：“按楼层系数 60（3层 0.7）”。",
}
"""What a method asks for in words, for whoever fills in the form."""
