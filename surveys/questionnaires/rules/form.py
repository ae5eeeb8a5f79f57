"""Reading a questionnaire document: is it well formed, can every question be reached, what exactly is frozen.

The document is JSON: ``code``, ``edition``, ``title``, ``intro`` (填表说明), ``classes`` and ``catalogue`` (the
classes of works are data: cities differ, DOMAIN §1.2) and ``sections`` of ``questions``. What is frozen has the
catalogue written out in each question, so that a version needs nothing beside itself to be understood in ten years.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kernel.errors import Invalid
from surveys.questionnaires.rules import branching, conditions, languages, references, shapes, subjects
from surveys.questionnaires.rules.parts import parts
from surveys.questionnaires.rules.questions import KINDS, Option, Question

_NAME = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_COMMON = {"code", "no", "kind", "title", "hint", "required", "private", "show_if", "require_if", "catalogue"}
_COMMON |= {"wrong", "missing"}
_OPTION = {"code", "label", "alone", "text", "number", "show_if", "under"}
MOST_QUESTIONS = 400
MOST_OPTIONS = 2000


@dataclass(frozen=True)
class Section:
    """A chapter of the sheet (一、房屋与家庭) with the codes of its questions in order."""

    code: str
    title: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """A questionnaire document that was read and found in order. ``document`` is what gets frozen and hashed."""

    code: str
    edition: str
    title: str
    document: Mapping[str, Any]
    sections: tuple[Section, ...]
    questions: tuple[Question, ...]

    @cached_property
    def by_code(self) -> dict[str, Question]:
        """Every question, the extra fields of options included, those inside a repeat not, by its code."""
        return {question.code: question for question in self.questions}

    @cached_property
    def with_inner(self) -> dict[str, Question]:
        """The same with the questions inside repeats, each behind its repeat."""
        return {one.code: one for question in self.questions for one in (question, *question.inner)}

    @cached_property
    def screens(self) -> int:
        """How many questions people count: several parts may share a printed number, one without counts alone."""
        return len({question.no or question.code for question in self.questions if question.parent is None})

    @cached_property
    def part_count(self) -> int:
        """In how many parts a phone fetches the sheet (``rules.parts``)."""
        return len(parts(self.document))

    @cached_property
    def owners_questions(self) -> frozenset[str]:
        """Codes of the questions that are the owner's to answer (``rules.subjects``)."""
        codes = ((question.code, question.parent[0] if question.parent else "") for question in self.questions)
        return subjects.owners_questions(self.document, codes)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of the document in canonical JSON: two equal hashes are the same questions word for word."""
        return hashlib.sha256(canonical(self.document)).hexdigest()


def canonical(document: Any) -> bytes:
    """JSON with sorted keys and no spaces, in UTF-8: the same document gives the same bytes anywhere."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read(raw: Any, *, stored: bool = False) -> Form:
    """Read a document (as parsed JSON, raw or already frozen). Raises Invalid with every fault found, by question.

    ``stored``: it is a version already, so what only keeps a new one from being frozen is not looked for.
    """
    faults: dict[str, list[str]] = {}
    if not isinstance(raw, dict):
        raise Invalid("questionnaire-invalid", "问卷文件的内容不对：最外层应是一个对象。")
    if shape := list(shapes.problems(raw)):
        raise Invalid("questionnaire-invalid", f"问卷文件的内容不对：{shape[0]}。", {"document": shape})
    document = _frozen(raw, faults)
    questions: list[Question] = []
    sections: list[Section] = []
    for chapter in document.get("sections", []):
        mine: list[str] = []
        for entry in chapter.get("questions", []):
            for question in _questions(entry, str(chapter.get("code")), faults):
                questions.append(question)
                mine.append(question.code)
        sections.append(Section(str(chapter.get("code")), str(chapter.get("title")), tuple(mine)))
    _check_whole(document, questions, faults, stored)
    if not faults:
        for where, text in conditions.problems(questions):
            _fault(faults, where, text)
    if faults:
        first = next(iter(faults))
        raise Invalid("questionnaire-invalid", f"问卷文件有 {len(faults)} 处不对，先看 {first}。", faults)
    return Form(
        document["code"], str(document["edition"]), document["title"], document, tuple(sections), tuple(questions)
    )


def written_out(document: dict[str, Any]) -> dict[str, Any]:
    """A draft as it would be frozen, right or wrong; it has the shape of a questionnaire (``shapes``)."""
    return _frozen(document, {})


def questions_of(document: dict[str, Any]) -> list[Question]:
    """The questions of such a draft, as far as they can be read."""
    return [
        question
        for chapter in written_out(document).get("sections", [])
        for entry in chapter.get("questions", [])
        for question in _questions(entry, str(chapter.get("code")), {})
    ]


def _fault(faults: dict[str, list[str]], where: str, text: str) -> None:
    faults.setdefault(where, []).append(text)


def _frozen(raw: dict[str, Any], faults: dict[str, list[str]]) -> dict[str, Any]:
    """Write the catalogue out into the questions that use it."""
    document = json.loads(canonical(raw))
    catalogue: dict[str, list[dict[str, Any]]] = {}
    for work in document.get("catalogue", []):
        catalogue.setdefault(work["class"], []).append({"code": work["code"], "label": work["label"]})
    known = {entry["code"] for entry in document.get("classes", [])}
    for name in catalogue.keys() - known:
        _fault(faults, "catalogue", f"类别 {name} 没有在 classes 里写明")
    options: dict[str, list[dict[str, Any]]] = {}
    for chapter in document.get("sections", []):
        for entry in chapter.get("questions", []):
            if "options" not in entry and "catalogue" in entry:
                entry["options"] = [*catalogue.get(entry["catalogue"], []), *entry.pop("more_options", [])]
            if "options" not in entry and "options_from" in entry:
                entry["options"] = [
                    {"code": option["code"], "label": option["label"]}
                    for source in entry["options_from"]
                    for option in options.get(source, [])
                    if not option.get("alone")
                ]
            options[str(entry.get("code"))] = entry.get("options", [])
    return document


