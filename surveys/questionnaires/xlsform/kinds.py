"""Rows of an XLSForm as question kinds of ours. Pure; raises Refusal or Unsayable with the reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from surveys.questionnaires.rules.questions.scales import MOST_DECIMALS
from surveys.questionnaires.rules.questions.texts import LONGEST
from surveys.questionnaires.xlsform import limits
from surveys.questionnaires.xlsform.compiling import select_kind
from surveys.questionnaires.xlsform.exporting import PHONE
from surveys.questionnaires.xlsform.expressions import Target
from surveys.questionnaires.xlsform.syntax import Unsayable
from surveys.questionnaires.xlsform.workbook import Row

WIDE = 1_000_000_000
OTHER = {"code": "other", "label": "其他", "text": {"label": "请说明", "max": 200}}
HARMLESS = frozenset({"minimal", "quick", "horizontal", "vertical", "compact", "w1", "w2", "columns", "no-buttons"})

Spoken = Callable[[Row, str], str]
Coder = Callable[[Row, str, set[str]], str]
Lists = Mapping[str, list[Row]]


class Refusal(Exception):
    """A row that cannot come along; ``row`` when it is another than the one in hand."""

    def __init__(self, text: str, row: Row | None = None) -> None:
        super().__init__(text)
        self.row = row


@dataclass
class Made:
    """``entry``: a question of a document, without code and conditions. ``target``: what conditions find behind its
    name; ``parts``: likewise behind the names of its rows; ``listed``: what did not come along."""

    entry: dict[str, Any]
    target: Target | None = None
    parts: dict[str, Target] = field(default_factory=dict)
    listed: list[str] = field(default_factory=list)


def first_word(row: Row) -> str:
    """The first word of a row's type."""
    return row.get("type").split()[0].lower() if row.get("type") else ""


def choices_of(row: Row, lists: Lists) -> list[Row]:
    """The choices a select names. Raises Refusal when there are none."""
    words = row.get("type").split()
    found = lists.get(words[-1] if words[-1] != "or_other" else words[-2], [])
    if words[-1].startswith("${"):
        raise Refusal("选项取自别题的答案（${…}），不能导入")
    if not found:
        raise Refusal(f"choices 表里没有 {words[-1]} 这组选项")
    return found


