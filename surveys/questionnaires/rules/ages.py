"""Who answered, by age, as far as anybody can know it.

The roster has no ages. How many homes of an estate have somebody of an age is what the community reports from its own
files; how many of those that answered have, is what they say of themselves in the questionnaire, in a grid of numbers
whose rows carry these codes. The two come from different hands, so a group may seem to have answered more often than
it is there: then the report is out of date, and the page says so. Weights leave ages out (``rules.weights``): what the
community reports is not known home by home.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from surveys.questionnaires.rules.coverage import Share
from surveys.questionnaires.rules.form import Form

ELDERS = "over_60"
AGES = {ELDERS: "有60岁以上老人的", "over_80": "有80岁以上老人的", "preschool": "有学龄前儿童的"}
"""Row of the grid, and what the community reports → the homes it is of."""
WITHOUT = "没有60岁以上老人的"


@dataclass(frozen=True)
class Heard:
    """Of the homes that answered and say so: ``having`` somebody of an age, or ``without``. ``said``: question → how
    many of the first answered it."""

    having: int = 0
    without: int = 0
    said: Mapping[str, int] = field(default_factory=dict)

    def plus(self, other: "Heard") -> "Heard":
        """Two estates together."""
        said = {code: self.said.get(code, 0) + other.said.get(code, 0) for code in {**self.said, **other.said}}
        return Heard(self.having + other.having, self.without + other.without, said)


def question_of(form: Form, age: str) -> str | None:
    """The code of the question that tells of people of an age; None where none does."""
    asked = (
        question.code
        for question in form.questions
        if question.kind == "number_grid" and any(row["code"] == age for row in question.spec["rows"])
    )
    return next(asked, None)


def has(form: Form, answers: Mapping[str, Any], age: str) -> bool | None:
    """Whether people of an age live in the household, as its sheet says; None where it does not."""
    number = (answers.get(question_of(form, age) or "") or {}).get(age)
    return None if number is None else number > 0


def shares(heard: Mapping[str, Heard], reported: Mapping[str, int], homes: int) -> list[Share]:
    """Coverage by age, of those ages of which both sides tell. ``reported``: age → homes that have somebody, as the
    community says; ``homes``: all there are."""
    found = []
    for age, words in AGES.items():
        if age in reported and age in heard:
            found.append(Share(words, heard[age].having, reported[age]))
            if age == ELDERS:
                found.append(Share(WITHOUT, heard[age].without, homes - reported[age]))
    return found


def together(apart: Iterable[Mapping[str, Heard]]) -> dict[str, Heard]:
    """Several estates together."""
    found: dict[str, Heard] = {}
    for heard in apart:
        for age, one in heard.items():
            found[age] = found.get(age, Heard()).plus(one)
    return found
