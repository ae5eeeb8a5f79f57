"""The check of a whole answers map, compiled once per questionnaire version.

A questionnaire is data, so its answers are not a schema class but a list of small compiled checks run in the order of
the sheet (PERFORMANCE §2a). An answer to what is not asked of this household is refused, as our own page never sends
one: it would be stored where nobody sees it and counted where nobody was asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kernel.errors import Invalid
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.questions import KINDS, Question
from surveys.questionnaires.rules.questions.repeats import joined, parted
from surveys.questionnaires.rules.questions.steps import REQUIRED, Step, asks, needs, steps, walk

__all__ = ["REQUIRED", "Asked", "Checked", "Line", "Plan", "in_words", "shown", "together"]

UNFINISHED = ["（没有填完）"]


@dataclass(frozen=True)
class Checked:
    """An answers map found in order: ``answers`` in normal form; ``private`` (names, phones), to be sealed; ``files``
    (attachment ids it names)."""

    answers: dict[str, Any]
    private: dict[str, Any]
    files: list[str]


@dataclass(frozen=True)
class Asked:
    """A question as one household meets it now: whether it must be answered, and what it may choose from."""

    code: str
    needed: bool
    options: tuple[str, ...]


class Plan:
    """``check`` is what every submission goes through; it is safe to share between threads."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._steps = steps(form.questions, KINDS)
        self._known = frozenset(step.code for step in self._steps)
        self._with_files = {one.code: one for one in form.questions if KINDS[one.kind].holds_files(one)}
        self._mixed = {one.code: one for one in form.questions if any(inner.private for inner in one.inner)}

    def check(
        self, answers: Mapping[str, Any], facts: Mapping[str, Any], *, today: date, complete: bool = True
    ) -> Checked:
        """Check and normalise answers ({question code: value}) against the register's facts (``branching.FACTS``).

        ``complete``: what has to be answered is; on paper what was left empty stays so.
        Raises Invalid("answers-invalid") with ``fields`` {question code: texts} for everything wrong at once.
        """
        faults: dict[str, list[str]] = {code: ["没有这一题。"] for code in answers if code not in self._known}
        kept: dict[str, Any] = {}
        private: dict[str, Any] = {}
        files: list[str] = []
        for step, value in walk(self._steps, answers, kept, facts, today, faults, complete=complete):
            if step.private:
                private[step.code] = value
            elif step.code in self._mixed:
                kept[step.code], apart = parted(self._mixed[step.code], value)
                private |= apart
            if step.code in self._with_files:
                question = self._with_files[step.code]
                files += KINDS[question.kind].files(question, value)
        if len(set(files)) != len(files):
            faults.setdefault("files", ["同一个文件用了两次。"])
        if not complete:  # in the rows of a repeat
            faults = {code: texts for code, texts in faults.items() if texts != [REQUIRED]}
        if faults:
            raise Invalid("answers-invalid", f"有 {len(faults)} 题还要改一下，请看标红的题。", faults)
        return Checked(kept, private, files)

    def asked(self, answers: Mapping[str, Any], facts: Mapping[str, Any]) -> list[Asked]:
        """What a household with these answers (none of them judged) is asked now, in order; so does ``asked`` of
        ``static/branching.js``, and tests/surveys/questionnaires/asking_vectors.json is run by both."""
        kept: dict[str, Any] = {}
        found = []
        for step in self._steps:
            if not asks(step, kept, facts):
                continue
            found.append(self._asked(step, kept, facts))
            value = answers.get(step.code)
            if value not in (None, "", [], {}) and not step.private:
                kept[step.code] = value
        return found

    def _asked(self, step: Step, kept: Mapping[str, Any], facts: Mapping[str, Any]) -> Asked:
        question = self.form.by_code[step.code]
        offered = step.offer(kept, facts) if step.offer else {option.code for option in question.options}
        options = tuple(option.code for option in question.options if option.code in offered)
        return Asked(step.code, needs(step, kept, facts), options)


def together(form: Form, answers: Mapping[str, Any], private: Mapping[str, Any]) -> dict[str, Any]:
    """Stored answers with their personal part, in the shape in which they were handed in: rows whole again."""
    both = {**answers, **private}
    for question in form.questions:
        if question.inner and question.code in both:
            both[question.code] = joined(question, both[question.code], both)
            for one in question.inner:
                both.pop(one.code, None)
    return both


def in_words(question: Question, value: Any) -> list[str]:
    """An answer that nobody has checked yet in words; what has no words yet is said to be unfinished."""
    try:
        return KINDS[question.kind].show(question, value) or UNFINISHED
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return UNFINISHED


@dataclass(frozen=True)
class Line:
    """One answered question as people read it."""

    no: str
    title: str
    texts: list[str]


def shown(form: Form, answers: Mapping[str, Any], *, private: Mapping[str, Any] | None = None) -> list[Line]:
    """Stored answers as lines in the order of the sheet; an option's extra field follows its question's texts."""
    both = together(form, answers, private or {})
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
