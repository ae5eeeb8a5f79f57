"""A submission of ODK Collect, read with suspicion, as the answers of our form. No database here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from kernel.clock import CHINA
from kernel.errors import Invalid
from surveys.questionnaires.xlsform.sheets import DOOR_FIELDS, Field

MOST_BYTES = 1 << 20
MOST_FIELDS = 5000
DEEPEST = 12
BROKEN = "手机发来的表格内容不完整或不对。请在 ODK Collect 里重新打开这份表，保存后再发。"

ENCRYPTED = (
    "这份表是加密过的，这里打不开，没有收。请用在“获取空白表格”里下载的表重新填；"
    "传送时已经由 https 加密，个人信息到这边也加密保存。"
)


@dataclass(frozen=True)
class Instance:
    """A filled form: which (``form_id``, ``version``), its own id, and the text of every field by name.

    ``groups``: of every group by name, once for each time it occurs, the texts of the fields inside it; ``twice``:
    names of fields that occur more than once.
    """

    form_id: str
    version: str
    instance_id: str
    values: Mapping[str, str]
    groups: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    twice: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Picture:
    """A file an answer names: of question ``code``, the ``part``-th photo of it ("" for a signature); ``row``: of a
    repeat, counted from 0, in which it stands."""

    code: str
    part: str
    filename: str
    caption: str = ""
    row: int = -1


def parsed(data: bytes) -> Instance:
    """Read the XML of a submission. Raises Invalid; also for a DTD or an entity, which no phone sends."""
    if len(data) > MOST_BYTES:
        raise Invalid("submission-too-large", "表格内容太大，没有收。")
    try:
        root: Element = ElementTree.fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Invalid("submission-broken", BROKEN) from None
    if root.get("encrypted") == "yes":
        raise Invalid("submission-encrypted", ENCRYPTED)
    fields: list[tuple[str, str]] = []
    groups: dict[str, list[dict[str, str]]] = {}
    _take(root, 0, fields, groups)
    values: dict[str, str] = {}
    for name, text in fields:
        values.setdefault(name, text)
    twice = frozenset(name for name, times in Counter(name for name, _ in fields).items() if times > 1)
    if twice & {"instanceID", *DOOR_FIELDS}:
        raise Invalid("submission-broken", BROKEN)
    instance_id = values.get("instanceID") or root.get("instanceID") or ""
    if not root.get("id") or not 8 <= len(instance_id) <= 200:
        raise Invalid("submission-broken", BROKEN)
    return Instance(root.get("id", ""), root.get("version", ""), instance_id, values, groups, twice)


def _take(
    element: Element, depth: int, fields: list[tuple[str, str]], groups: dict[str, list[dict[str, str]]]
) -> list[tuple[str, str]]:
    """Collect what is under an element; its fields. Depth and number are bounded, so the work is, too."""
    name = str(element.tag).rpartition("}")[2]
    if depth > DEEPEST:
        raise Invalid("submission-broken", BROKEN)
    if not len(element):
        found = [(name, (element.text or "").strip())]
        fields += found
        if len(fields) > MOST_FIELDS:
            raise Invalid("submission-too-large", "表格内容太大，没有收。")
        return found
    found = [one for part in element for one in _take(part, depth + 1, fields, groups)]
    groups.setdefault(name, []).append(dict(found))
    return found


def answers_of(fields: Sequence[Field], filled: Instance) -> tuple[dict[str, Any], list[Picture]]:
    """The answers map of our form, without its pictures, and the pictures. Raises Invalid with what is wrong by code.

    Whether an answer is allowed is not judged here: that is the same check for everybody.
    """
    faults: dict[str, list[str]] = {}
    single = [one for one in fields if not one.repeat]
    if any(one.name in filled.twice for one in single):
        raise Invalid("submission-broken", BROKEN)
    answers, pictures = _read(single, filled.values, faults)
    for name in dict.fromkeys(one.repeat for one in fields if one.repeat):
        inner = [one for one in fields if one.repeat == name]
        code, cut = _repeat_of(inner)
        rows: list[dict[str, Any]] = []
        for texts in filled.groups.get(name, ()):
            found, shown = _read(inner, texts, faults)
            pictures += [replace(one, row=len(rows)) for one in shown]
            if found or shown:
                rows.append({key[cut:]: value for key, value in found.items()})
        if rows:
            answers[code] = rows
    if faults:
        raise Invalid("answers-invalid", f"有 {len(faults)} 题还要改一下。", faults)
    return answers, pictures


def _repeat_of(inner: Sequence[Field]) -> tuple[str, int]:
    """The code of the repeat some fields stand in, and how much of their codes that is."""
    code = inner[0].code.partition(".")[0]
    return code, len(code) + 1


def _read(
    fields: Sequence[Field], values: Mapping[str, str], faults: dict[str, list[str]]
) -> tuple[dict[str, Any], list[Picture]]:
    answers: dict[str, Any] = {}
    pictures: dict[tuple[str, str], Picture] = {}
    for one in fields:
        text = values.get(one.name, "")
        if not text:
            continue
        if one.how == "file":
            pictures[one.code, one.part] = Picture(one.code, one.part, text)
            continue
        if one.how == "caption":
            place = one.part.partition("_")[0]
            if shown := pictures.get((one.code, place)):
                pictures[one.code, place] = Picture(shown.code, shown.part, shown.filename, text)
            continue
        try:
            value = _value(one, text)
        except (ValueError, OverflowError):  # the latter: a moment before the first year or after the last
            faults[one.code] = [f"“{text[:20]}”看不懂，请重新填。"]
            continue
        if one.how == "place":
            answers.setdefault(one.code, []).append(value)
        elif one.part:
            answers.setdefault(one.code, {})[one.part] = value
        else:
            answers[one.code] = value
    return answers, list(pictures.values())


def _value(field: Field, text: str) -> Any:
    if field.how in ("codes", "rank"):
        return text.split()
    if field.how in ("number", "score"):
        try:
            scaled = Decimal(text) * 10**field.decimals
        except ArithmeticError:
            raise ValueError(text) from None
        if not scaled.is_finite() or abs(scaled) > 10**12 or scaled != int(scaled):
            raise ValueError(text)
        return int(scaled)
    if field.how == "yes_no":
        if text not in ("yes", "no"):
            raise ValueError(text)
        return text == "yes"
    if field.how == "time":
        return time.fromisoformat(text).strftime("%H:%M")  # by the clock on the wall, wherever the phone thinks it is
    if field.how == "moment":
        there = datetime.fromisoformat(text)
        return (there.astimezone(CHINA) if there.tzinfo else there).strftime("%Y-%m-%dT%H:%M")
    return text
