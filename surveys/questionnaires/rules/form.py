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
from surveys.questionnaires.rules import branching
from surveys.questionnaires.rules.questions import KINDS, Option, Question
from surveys.questionnaires.rules.reach import circle, reachable

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_COMMON = {"code", "no", "kind", "title", "hint", "required", "private", "show_if", "require_if", "catalogue"}
_OPTION = {"code", "label", "alone", "text", "number"}
MOST_QUESTIONS = 400


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
        """Every question, the extra fields of options included, by its code."""
        return {question.code: question for question in self.questions}

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of the document in canonical JSON: two equal hashes are the same questions word for word."""
        return hashlib.sha256(canonical(self.document)).hexdigest()


def canonical(document: Any) -> bytes:
    """JSON with sorted keys and no spaces, in UTF-8: the same document gives the same bytes anywhere."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read(raw: Any) -> Form:
    """Read a document (as parsed JSON, raw or already frozen). Raises Invalid with every fault found, by question."""
    faults: dict[str, list[str]] = {}
    if not isinstance(raw, dict):
        raise Invalid("questionnaire-invalid", "问卷文件的内容不对：最外层应是一个对象。")
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
    _check_whole(document, questions, faults)
    if not faults:
        _check_conditions(questions, faults)
    if faults:
        first = next(iter(faults))
        raise Invalid("questionnaire-invalid", f"问卷文件有 {len(faults)} 处不对，先看 {first}。", faults)
    return Form(
        document["code"], str(document["edition"]), document["title"], document, tuple(sections), tuple(questions)
    )


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


def _questions(entry: dict[str, Any], section: str, faults: dict[str, list[str]]) -> Iterator[Question]:
    code, kind = str(entry.get("code")), KINDS.get(str(entry.get("kind")))
    if not _CODE.fullmatch(code):
        _fault(faults, code, "题目代码只能用小写字母、数字和下划线，字母开头")
    if kind is None:
        _fault(faults, code, f"不认识的题型 {entry.get('kind')}")
        return
    if unknown := entry.keys() - _COMMON - kind.keys:
        _fault(faults, code, f"{kind.name} 题不认识 {'、'.join(sorted(unknown))}")
    if not isinstance(entry.get("title"), str) or not entry["title"]:
        _fault(faults, code, "没有题目文字")
    for condition in ("show_if", "require_if"):
        if condition in entry:
            for text in branching.problems(entry[condition]):
                _fault(faults, code, f"{condition}：{text}")
    options = entry.get("options", []) if kind.has_options else []
    for option in options:
        if unknown := option.keys() - _OPTION:
            _fault(faults, code, f"选项不认识 {'、'.join(sorted(unknown))}")
        if not _CODE.fullmatch(str(option.get("code"))) or not option.get("label"):
            _fault(faults, code, f"选项 {option.get('code')} 缺代码或文字")
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
            Option(str(option.get("code")), str(option.get("label")), bool(option.get("alone"))) for option in options
        ),
        spec={key: value for key, value in entry.items() if key in kind.keys and key != "options"},
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


def _check_whole(document: dict[str, Any], questions: list[Question], faults: dict[str, list[str]]) -> None:
    for key in ("code", "edition", "title"):
        if not document.get(key):
            _fault(faults, key, "没有写")
    if not questions:
        _fault(faults, "sections", "没有题目")
    if len(questions) > MOST_QUESTIONS:
        _fault(faults, "sections", f"题目太多，最多 {MOST_QUESTIONS} 题")
    seen: set[str] = set()
    for question in questions:
        if question.code in seen:
            _fault(faults, question.code, "题目代码有重复")
        seen.add(question.code)


def _check_conditions(questions: list[Question], faults: dict[str, list[str]]) -> None:
    by_code = {question.code: question for question in questions}
    place = {question.code: index for index, question in enumerate(questions)}
    if loop := circle(questions):
        _fault(faults, loop[0], f"条件绕成了圈：{' → '.join(loop)}")
        return
    for question in questions:
        for condition in (question.show_if, question.require_if):
            for word, name, values in branching.comparisons(condition) if condition else ():
                for text in _name_problems(word, name, values, by_code):
                    _fault(faults, question.code, text)
                head = name if name in by_code else name.partition(".")[0]
                if head in place and place[head] >= place[question.code]:
                    _fault(faults, question.code, f"条件提到了后面的题 {name}，填表的人还没看到它")
    if not faults:
        for question in questions:
            if not reachable(question, by_code):
                _fault(faults, question.code, "这一题的条件永远不会成立，谁也看不到它")


def _name_problems(word: str, name: str, values: tuple[Any, ...], by_code: Mapping[str, Question]) -> Iterator[str]:
    if name in branching.FACTS:
        allowed = branching.FACTS[name]
    elif name in by_code:
        question = by_code[name]
        allowed = KINDS[question.kind].values(question)
        if not KINDS[question.kind].answerable:
            yield f"{name} 没有答案，不能写在条件里"
        if word == "has" and question.kind not in ("multi", "ranking", "single"):
            yield f"{name} 不是多选题，不能用 has"
        if word == "is" and question.kind in ("multi", "ranking"):
            yield f"{name} 可选几项，要用 has，不能用 is"
        if question.private:
            yield f"{name} 是个人信息，不能写在条件里"
    else:
        head, dot, row = name.partition(".")
        grid = by_code.get(head)
        if not dot or grid is None or row not in KINDS[grid.kind].rows(grid):
            yield f"条件里的 {name} 不存在"
            return
        allowed = KINDS[grid.kind].values(grid)
    if allowed is not None and word in ("is", "in", "has"):
        for value in values:
            if not any(type(value) is type(one) and value == one for one in allowed):
                yield f"{name} 没有 {value} 这个选项"
