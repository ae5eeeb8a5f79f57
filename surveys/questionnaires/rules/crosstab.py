"""Two questions against each other among some of the sheets; and words people wrote, without who they are.

A report is made once by a job and kept with its moment, so nothing here is asked by a page.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernel.errors import Invalid
from surveys.questionnaires.rules.ages import ELDERS, question_of
from surveys.questionnaires.rules.columns import without_numbers
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.lifecycle import CHANNEL_WORDS
from surveys.questionnaires.rules.questions import ANSWERED, KINDS, NOT_THERE, SUM, Question
from surveys.questionnaires.rules.questions.scales import bands
from surveys.questionnaires.rules.tally import FEWEST

AXES = ("single", "multi", "rating", "number", "matrix", "consent", "number_grid")


@dataclass(frozen=True)
class Axis:
    """A question, a row of one, or (``question`` None) something that is known of a sheet beside its answers, as a side
    of a table: its cells with their words."""

    question: Question | None
    row: str
    title: str
    cells: tuple[tuple[str, str], ...]

    @property
    def code(self) -> str:
        """As it is asked for: q09, q11/parking, or @let."""
        if self.question is None:
            return f"@{self.row}"
        return f"{self.question.code}/{self.row}" if self.row else self.question.code


FACTS = (
    Axis(None, "let", "租住登记", (("yes", "有租户登记的"), ("no", "没有租户登记的"))),
    Axis(None, "old", "60岁以上老人", (("yes", "有老人的"), ("no", "没有老人的"))),
    Axis(
        None,
        "level",
        "核实到哪一步",
        (("2", "核实过身份的"), ("1", "只核对过姓名手机尾号的"), ("0", "社区代填和纸质表")),
    ),
    Axis(None, "channel", "怎么填的", tuple((str(code), word) for code, word in CHANNEL_WORDS.items())),
)
"""What is known of a sheet beside its answers: a side of a table, or a filter. A building is a filter only."""


def axes(form: Form) -> list[Axis]:
    """Everything of a questionnaire that may be a side of a table, in its order."""
    found = []
    for question in form.questions:
        if question.kind not in AXES or question.private:
            continue
        title = f"{question.no}. {question.title}" if question.no else question.title
        parts: Sequence[Mapping[str, Any]] = question.spec.get("rows", question.spec.get("items", ()))
        if not parts:
            found.append(Axis(question, "", title, tuple(_cells(question, question.spec))))
        found += [
            Axis(question, part["code"], f"{title}：{part['label']}", tuple(_cells(question, part))) for part in parts
        ]
    return found


def axis(form: Form, code: str) -> Axis:
    """The side of a table with a code. Raises Invalid."""
    for one in (*FACTS, *axes(form)):
        if one.code == code:
            return one
    raise Invalid("no-such-question", f"没有可以做表的题 {code}。", {"rows": ["没有这一题"]})


def questions_of(form: Form, spec: Mapping[str, Any]) -> set[str]:
    """The questions whose answers a report counts: of its sides and filters, or the one whose words are looked for."""
    if spec["kind"] != "crosstab":
        return {spec["question"]} - {""}
    sides = {spec["rows"], spec["columns"]} - {""}
    if "@old" in sides or spec["filters"].get("old") is not None:
        sides.add(question_of(form, ELDERS) or "@old")
    return {side.partition("/")[0] for side in sides if not side.startswith("@")}


def _cells(question: Question, part: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    if question.options:
        return [(option.code, option.label) for option in question.options]
    if question.kind == "rating":
        return [(str(score), f"{score}分") for score in range(part["low"], part["high"] + 1)]
    if question.kind == "matrix":
        none = question.spec.get("none")
        words = [(str(score), label) for score, label in enumerate(question.spec["labels"], 1)]
        return [*words, (str(NOT_THERE), none)] if none else words
    if question.kind == "consent":
        return [("yes", "同意"), ("no", "不同意")]
    return bands(part)


def cells_of(side: Axis, answers: Mapping[str, Any], of: "Of") -> list[str]:
    """The cells a sheet is in; several for what may be ticked several times, none where it does not answer."""
    if side.question is None:
        known = getattr(of, side.row)
        return [] if known is None else [{True: "yes", False: "no"}[known] if isinstance(known, bool) else str(known)]
    value = answers.get(side.question.code)
    if value is None:
        return []
    counts = KINDS[side.question.kind].tally(side.question, value)
    return [cell for row, cell, _ in counts if row == side.row and cell not in (ANSWERED, SUM)]


@dataclass(frozen=True)
class Of:
    """What is known of a sheet beside its answers. ``level``: 1 or 2 as the account had proved itself, 0 for a worker's
    or paper; ``old``: people over 60 in the household, None where not asked; ``building``: its public id."""

    channel: str
    level: int
    let: bool
    old: bool | None
    building: str


@dataclass(frozen=True)
class Filters:
    """Which sheets: "" or None leaves a thing open."""

    channel: str = ""
    level: int | None = None
    let: bool | None = None
    old: bool | None = None
    building: str = ""

    def takes(self, sheet: Of) -> bool:
        """Whether a sheet is among them."""
        return (
            (not self.channel or sheet.channel == self.channel)
            and (self.level is None or sheet.level == self.level)
            and (self.let is None or sheet.let == self.let)
            and (self.old is None or sheet.old == self.old)
            and (not self.building or sheet.building == self.building)
        )


class Crosstab:
    """Counts sheets into a table of ``rows`` by ``columns`` (None: one column for all)."""

    def __init__(self, rows: Axis, columns: Axis | None) -> None:
        self.rows, self.columns = rows, columns
        self._counts: Counter[tuple[str, str]] = Counter()
        self._people: Counter[str] = Counter()
        self.sheets = 0

    def add(self, answers: Mapping[str, Any], of: Of) -> None:
        """One sheet; it counts where it answers both questions."""
        across = cells_of(self.columns, answers, of) if self.columns else [""]
        down = cells_of(self.rows, answers, of)
        if not across or not down:
            return
        self.sheets += 1
        for column in across:
            self._people[column] += 1
            self._counts.update((row, column) for row in down)

    def written(self) -> dict[str, Any]:
        """The table as JSON: lines of counts, under each column how many sheets it is of; 1 to 4 are marked small."""
        across = self.columns.cells if self.columns else (("", "全部"),)
        return {
            "title": self.rows.title,
            "across": self.columns.title if self.columns else "",
            "sheets": self.sheets,
            "columns": [{"code": code, "label": label, "of": self._people[code]} for code, label in across],
            "lines": [
                {
                    "code": row,
                    "label": label,
                    "cells": [
                        {"n": self._counts[row, code], "small": 0 < self._counts[row, code] < FEWEST}
                        for code, _ in across
                    ],
                }
                for row, label in self.rows.cells
            ],
        }


_DOOR = re.compile(
    r"\d{1,3}\s*(?:栋|幢|座|号楼)(?:\s*\d{1,2}\s*单元)?(?:\s*\d{3,4}(?:室|房|号|户)?)?|\d{1,2}\s*单元\s*\d{3,4}(?:室|房|号|户)?"
    r"|\d{1,3}[-－—]\d{1,2}[-－—]\d{3,4}|(?<!\d)\d{3,4}\s*(?:室|房|户|号房)"
)
NAME, DOOR = "［姓名］", "［门牌］"
SHORTEST_NAME = 2


def redacted(text: str, names: Iterable[str]) -> str:
    """What somebody wrote without phones and other long numbers, doors, and names of the roster."""
    for name in sorted({each for each in names if len(each) >= SHORTEST_NAME}, key=len, reverse=True):
        text = text.replace(name, NAME)
    return str(without_numbers(_DOOR.sub(DOOR, text)))


def written_words(form: Form, answers: Mapping[str, Any], question: str) -> list[tuple[str, str]]:
    """(title of the question, what was written) of a sheet's open questions, or of one of them; never personal ones."""
    return [
        (f"{one.no}. {one.title}" if one.no else one.title, str(answers[one.code]))
        for one in form.questions
        if one.kind == "text" and not one.private and one.code in answers and question in ("", one.code)
    ]
