"""Answers as a table: which columns a questionnaire has, what stands in them, and what must not be taken for a formula.

A column's code is its question's code, with "/" and the option, row or place for kinds that fill several. Two looks:
``named`` holds the personal questions too; without it typed words lose their long numbers (a phone in 其他建议).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.plan import together
from surveys.questionnaires.rules.questions import KINDS, Question
from surveys.questionnaires.rules.questions.base import NUMBERS, Fill, Held

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


class Row:
    """One line of the table: a cell a column, as a code and as people read it; "" where nothing was answered."""

    __slots__ = ("coded", "said")

    def __init__(self, width: int) -> None:
        self.coded: list[Held] = [""] * width
        self.said: list[Held] = [""] * width

    def put(self, place: int, coded: Held, said: Held) -> None:
        """Fill a cell."""
        self.coded[place], self.said[place] = coded, said


class Layout:
    """Where the answers of one questionnaire stand in a table, compiled once for all its rows."""

    def __init__(self, form: Form, table: Sequence[TableColumn]) -> None:
        places = {column.code: place for place, column in enumerate(table)}
        self._form = form
        self._in_rows = any(question.inner for question in form.questions)
        self._questions: dict[str, tuple[Fill, dict[str, int], slice | None]] = {}
        for question in form.questions:
            kind = KINDS[question.kind]
            codes = {
                column.key: f"{question.code}/{column.key}" if column.key else question.code
                for column in kind.columns(question)
            }
            mine = {key: places[code] for key, code in codes.items() if code in places}
            if mine:
                side_by_side = kind.fills_all and len(mine) == len(codes)
                self._questions[question.code] = kind.cells(question), mine, _run(mine) if side_by_side else None

    def fill(self, row: Row, answers: Mapping[str, Any]) -> None:
        """Put a stored document's answers (with their personal part, where that is to be seen) into their columns."""
        coded, said, questions = row.coded, row.said, self._questions
        for code, value in (together(self._form, answers, {}) if self._in_rows else answers).items():
            known = questions.get(code)
            if known is None:
                continue
            cells, places, run = known
            if run is not None:
                made = cells(value)
                coded[run], said[run] = [cell[1] for cell in made], [cell[2] for cell in made]
                continue
            for key, as_code, as_read in cells(value):
                place = places.get(key)
                if place is not None:
                    coded[place], said[place] = as_code, as_read


def _run(places: Mapping[str, int]) -> slice | None:
    """The places as one slice, where they stand side by side in their order: filled at once, not one by one."""
    found = list(places.values())
    return slice(found[0], found[-1] + 1) if found == list(range(found[0], found[0] + len(found))) else None


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
