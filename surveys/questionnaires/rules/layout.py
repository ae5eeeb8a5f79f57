"""Where the answers of one questionnaire stand in a table, compiled once for all its rows.

A file has a hundred thousand rows and few different answers: what it makes of a cell (``Make``) is made once for each
answer that comes again, kept with its place, and only looked up ever after.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from surveys.questionnaires.rules.columns import TableColumn, without_numbers
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.plan import together
from surveys.questionnaires.rules.questions import KINDS, Question
from surveys.questionnaires.rules.questions.base import Alike, Held

Make = Callable[[int, Held, Held], Any]
"""(place in the table, the value as a code, the value as people read it) → what the file keeps of the cell."""
Line = list[Any]
"""What a file keeps of each cell of a row."""
MOST_KEPT = 1000
"""So many different answers to a question are kept; others are made each time."""


class Kept(dict[Any, Any]):
    """What is made of each key, made when it is first asked for."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Any) -> Any:
        made = self._make(key)
        if len(self) < MOST_KEPT:
            self[key] = made
        return made


class Layout:
    """Fills the lines of a ``table`` for one questionnaire. Without ``named`` typed words lose their long numbers."""

    def __init__(self, form: Form, table: Sequence[TableColumn], make: Make, *, named: bool) -> None:
        self._form, self._make = form, make
        self._in_rows = any(question.inner for question in form.questions)
        self._places = {column.code: place for place, column in enumerate(table)}
        self._typed = frozenset() if named else frozenset(place for place, each in enumerate(table) if each.free)
        self._values: list[tuple[str, Kept]] = []
        self._lists: list[tuple[str, Kept]] = []
        self._by_row: list[tuple[str, Kept]] = []
        self._others: list[tuple[str, Callable[[Any], Any]]] = []
        for question in form.questions:
            self._compile(question)

    def _compile(self, question: Question) -> None:
        kind = KINDS[question.kind]
        places = {}
        for column in kind.columns(question):
            place = self._places.get(f"{question.code}/{column.key}" if column.key else question.code)
            if place is not None:
                places[column.key] = place
        if not places:
            return
        cells = kind.cells(question)

        def made(value: Any) -> Iterator[tuple[int, Any]]:
            for key, coded, said in cells(value):
                place = places.get(key)
                if place in self._typed:
                    clean = without_numbers(coded)
                    yield place, self._make(place, clean, clean if said == coded else without_numbers(said))
                elif place is not None:
                    yield place, self._make(place, coded, said)

        if kind.alike == Alike.VALUE:
            self._values.append((question.code, Kept(lambda value: next(made(value)))))
        elif kind.alike == Alike.LIST:
            self._lists.append((question.code, Kept(lambda value: _runs(made(value)))))
        elif kind.alike == Alike.BY_ROW:
            self._by_row.append((question.code, Kept(lambda row: tuple(made(dict((row,)))))))
        else:
            self._others.append((question.code, made))

    def fill(self, line: Line, answers: Mapping[str, Any]) -> None:
        """Put a stored document's answers (with their personal part, where that is to be seen) into their columns."""
        if self._in_rows:
            answers = together(self._form, answers, {})
        for code, kept in self._values:
            if code in answers:
                place, cell = kept[answers[code]]
                line[place] = cell
        for code, kept in self._lists:
            if code in answers:
                for where, cells in kept[tuple(answers[code])]:
                    line[where] = cells
        for code, kept in self._by_row:
            if code in answers:
                for row in answers[code].items():
                    for place, cell in kept[row]:
                        line[place] = cell
        for code, made in self._others:
            if code in answers:
                for place, cell in made(answers[code]):
                    line[place] = cell


def _runs(cells: Iterator[tuple[int, Any]]) -> list[tuple[slice, list[Any]]]:
    """Cells that stand side by side as one piece: put in at once, not one by one."""
    found: list[tuple[slice, list[Any]]] = []
    for place, cell in cells:
        if found and found[-1][0].stop == place:
            where, before = found[-1]
            found[-1] = slice(where.start, place + 1), [*before, cell]
        else:
            found.append((slice(place, place + 1), [cell]))
    return found
