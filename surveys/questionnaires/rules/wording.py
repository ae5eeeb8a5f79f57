"""What a draft begins with, and what lies between two wordings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.mapping import parts_of
from surveys.questionnaires.rules.questions import Question

MOST_BYTES = 1 << 20


def blank(code: str, title: str, edition: str) -> dict[str, Any]:
    """A questionnaire with one part and one question to begin from."""
    options = [{"code": "yes", "label": "同意"}, {"code": "no", "label": "不同意"}]
    question = {"code": "q01", "no": "1", "kind": "single", "title": "第一题", "options": options}
    section = {"code": "s1", "title": "一、基本情况", "questions": [question]}
    return {"code": code, "edition": edition, "title": title, "intro": [], "sections": [section]}


def editable(document: Mapping[str, Any], *, code: str, title: str, edition: str) -> dict[str, Any]:
    """A frozen document as a draft: what a ranking takes from other questions is taken from them anew."""
    sections = [
        {
            **chapter,
            "questions": [
                {key: value for key, value in entry.items() if key != "options" or "options_from" not in entry}
                for entry in chapter["questions"]
            ],
        }
        for chapter in document["sections"]
    ]
    return {**document, "code": code, "title": title, "edition": edition, "sections": sections}


@dataclass(frozen=True)
class Change:
    """One difference: ``how`` is added, dropped, reworded or changed; ``texts`` say what, in Chinese."""

    how: str
    code: str
    no: str
    title: str
    texts: tuple[str, ...]


def compared(before: Form, after: Form) -> list[Change]:
    """What was added, dropped, reworded or changed from one wording to the other, in the order of the newer sheet."""
    found = []
    for code, question in after.with_inner.items():
        old = before.with_inner.get(code)
        if old is None:
            found.append(Change("added", code, question.no, question.title, ()))
            continue
        words, rest = list(_reworded(old, question)), list(_changed(old, question))
        if rest or words:
            how = "changed" if rest else "reworded"
            found.append(Change(how, code, question.no, question.title, (*words, *rest)))
    for code, question in before.with_inner.items():
        if code not in after.with_inner:
            found.append(Change("dropped", code, question.no, question.title, ()))
    return found


def labels_of(question: Question) -> dict[str, str]:
    """The words of a question's options, or of its rows, by code."""
    labels = {option.code: option.label for option in question.options}
    for key in ("rows", "items"):
        labels |= {row["code"]: row["label"] for row in question.spec.get(key, [])}
    return labels


def _reworded(old: Question, new: Question) -> Iterator[str]:
    if old.title != new.title:
        yield f"原来的文字：{old.title}"
    before, after = labels_of(old), labels_of(new)
    for part, label in before.items():
        if part in after and after[part] != label:
            yield f"“{label}”改成“{after[part]}”"


def _changed(old: Question, new: Question) -> Iterator[str]:
    if old.kind != new.kind:
        yield f"题型从 {old.kind} 变成 {new.kind}"
    before, after = labels_of(old), labels_of(new)
    for part in parts_of(old):
        if part not in after:
            yield f"去掉了“{before.get(part, part)}”"
    for part in parts_of(new):
        if part not in before:
            yield f"加了“{after.get(part, part)}”"
    if old.required != new.required:
        yield "改成必填" if new.required else "改成可不填"
    for name, word in (("show_if", "显示条件"), ("require_if", "必填条件")):
        if getattr(old, name) != getattr(new, name):
            yield f"{word}变了"
    if [option.show_if for option in old.options] != [option.show_if for option in new.options]:
        yield "选项的条件变了"
    limits = ("low", "high", "min", "max", "count", "decimals", "unit", "caption", "labels", "levels", "rows_from")
    for key in limits:
        if old.spec.get(key) != new.spec.get(key):
            yield f"{key} 从 {old.spec.get(key, '没有写')} 变成 {new.spec.get(key, '没有写')}"
