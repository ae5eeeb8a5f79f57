"""A repeat: the same few questions once for each person, car or place, in rows that can be added and taken away."""

from collections.abc import Iterator, Mapping
from typing import Any

from surveys.questionnaires.rules import branching
from surveys.questionnaires.rules.questions.base import (
    ANSWERED,
    NUMBERS,
    SUM,
    Cell,
    Check,
    Column,
    Context,
    Count,
    Counted,
    Fill,
    Kind,
    Question,
    Refused,
    Value,
    whole,
    wrong_shape,
)
from surveys.questionnaires.rules.questions.steps import steps, walk

MOST_ROWS, MOST_INNER = 20, 20
ROWS = "rows"
"""The counter of how many rows there are."""
HOMES = "homes"
"""Counters of households with at least one such row. Rows say how many people; only these say how many doors, and
"fewer than five are not shown" is about doors: five rows may all be one family."""
LONGEST_CODE = 82
"""As long as a counter's name may be."""


class Repeat(Kind):
    """``questions`` asked again for each of ``min`` to ``max`` rows; ``row_label`` names one, with its measure word
    (位老人). ``rows_from``: the name of a whole number answered before, which is how many rows there are.
    Answer: [{inner code: value}, …]."""

    name = "repeat"
    keys = frozenset({"questions", "min", "max", "row_label", "rows_from"})

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = kinds

    def problems(self, question: Question) -> Iterator[str]:
        low, high = question.spec.get("min", 0), question.spec.get("max", 0)
        if not whole(low) or not whole(high) or not 0 <= low <= high or not 1 <= high <= MOST_ROWS:
            yield f"重复的份数（min、max）写得不对，最多 {MOST_ROWS} 份"
        if not any(self._kinds[one.kind].answerable for one in question.inner):
            yield "重复填写的题里没有要填的题"
        if sum(one.parent is None for one in question.inner) > MOST_INNER:
            yield f"重复填写的题里最多 {MOST_INNER} 题"
        for one in question.inner:
            if len(one.code) > LONGEST_CODE:
                yield f"{one.code} 的代码太长"
            if {ROWS, HOMES} & {row.get("code") for row in one.spec.get("rows", [])}:
                yield f"{one.code} 的行代码不能是 {ROWS} 或 {HOMES}"

    def require(self, question: Question) -> branching.Test | None:
        own, source = super().require(question), question.spec.get("rows_from")
        if source is None:
            return own
        some = branching.compiled({"at_least": [source, 1]})
        return lambda answers, facts: some(answers, facts) or (own is not None and own(answers, facts))

    def check(self, question: Question) -> Check:
        code, word = question.code, question.spec.get("row_label", "份")
        low, high, source = question.spec.get("min", 0), question.spec["max"], question.spec.get("rows_from")
        inner = steps(question.inner, self._kinds, within=code)
        keys, titles = frozenset(step.key for step in inner), {one.code: one.title for one in question.inner}

        def row_of(number: int, row: Value, context: Context) -> dict[str, Any]:
            if type(row) is not dict or not row.keys() <= keys:
                raise wrong_shape()
            faults: dict[str, list[str]] = {}
            kept = dict(context.answers)
            found = {step.key: value for step, value in walk(inner, row, kept, context.facts, context.today, faults)}
            for where, texts in faults.items():
                raise Refused(f"第 {number} {word}的“{titles[where]}”：{texts[0]}")
            if not found:
                raise Refused(f"第 {number} {word}还是空的，请填写，或者删掉。")
            return found

        def check(value: Value, context: Context) -> Value:
            if type(value) is not list:
                raise wrong_shape()
            if len(value) > high:
                raise Refused(f"最多填 {high} {word}，现在是 {len(value)} 个。")
            if len(value) < low:
                raise Refused(f"至少填 {low} {word}，现在是 {len(value)} 个。")
            wanted = branching.look_up(source, context.answers, context.facts) if source else None
            if whole(wanted) and len(value) != wanted:
                raise Refused(f"前面填的是 {wanted}，这里填了 {len(value)} {word}，请核对。")
            return [row_of(number, row, context) for number, row in enumerate(value, 1)]

        return check

    def _answered(self, question: Question, row: Value) -> Iterator[tuple[Question, Value]]:
        cut = len(question.code) + 1
        for one in question.inner:
            if not empty_in(row, one.code[cut:]):
                yield one, row[one.code[cut:]]

    def show(self, question: Question, value: Value) -> list[str]:
        word, lines = question.spec.get("row_label", "份"), []
        for number, row in enumerate(value, 1):
            said = [
                f"{one.title} {'、'.join(self._kinds[one.kind].show(one, held))}"
                for one, held in self._answered(question, row)
            ]
            lines.append(f"第 {number} {word}：{'；'.join(said)}")
        return lines

    def tally(self, question: Question, value: Value) -> Iterator[Count]:
        yield "", ANSWERED, 1
        yield ROWS, ANSWERED, 1
        yield ROWS, SUM, len(value)

    def counts(self, question: Question, value: Value) -> list[tuple[Counted, int]]:
        found = super().counts(question, value)
        seen: set[tuple[str, str]] = set()
        for row in value:
            for one, held in self._answered(question, row):
                if one.private:
                    continue
                seen.add((one.code, ANSWERED))
                for part, cell, amount in self._kinds[one.kind].tally(one, held):
                    found.append(((one.code, part, cell), amount))
                    if cell != SUM and not part:  # of what has rows of its own, no figure by households is shown
                        seen.add((one.code, cell))
        return found + [((code, HOMES, cell), 1) for code, cell in sorted(seen)]

    def holds_files(self, question: Question) -> bool:
        return any(self._kinds[one.kind].keeps_files for one in question.inner)

    def files(self, question: Question, value: Value) -> list[str]:
        return [
            file
            for row in value
            for one, held in self._answered(question, row)
            for file in self._kinds[one.kind].files(one, held)
        ]

    def columns(self, question: Question) -> tuple[Column, ...]:
        found, cut = [Column("n", "个数", is_number=True)], len(question.code) + 1
        for number in range(1, question.spec["max"] + 1):
            for one in question.inner:
                for column in self._kinds[one.kind].columns(one):
                    key = f"{number}/{one.code[cut:]}" + (f"/{column.key}" if column.key else "")
                    title = f"{number}. {one.title}" + (f"：{column.title}" if column.title else "")
                    longest = one.spec.get("max", 0) if one.kind == "text" else 0
                    found.append(
                        Column(
                            key,
                            title,
                            column.values,
                            column.free,
                            one.private,
                            one.kind in NUMBERS,
                            one.spec.get("decimals", 0),
                            longest,
                        )
                    )
        return tuple(found)

    def cells(self, question: Question) -> Fill:
        cut = len(question.code) + 1
        fills = {one.code: self._kinds[one.kind].cells(one) for one in question.inner}

        def fill(value: Value) -> Iterator[Cell]:
            yield "n", len(value), len(value)
            for number, row in enumerate(value, 1):
                for one, held in self._answered(question, row):
                    for key, coded, said in fills[one.code](held):
                        yield f"{number}/{one.code[cut:]}" + (f"/{key}" if key else ""), coded, said

        return fill


def empty_in(row: Mapping[str, Any], key: str) -> bool:
    """Whether a row does not answer a question. Rows apart from their personal part hold None in its place."""
    return row.get(key) is None


def parted(question: Question, rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, list[Any]]]:
    """Rows without what is personal, and that apart: {full code of a question: [its answer in each row, or None]}."""
    cut = len(question.code) + 1
    apart = {one.code: [row.get(one.code[cut:]) for row in rows] for one in question.inner if one.private}
    hidden = {code[cut:] for code in apart}
    plain = [{key: value for key, value in row.items() if key not in hidden} for row in rows]
    return plain, {code: values for code, values in apart.items() if any(value is not None for value in values)}


def joined(question: Question, rows: list[dict[str, Any]], both: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The opposite of ``parted``: rows with what ``both`` holds of them under full codes."""
    cut = len(question.code) + 1
    whole_rows = [dict(row) for row in rows]
    for one in question.inner:
        for row, value in zip(whole_rows, both.get(one.code) or [], strict=False):
            if value is not None:
                row[one.code[cut:]] = value
    return whole_rows
