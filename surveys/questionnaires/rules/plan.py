"""The check of a whole answers map, compiled once per questionnaire version.

A questionnaire is data, so its answers are not a schema class but a list of small compiled checks run in the order of
the sheet (PERFORMANCE §2a). What is not asked of this household is dropped here and therefore never stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kernel.errors import Invalid
from surveys.questionnaires.rules import branching
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.questions import KINDS, Context, Question, Refused

REQUIRED = "这一题要填。"


@dataclass(frozen=True)
class Checked:
    """An answers map found in order: ``answers`` in normal form; ``private`` (names, phones), to be sealed; ``files``
    (attachment ids it names); ``dropped``, questions that were answered but are not asked of this household."""

    answers: dict[str, Any]
    private: dict[str, Any]
    files: list[str]
    dropped: list[str]


@dataclass(frozen=True)
class _Step:
    code: str
    check: Any
    required: bool
    show: branching.Test | None
    require: branching.Test | None
    private: bool
    files: Any


class Plan:
    """``check`` is what every submission goes through; it is safe to share between threads."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._steps = tuple(self._step(question) for question in form.questions if KINDS[question.kind].answerable)
        self._known = frozenset(step.code for step in self._steps)

    @staticmethod
    def _step(question: Question) -> _Step:
        kind = KINDS[question.kind]
        return _Step(
            question.code,
            kind.check(question),
            question.required,
            branching.compiled(question.show_if) if question.show_if else None,
            branching.compiled(question.require_if) if question.require_if else None,
            question.private,
            kind.files if question.kind in ("photo", "signature") else None,
        )

    def check(self, answers: Mapping[str, Any], facts: Mapping[str, Any], *, today: date) -> Checked:
        """Check and normalise answers ({question code: value}) against the register's facts (``branching.FACTS``).

        Raises Invalid("answers-invalid") with ``fields`` {question code: texts} for everything wrong at once.
        """
        faults: dict[str, list[str]] = {code: ["没有这一题。"] for code in answers if code not in self._known}
        context = Context(today)
        kept: dict[str, Any] = {}
        private: dict[str, Any] = {}
        files: list[str] = []
        dropped: list[str] = []
        for step in self._steps:
            value = answers.get(step.code)
            empty = value is None or value in ("", [], {})
            if step.show is not None and not step.show(kept, facts):
                if not empty:
                    dropped.append(step.code)
                continue
            if not empty:
                try:
                    value = step.check(value, context)
                except Refused as refused:
                    faults[step.code] = [refused.text]
                    continue
                empty = value == ""
            if empty:
                if step.required or (step.require is not None and step.require(kept, facts)):
                    faults[step.code] = [REQUIRED]
                continue
            if step.private:
                private[step.code] = value
            else:
                kept[step.code] = value
            if step.files is not None:
                files += step.files(value)
        if len(set(files)) != len(files):
            faults.setdefault("files", ["同一个文件用了两次。"])
        if faults:
            raise Invalid("answers-invalid", f"有 {len(faults)} 题还要改一下，请看标红的题。", faults)
        return Checked(kept, private, files, dropped)


@dataclass(frozen=True)
class Line:
    """One answered question as people read it."""

    no: str
    title: str
    texts: list[str]


def shown(form: Form, answers: Mapping[str, Any], *, private: Mapping[str, Any] | None = None) -> list[Line]:
    """Stored answers as lines in the order of the sheet; an option's extra field follows its question's texts."""
    both = {**answers, **(private or {})}
    lines: list[Line] = []
    for question in form.questions:
        if question.code not in both:
            continue
        texts = KINDS[question.kind].show(question, both[question.code])
        if question.parent is not None and lines:
            lines[-1].texts.extend(texts)
        else:
            lines.append(Line(question.no, question.title, texts))
    return lines
