"""What every kind of question has: how it is checked, shown and counted."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from surveys.questionnaires.rules.branching import Expr

Value = Any
Count = tuple[str, str, int]
"""(row, cell, amount): row is "" but for grids; cell an option, a score, or one of the words below."""
ANSWERED = "*"
SUM = "sum"


@dataclass(frozen=True)
class Column:
    """One column of an exported table. ``key``: follows the question's code ("" for the question itself); ``values``:
    (code, label) of what its cells may hold, () for anything; ``free``: words somebody typed."""

    key: str = ""
    title: str = ""
    values: tuple[tuple[str | int, str], ...] = ()
    free: bool = False


Held = str | int | Decimal
Cell = tuple[str, Held, Held]
"""(key of the column, the value as a code, the value as people read it)."""


class Refused(Exception):
    """An answer that cannot be accepted; the text says to the person what to change."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True)
class Option:
    """One thing that may be chosen. ``alone``: it excludes all others ("以上都不需要")."""

    code: str
    label: str
    alone: bool = False


@dataclass(frozen=True)
class Question:
    """One question as written in the document.

    ``no`` is the number printed on the sheet (several parts may share one); ``parent`` is (question, option) when this
    is the extra field of an option; ``spec`` holds what only its kind understands.
    """

    code: str
    no: str
    kind: str
    title: str
    section: str
    required: bool = False
    private: bool = False
    show_if: Expr | None = None
    require_if: Expr | None = None
    parent: tuple[str, str] | None = None
    options: tuple[Option, ...] = ()
    spec: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """What a check may need to know besides the answer. ``today``: the day in China."""

    today: date


Check = Callable[[Value, Context], Value]
"""Takes a non-empty answer and gives it back in its one normal form, or raises Refused."""


class Kind(ABC):
    """One kind of question. Adding a kind is adding one class here and one in ``static/kinds*.js``."""

    name: ClassVar[str]
    keys: ClassVar[frozenset[str]] = frozenset()
    """Keys of the definition that only this kind understands."""
    answerable: ClassVar[bool] = True
    private: ClassVar[bool] = False
    """Whether every answer of this kind is personal data, sealed at rest and never counted or exported by default."""
    has_options: ClassVar[bool] = False

    def problems(self, question: Question) -> Iterator[str]:
        """Yield what is wrong with the definition, in Chinese."""
        yield from ()

    @abstractmethod
    def check(self, question: Question) -> Check:
        """Compile the check of one question."""

    @abstractmethod
    def show(self, question: Question, value: Value) -> list[str]:
        """The normalised answer as lines of plain Chinese."""

    def tally(self, question: Question, value: Value) -> Iterator[Count]:
        """What the answer adds to the counters. Where everybody who answers is in exactly one cell, those who answered
        are the sum of the cells and have no counter of their own: each is a row to write for every response."""
        yield "", ANSWERED, 1

    def columns(self, question: Question) -> tuple[Column, ...]:
        """The columns of an exported table that hold the question."""
        return (Column(),)

    def cells(self, question: Question, value: Value) -> Iterator[Cell]:
        """What an answer puts into those columns."""
        text = "\n".join(self.show(question, value))
        yield "", text, text

    def files(self, value: Value) -> list[str]:
        """Public ids of the attachments the answer names."""
        return []

    def rows(self, question: Question) -> tuple[str, ...]:
        """Codes of the rows a condition may name as ``question.row``."""
        return ()

    def values(self, question: Question) -> tuple[Value, ...] | None:
        """The single values an answer (or a row of it) may be compared with; None: whole numbers or free."""
        return None


def whole(value: Value) -> bool:
    """Whether it is a whole number (and not a truth value, which Python would take for one)."""
    return type(value) is int


def wrong_shape() -> Refused:
    """The refusal of something no page of ours would send."""
    return Refused("这一题的答案格式不对，请重新填写。")
