"""Answers as a table: which columns a questionnaire has, what stands in them, and what must not be taken for a formula.

A column's code is its question's code, with "/" and the option, row or place for kinds that fill several. Two looks:
``named`` holds the personal questions too; without it typed words lose their long numbers (a phone in 其他建议).
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.questions import KINDS, Question
from surveys.questionnaires.rules.questions.base import NUMBERS, Held

_STARTS_A_FORMULA = tuple("=+-@＝＋－＠")
_STARTS_A_FIELD = ("\t", "\r", "\n")
_LONG_NUMBER = re.compile(r"\d(?:[\s\-－—]?\d){6,}[Xx]?")
HIDDEN_NUMBER = "［号码］"


@dataclass(frozen=True)
class TableColumn:
    """A column with everything its codebook says. ``title``: of the question; ``part``: its option, row or place."""

    code: str
    no: str
    title: str
    part: str
    kind: str
    values: tuple[tuple[str | int, str], ...]
    free: bool
    longest: int = 0
    """characters of what may be typed; 0: not said"""
    is_number: bool = False
    decimals: int = 0

    @property
    def heading(self) -> str:
        """What stands over the column for people."""
        words = f"{self.no}. {self.title}" if self.no else self.title
        return f"{words}：{self.part}" if self.part else words


def columns(form: Form, *, named: bool) -> list[TableColumn]:
    """The columns of a questionnaire in the order of the sheet; personal questions only when ``named``."""
    found = []
    for question in form.questions:
        if question.private and not named:
            continue
        for column in KINDS[question.kind].columns(question):
            if column.private and not named:
                continue
            code = f"{question.code}/{column.key}" if column.key else question.code
            found.append(
                TableColumn(
                    code,
                    question.no,
                    question.title,
                    column.title,
                    question.kind,
                    column.values,
                    column.free,
                    column.longest or _longest(question),
                    column.is_number or question.kind in NUMBERS or (question.kind == "photo" and column.key == "n"),
                    column.decimals or question.spec.get("decimals", 0),
                )
            )
    return found


def _longest(question: Question) -> int:
    """How many characters an answer may have: what the question says, or its captions together."""
    if question.kind == "photo":
        return int(question.spec["max"]) * (int(question.spec.get("caption", 0)) + 1)
    return int(question.spec.get("max", 0)) if question.kind == "text" else 0


def without_numbers(held: Held) -> Held:
    """Typed words without phone, identity and account numbers (seven digits and more)."""
    return _LONG_NUMBER.sub(HIDDEN_NUMBER, held) if isinstance(held, str) else held


def csv_text(held: Held) -> str:
    """A cell of a comma-separated file. Numbers are numbers; words a spreadsheet would take for a formula get a ' in
    front (full-width signs too: Chinese and Japanese Excel reads ＝ as =)."""
    if not held and held != 0:
        return ""
    if isinstance(held, int | Decimal):
        return str(held)
    if held.startswith(_STARTS_A_FIELD) or held.lstrip().startswith(_STARTS_A_FORMULA):
        return "'" + held
    return held