def options_of(choices: list[Row], spoken: Spoken, coder: Coder) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Options of ours, and the codes by the names in the sheet."""
    taken: set[str] = set()
    codes: dict[str, str] = {}
    options = []
    for choice in choices:
        name = choice.get("name")
        if name in codes:
            raise Refusal(f"选项 {name} 写了两次", choice)
        codes[name] = coder(choice, name, taken)
        options.append({"code": codes[name], "label": spoken(choice, "label") or name})
    return options, codes


def bound(value: Decimal | None, otherwise: int) -> int | str:
    """A bound as our numbers have it: a whole number, or a text with its fraction."""
    if value is None:
        return otherwise
    return int(value) if value == int(value) else f"{value.normalize():f}"


def places_of(*values: Decimal | None) -> int:
    """How many decimals it takes to say all of them. Raises Unsayable for more than our numbers have."""
    found = 0
    for value in values:
        exponent = 0 if value is None else value.normalize().as_tuple().exponent
        found = max(found, -exponent if isinstance(exponent, int) else 0)
    if found > MOST_DECIMALS:
        raise Unsayable(f"小数最多 {MOST_DECIMALS} 位")
    return found


def _limits(row: Row, *, whole: bool = True) -> limits.Limits:
    if not row.get("constraint"):
        return limits.Limits()
    try:
        return limits.read(row.get("constraint"), whole=whole)
    except Unsayable as reason:
        raise Refusal(f"限制不能导入：{reason}") from None


def _only(found: limits.Limits, *allowed: str) -> None:
    blank = limits.Limits()
    for name in vars(blank).keys() - {"listed"}:
        if name not in allowed and getattr(found, name) != getattr(blank, name):
            raise Refusal("这种题型不能有这样的限制（constraint）")


def _look(row: Row, *carried: str) -> list[str]:
    words = [word for word in row.get("appearance").split() if word not in HARMLESS and word not in carried]
    return [f"样式 {'、'.join(words)} 没有导入"] if words else []


def parameters(row: Row) -> dict[str, str]:
    """``start=1 end=10`` as a mapping."""
    words = row.get("parameters").replace(",", " ").replace(";", " ").split()
    return {key.lower(): value for key, _, value in (word.partition("=") for word in words)}


def _parameters(row: Row, *carried: str) -> list[str]:
    left = [f"{key}={value}" for key, value in parameters(row).items() if key not in carried]
    return [f"参数 {' '.join(left)} 没有导入"] if left else []


def chosen_from(row: Row, choices: list[Row], spoken: Spoken, coder: Coder) -> Made:
    """select_one, select_multiple and rank, with or_other."""
    kind = select_kind(_select_word(row))
    if "search(" in row.get("appearance"):
        raise Refusal("选项在另一个文件里（search），不能导入")
    options, codes = options_of(choices, spoken, coder)
    listed = _look(row, "autocomplete")
    if row.get("type").split()[-1] == "or_other":
        if "other" in codes.values():
            raise Refusal("选项里已经有 other，不能再用 or_other")
        options.append(dict(OTHER))
        codes["other"] = "other"
    if len(options) < 2:
        raise Refusal("选项不到两个")
    listed += _parameters(row)
    found = _limits(row)
    if kind == "select one":
        _only(found)
        return Made({"kind": "single", "options": options}, Target("single", "", codes), listed=listed)
    if kind == "rank":
        _only(found)
        order = {"kind": "ranking", "options": options, "count": len(options)}
        return Made(order, Target("multi", "", codes), listed=listed)
    _only(found, "fewest", "most", "alone", "apart", "enough")
    try:
        alone = limits.alone_of(found, set(codes))
    except Unsayable as reason:
        raise Refusal(f"限制不能导入：{reason}") from None
    if set(found.enough) - set(alone):
        raise Refusal("限制里的 or 不支持：只有排除其他选项的那一项才可以单独选")
    entry: dict[str, Any] = {"kind": "multi", "options": options}
    if found.fewest is not None:
        entry["min"] = found.fewest
    if found.most is not None:
        entry["max"] = found.most
    for name in alone:
        if name not in codes:
            raise Refusal(f"限制里的选项 {name} 不存在")
        next(option for option in options if option["code"] == codes[name])["alone"] = True
    return Made(entry, Target("multi", "", codes), listed=listed)


def _select_word(row: Row) -> str:
    words = [word for word in row.get("type").split() if word != "or_other"]
    return " ".join(words[:-1])


def one(row: Row, lists: Lists, spoken: Spoken, coder: Coder) -> Made:
    """A row that is a question by itself."""
    word = first_word(row)
    if "from_file" in word or "external" in word:
        raise Refusal("选项在另一个文件里（from_file、external），不能导入")
    if select_kind(_select_word(row)):
        return chosen_from(row, choices_of(row, lists), spoken, coder)
    if word in REFUSED:
        raise Refusal(f"题型 {row.get('type')} 不能导入：{REFUSED[word]}")
    reader = _READERS.get(row.get("type").lower()) or _READERS.get(word)
    if reader is None:
        raise Refusal(f"题型 {row.get('type')} 不能导入")
    return reader(row)


_PLACE = "住户在哪里由门牌登记，问卷不另记位置（个人信息）"
REFUSED = {
    **dict.fromkeys(("geopoint", "gps", "geotrace", "geoshape", "location", "osm"), _PLACE),
    **dict.fromkeys(("audio", "video"), "不收录音、录像，请改成照片（image）或文字（text）"),
    "file": "不收文件，请改成照片（image）",
}
"""Types that are not taken, and why."""


def _integer(row: Row) -> Made:
    found = _limits(row)
    _only(found, "low", "high", "at_most", "at_least")
    return _number(row, found, 0)


def _decimal(row: Row) -> Made:
    found = _limits(row, whole=False)
    _only(found, "low", "high", "above", "below", "decimals", "at_most", "at_least")
    decimals = max(found.decimals or 2, places_of(found.low, found.high, found.above, found.below))
    least = Decimal(1).scaleb(-decimals)  # "more than nothing" is "this much at least"
    if found.above is not None:
        found.low = max(found.above + least, found.low if found.low is not None else found.above + least)
    if found.below is not None:
        found.high = min(found.below - least, found.high if found.high is not None else found.below - least)
    return _number(row, found, decimals)


def _number(row: Row, found: limits.Limits, decimals: int) -> Made:
    entry: dict[str, Any] = {"kind": "number", "low": bound(found.low, -WIDE), "high": bound(found.high, WIDE)}
    entry |= {key: name for key in ("at_most", "at_least") if (name := getattr(found, key)) is not None}
    listed = _look(row, "numbers", "thousands-sep")
    if found.low is None or found.high is None:
        listed.append(f"没有写全范围，按 {entry['low']} 到 {entry['high']} 收")
    if decimals:
        entry["decimals"] = decimals
        if found.decimals is None:
            listed.append(f"小数最多收 {decimals} 位")
    return Made(entry, Target("number", "", {}, decimals), listed=listed)


def _range(row: Row) -> Made:
    _only(_limits(row))
    said = parameters(row)
    try:
        low, high, step = (Decimal(said.get(key, text)) for key, text in (("start", "1"), ("end", "10"), ("step", "1")))
    except ArithmeticError:
        raise Refusal("range 的参数看不懂") from None
    if not all(value.is_finite() for value in (low, high, step)) or step <= 0 or low >= high or (high - low) % step:
        raise Refusal("range 要从小到大，每格比 0 大，从头到尾正好是整格")
    decimals = places_of(low, high, step)
    listed = _look(row, "rating", "likert", "picker") + _parameters(row, "start", "end", "step")
    if step == 1 and not decimals and 0 <= low < high <= low + 10:
        return Made({"kind": "rating", "low": int(low), "high": int(high)}, Target("number", "", {}), listed=listed)
    entry: dict[str, Any] = {"kind": "number", "low": bound(low, 0), "high": bound(high, 0)}
    if decimals:
        entry["decimals"] = decimals
    if decimals or step != 1:
        entry["step"] = bound(step, 1)
    listed.append("range 导入成填数字的题")
    return Made(entry, Target("number", "", {}, decimals), listed=listed)


def _words(row: Row) -> Made:
    if row.get("constraint").replace(" ", "") == PHONE.replace(" ", ""):
        return Made({"kind": "phone"}, None)
    found = _limits(row)
    _only(found, "shortest", "longest", "pattern")
    entry: dict[str, Any] = {"kind": "text", "max": min(found.longest or LONGEST, LONGEST)}
    if found.shortest:
        entry["min"] = found.shortest
    if found.pattern:
        entry["pattern"] = found.pattern
    listed = [*found.listed, *_look(row, "multiline")]
    if found.longest is None:
        listed.append(f"没有写最多多少字，按 {LONGEST} 字收")
    listed += _parameters(row, "rows")
    if "multiline" in row.get("appearance") or parameters(row).get("rows", "").isdigit():
        entry["lines"] = min(int(parameters(row).get("rows") or 5), 20)
    return Made(entry, Target("text", "", {}), listed=listed)


def _day(row: Row) -> Made:
    found = _limits(row)
    _only(found, "not_future")
    entry: dict[str, Any] = {"kind": "date", **({"not_future": True} if found.not_future else {})}
    if set(row.get("appearance").split()) & {"month-year", "year"}:
        raise Refusal("只问年或年月的日期不能导入，请改用整数题")
    return Made(entry, Target("day", "", {}), listed=_look(row))


def _time(row: Row) -> Made:
    _only(_limits(row))
    return Made({"kind": "time"}, Target("day", "", {}), listed=_look(row))


def _moment(row: Row) -> Made:
    _only(_limits(row))
    return Made({"kind": "datetime"}, Target("day", "", {}), listed=_look(row))


def _barcode(row: Row) -> Made:
    made = _words(row)
    return Made(made.entry, made.target, listed=["barcode 导入成文字题：照着码上的字输入，不扫码", *made.listed])


def _image(row: Row) -> Made:
    _only(_limits(row))
    listed = _look(row, "signature") + _parameters(row, "max-pixels")
    if "signature" in row.get("appearance").split():
        return Made({"kind": "signature"}, Target("text", "", {}), listed=listed)
    return Made({"kind": "photo", "max": 1, "caption": 0}, Target("text", "", {}), listed=listed)


def _acknowledge(row: Row) -> Made:
    item = {"code": "ok", "label": "我已知道", **({"must": True} if row.get("required") else {})}
    return Made({"kind": "consent", "items": [item]}, None, listed=["acknowledge 导入成一项同意"])


def _note(row: Row) -> Made:
    return Made({"kind": "note"}, None, listed=_look(row))


_READERS: dict[str, Callable[[Row], Made]] = {
    "integer": _integer,
    "int": _integer,
    "decimal": _decimal,
    "range": _range,
    "text": _words,
    "string": _words,
    "date": _day,
    "time": _time,
    "datetime": _moment,
    "barcode": _barcode,
    "image": _image,
    "photo": _image,
    "acknowledge": _acknowledge,
    "trigger": _acknowledge,
    "note": _note,
}


def limited(row: Row, made: Made, lists: Lists, said_by: Callable[[str, Mapping[str, str]], Any]) -> None:
    """Turn a ``choice_filter`` into conditions of the options: what it says of each choice, its columns filled in."""
    choices, options = choices_of(row, lists), made.entry["options"]
    columns = {column: "" for choice in choices for column in choice.cells}
    reasons: list[tuple[Row, str]] = []
    for choice, option in zip(choices, options, strict=False):
        try:
            said = said_by(row.get("choice_filter"), {**columns, **choice.cells})
        except Unsayable as reason:
            reasons.append((choice, str(reason)))
            continue
        if said is False:
            raise Refusal("按选项筛选（choice_filter），谁也选不到它", choice)
        if not isinstance(said, bool):
            option["show_if"] = said
    if len(reasons) == len(choices):
        raise Refusal(f"选项筛选（choice_filter）不能导入：{reasons[0][1]}")
    if reasons:
        raise Refusal(f"选项筛选（choice_filter）用在它上面时不能导入：{reasons[0][1]}", reasons[0][0])
