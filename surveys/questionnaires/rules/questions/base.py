"""What every kind of question has: how it is checked, shown and counted."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar

from surveys.questionnaires.rules import branching
from surveys.questionnaires.rules.branching import Expr

Value = Any
Count = tuple[str, str, int]
"""(row, cell, amount): row is "" but for grids; cell an option, a score, or one of the words below."""
Counted = tuple[str, str, str]
"""The key of a counter: (code of the question, row, cell)."""
ANSWERED = "*"
SUM = "sum"


@dataclass(frozen=True)
class Column:
    """One column of an exported table. ``key``: follows the question's code ("" for the question itself); ``values``:
    (code, label) of what its cells may hold, () for anything; ``free``: words somebody typed; ``private``: personal.
    Of a question inside a repeat also ``is_number`` with its ``decimals``, and ``longest`` (in characters)."""

    key: str = ""
    title: str = ""
    values: tuple[tuple[str | int, str], ...] = ()
    free: bool = False
    private: bool = False
    is_number: bool = False
    decimals: int = 0
    longest: int = 0


NUMBERS = frozenset({"number", "number_grid", "rating"})
"""Kinds whose columns hold numbers."""
Held = str | int | Decimal
Cell = tuple[str, Held, Held]
"""(key of the column, the value as a code, the value as people read it)."""
Fill = Callable[[Value], Iterable[Cell]]
"""The cells of one answer."""


class Alike(Enum):
    """What of the answers to a question comes again and again over many sheets."""

    NEVER = "words, pictures, rows of questions: hardly two are the same"
    VALUE = "the answer, one value that fills one column"
    LIST = "the answer, a list of values"
    BY_ROW = "what stands in a row of the answer {row: value}, which fills a column of its own"


class Refused(Exception):
    """An answer that cannot be accepted; the text says to the person what to change."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True)
class Option:
    """One thing that may be chosen. ``alone``: it excludes all others ("以上都不需要"); ``show_if``: it is offered only
    where this holds; ``under``: the option one level up (of a cascade)."""

    code: str
    label: str
    alone: bool = False
    show_if: Expr | None = None
    under: str = ""


@dataclass(frozen=True)
class Question:
    """One question as written in the document.

    ``no`` is the number printed on the sheet (several parts may share one); ``parent`` is (question, option) when this
    is the extra field of an option; ``inner`` are the questions of a repeat, their codes beginning with its own
    (``q40.age``); ``spec`` holds what only its kind understands. ``wrong`` and ``missing``: what the page says instead
    of its own words when an answer is not right, or not there.
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
    hint: str = ""
    wrong: str = ""
    missing: str = ""
    inner: tuple["Question", ...] = ()


@dataclass(frozen=True)
class Context:
    """What a check may need to know besides the answer. ``today``: the day in China; ``answers``: what was found in
    order so far, by code; ``facts``: what the register knows."""

    today: date
    answers: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


Offer = Callable[[Mapping[str, Any], Mapping[str, Any]], frozenset[str]]


def offer_of(question: Question) -> Offer | None:
    """Which option codes are offered, as a function of (answers, facts); None when all of them always are."""
    if not any(option.show_if for option in question.options):
        return None
    tests = [
        (option.code, branching.compiled(option.show_if) if option.show_if else None) for option in question.options
    ]
    return lambda answers, facts: frozenset(code for code, test in tests if test is None or test(answers, facts))


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
    keeps_files: ClassVar[bool] = False
    alike: ClassVar[Alike] = Alike.NEVER
    """Whether many sheets answer the very same, so that what a file makes of it is worth keeping."""
    in_repeat: ClassVar[bool] = False
    """Whether it may stand inside a repeat: its answer is one value, its figure one row."""

    def problems(self, question: Question) -> Iterator[str]:
        """Yield what is wrong with the definition, in Chinese."""
        yield from ()

    @abstractmethod
    def check(self, question: Question) -> Check:
        """Compile the check of one question."""

    def require(self, question: Question) -> branching.Test | None:
        """When it must be answered, besides always (``required``); None for never."""
        return branching.compiled(question.require_if) if question.require_if else None

    @abstractmethod
    def show(self, question: Question, value: Value) -> list[str]:
        """The normalised answer as lines of plain Chinese."""

    def tally(self, question: Question, value: Value) -> Iterator[Count]:
        """What the answer adds to the counters. Where everybody who answers is in exactly one cell, those who answered
        are the sum of the cells and have no counter of their own: each is a row to write for every response."""
        yield "", ANSWERED, 1

    def counts(self, question: Question, value: Value) -> list[tuple[Counted, int]]:
        """The same under the key each is counted by."""
        code = question.code
        return [((code, row, cell), amount) for row, cell, amount in self.tally(question, value)]

    def columns(self, question: Question) -> tuple[Column, ...]:
        """The columns of an exported table that hold the question."""
        return (Column(),)

    def cells(self, question: Question) -> Fill:
        """Compile what an answer puts into those columns: a file of a hundred thousand sheets asks as often."""

        def fill(value: Value) -> Iterable[Cell]:
            text = "\n".join(self.show(question, value))
            return (("", text, text),)

        return fill

    def holds_files(self, question: Question) -> bool:
        """Whether its answers name uploads."""
        return self.keeps_files

    def files(self, question: Question, value: Value) -> list[str]:
        """Public ids of the attachments the answer names."""
        return []

    def rows(self, question: Question) -> tuple[str, ...]:
        """Codes of the rows a condition may name as ``question.row``."""
        return ()

    def values(self, question: Question) -> tuple[Value, ...] | None:
        """The single values an answer (or a row of it) may be compared with; None: whole numbers or free."""
        return None


NOT_OFFERED = "这个选项现在不能选，请从给出的选项里选。"


def must_be_offered(offer: Offer | None, codes: list[str], context: Context) -> frozenset[str] | None:
    """The options offered now, None for all. Raises Refused when one of ``codes`` is not among them."""
    if offer is None:
        return None
    offered = offer(context.answers, context.facts)
    if not offered.issuperset(codes):
        raise Refused(NOT_OFFERED)
    return offered


def whole(value: Value) -> bool:
    """Whether it is a whole number (and not a truth value, which Python would take for one)."""
    return type(value) is int


def wrong_shape() -> Refused:
    """The refusal of something no page of ours would send."""
    return Refused("这一题的答案格式不对，请重新填写。")
