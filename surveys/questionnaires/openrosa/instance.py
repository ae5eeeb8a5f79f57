"""A submission of ODK Collect, read with suspicion, as the answers of our form. No database here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from kernel.errors import Invalid
from surveys.questionnaires.xlsform.exporting import Field

MOST_BYTES = 1 << 20
MOST_FIELDS = 5000
BROKEN = "手机发来的表格内容不完整或不对。请在 ODK Collect 里重新打开这份表，保存后再发。"


@dataclass(frozen=True)
class Instance:
    """A filled form: which (``form_id``, ``version``), its own id, and the text of every field by name."""

    form_id: str
    version: str
    instance_id: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Picture:
    """A file an answer names: of question ``code``, the ``part``-th photo of it ("" for a signature)."""

    code: str
    part: str
    filename: str
    caption: str = ""


def parsed(data: bytes) -> Instance:
    """Read the XML of a submission. Raises Invalid; also for a DTD or an entity, which no phone sends."""
    if len(data) > MOST_BYTES:
        raise Invalid("submission-too-large", "表格内容太大，没有收。")
    try:
        root: Element = ElementTree.fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Invalid("submission-broken", BROKEN) from None
    values: dict[str, str] = {}
    for count, element in enumerate(root.iter()):
        if count > MOST_FIELDS:
            raise Invalid("submission-too-large", "表格内容太大，没有收。")
        if len(element):
            continue
        name = str(element.tag).rpartition("}")[2]
        if name in values:
            raise Invalid("submission-broken", BROKEN)
        values[name] = (element.text or "").strip()
    instance_id = values.get("instanceID", "")
    if not root.get("id") or not 8 <= len(instance_id) <= 200:
        raise Invalid("submission-broken", BROKEN)
    return Instance(root.get("id", ""), root.get("version", ""), instance_id, values)


def answers_of(fields: Sequence[Field], values: Mapping[str, str]) -> tuple[dict[str, Any], list[Picture]]:
    """The answers map of our form, without its pictures, and the pictures. Raises Invalid with what is wrong by code.

    Whether an answer is allowed is not judged here: that is the same check for everybody.
    """
    answers: dict[str, Any] = {}
    pictures: dict[tuple[str, str], Picture] = {}
    faults: dict[str, list[str]] = {}
    for field in fields:
        text = values.get(field.name, "")
        if not text:
            continue
        if field.how == "file":
            pictures[field.code, field.part] = Picture(field.code, field.part, text)
            continue
        if field.how == "caption":
            place = field.part.partition("_")[0]
            if shown := pictures.get((field.code, place)):
                pictures[field.code, place] = Picture(shown.code, shown.part, shown.filename, text)
            continue
        try:
            value = _value(field, text)
        except ValueError:
            faults[field.code] = [f"“{text[:20]}”看不懂，请重新填。"]
            continue
        if field.how == "place":
            answers.setdefault(field.code, []).append(value)
        elif field.part:
            answers.setdefault(field.code, {})[field.part] = value
        else:
            answers[field.code] = value
    if faults:
        raise Invalid("answers-invalid", f"有 {len(faults)} 题还要改一下。", faults)
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
    return text