def _questions(
    entry: dict[str, Any], section: str, faults: dict[str, list[str]], within: str = ""
) -> Iterator[Question]:
    """The question of an entry and the extra fields of its options; ``within``: the code of the repeat it is in."""
    own, kind = str(entry.get("code")), KINDS.get(str(entry.get("kind")))
    code = f"{within}.{own}" if within else own
    if not _CODE.fullmatch(own):
        _fault(faults, code, "题目代码只能用小写字母、数字和下划线，字母开头")
    if kind is None:
        _fault(faults, code, f"不认识的题型 {entry.get('kind')}")
        return
    if within and not kind.in_repeat:
        _fault(faults, code, f"{kind.name} 题不能放在重复填写的题里")
    if unknown := entry.keys() - _COMMON - kind.keys:
        _fault(faults, code, f"{kind.name} 题不认识 {'、'.join(sorted(unknown))}")
    if not isinstance(entry.get("title"), str) or not entry["title"]:
        _fault(faults, code, "没有题目文字")
    for condition in ("show_if", "require_if"):
        if condition in entry:
            for text in branching.problems(entry[condition]):
                _fault(faults, code, f"{condition}：{text}")
    options = entry.get("options", []) if kind.has_options else []
    if len(options) > MOST_OPTIONS:
        _fault(faults, code, f"选项太多，最多 {MOST_OPTIONS} 个")
    for option in options:
        if unknown := option.keys() - _OPTION:
            _fault(faults, code, f"选项不认识 {'、'.join(sorted(unknown))}")
        if not _CODE.fullmatch(str(option.get("code"))) or not option.get("label"):
            _fault(faults, code, f"选项 {option.get('code')} 缺代码或文字")
        if "under" in option and kind.name != "cascade":
            _fault(faults, code, f"只有级联题的选项才有上一级（{option.get('code')}）")
        if "show_if" in option and kind.name == "cascade":
            _fault(faults, code, f"级联题的选项不能再写条件（{option.get('code')}）")
        elif "show_if" in option:
            for text in branching.problems(option["show_if"]):
                _fault(faults, code, f"选项 {option.get('code')} 的条件：{text}")
    inner = (
        tuple(one for part in entry.get("questions", []) for one in _questions(part, section, faults, code))
        if not within
        else ()
    )
    question = Question(
        code=code,
        no=str(entry.get("no", "")),
        kind=kind.name,
        title=str(entry.get("title")),
        section=section,
        required=bool(entry.get("required", False)),
        private=bool(entry.get("private", False)) or kind.private,
        show_if=entry.get("show_if"),
        require_if=entry.get("require_if"),
        options=tuple(
            Option(
                str(option.get("code")),
                str(option.get("label")),
                bool(option.get("alone")),
                option.get("show_if"),
                str(option.get("under", "")),
            )
            for option in options
        ),
        spec={key: value for key, value in entry.items() if key in kind.keys and key not in ("options", "questions")},
        hint=str(entry.get("hint", "")),
        wrong=str(entry.get("wrong", "")),
        missing=str(entry.get("missing", "")),
        inner=inner,
    )
    for text in kind.problems(question):
        _fault(faults, code, text)
    yield question
    for option in options:
        yield from _extra(question, option, faults)


def _extra(question: Question, option: dict[str, Any], faults: dict[str, list[str]]) -> Iterator[Question]:
    """The text or number field of an option, as a question of its own that shows when the option is chosen."""
    for kind in ("text", "number"):
        spec = option.get(kind)
        if spec is None:
            continue
        word = "is" if question.kind == "single" else "has"
        extra = Question(
            code=f"{question.code}.{option['code']}",
            no=question.no,
            kind=kind,
            title=str(spec.get("label", option.get("label"))),
            section=question.section,
            required=bool(spec.get("required", False)),
            private=bool(spec.get("private", False)),
            show_if={word: [question.code, option["code"]]},
            parent=(question.code, str(option["code"])),
            spec={key: value for key, value in spec.items() if key in KINDS[kind].keys},
        )
        for text in KINDS[kind].problems(extra):
            _fault(faults, extra.code, text)
        yield extra


def _check_whole(
    document: dict[str, Any], questions: list[Question], faults: dict[str, list[str]], stored: bool
) -> None:
    for key, longest in (("code", 40), ("edition", 40), ("title", 120)):
        text = document.get(key)
        if not text:
            _fault(faults, key, "没有写")
        elif not isinstance(text, str) or len(text) > longest:
            _fault(faults, key, f"要是文字，最多 {longest} 个字")
    if isinstance(document.get("code"), str) and not _NAME.fullmatch(document["code"]):
        _fault(faults, "code", "问卷代码只能用小写字母、数字和横线，字母开头")
    if not questions:
        _fault(faults, "sections", "没有题目")
    if len(questions) > MOST_QUESTIONS:
        _fault(faults, "sections", f"题目太多，最多 {MOST_QUESTIONS} 题")
    seen: set[str] = set()
    for one in (one for question in questions for one in (question, *question.inner)):
        if one.code in seen:
            _fault(faults, one.code, "题目代码有重复")
        seen.add(one.code)
    options = {question.code: frozenset(option.code for option in question.options) for question in questions}
    for where, text in subjects.problems(document, options):
        _fault(faults, where, text)
    if not stored:
        for where, text in (*references.problems(document, options), *languages.problems(document)):
            _fault(faults, where, text)
