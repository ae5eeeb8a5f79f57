"""Kinds that answer with numbers: a number, a grid of them, a rating, a matrix of ratings."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from surveys.questionnaires.rules import branching
from surveys.questionnaires.rules.questions import scales
from surveys.questionnaires.rules.questions.base import (
    SUM,
    Alike,
    Cell,
    Check,
    Column,
    Context,
    Count,
    Fill,
    Kind,
    Question,
    Refused,
    Value,
    whole,
    wrong_shape,
)
from surveys.questionnaires.rules.questions.scales import band_of, number_text, scale_of

NOT_THERE = 0
"""In a matrix: "无此设施", there is nothing to be satisfied with."""


def _whole_range_problems(spec: Any) -> Iterator[str]:
    low, high = spec.get("low"), spec.get("high")
    if not whole(low) or not whole(high) or low > high:
        yield "数字的范围（low、high）写得不对"


class Number(Kind):
    """A number from ``low`` to ``high`` (both included, in ``unit``) with ``decimals`` places, ``step`` apart where
    that is said. ``at_most``, ``at_least``: the name of a number asked before, with as many places, which it may not
    exceed, or not fall short of, where that was answered. Answer: a whole number of the smallest step (``scales``)."""

    name = "number"
    alike = Alike.VALUE
    keys = frozenset({"low", "high", "step", "decimals", "unit", "at_most", "at_least"})
    in_repeat = True

    def problems(self, question: Question) -> Iterator[str]:
        yield from scales.problems(question.spec)

    def check(self, question: Question) -> Check:
        spec = question.spec
        scale, unit = scale_of(spec), spec.get("unit", "")
        low, high, step = scale.low, scale.high, scale.step
        others = [
            (spec[key], word, sign) for key, word, sign in (("at_most", "多", 1), ("at_least", "少", -1)) if key in spec
        ]
        apart = f"，每格 {spec['step']}" if step > 1 else ""
        text = f"请填 {spec['low']} 到 {spec['high']} 之间的数{f'（{unit}）' if unit else ''}{apart}。"

        def check(value: Value, context: Context) -> Value:
            if type(value) is not int:
                raise wrong_shape()
            if not low <= value <= high or (value - low) % step:
                raise Refused(text)
            for name, word, sign in others:
                other = branching.look_up(name, context.answers, context.facts)
                if type(other) is int and (value - other) * sign > 0:
                    raise Refused(f"不能比前面填的 {number_text(other, scale.decimals)}{unit} {word}。")
            return value

        return check

    def show(self, question: Question, value: Value) -> list[str]:
        return [number_text(value, question.spec.get("decimals", 0)) + question.spec.get("unit", "")]

    def tally(self, question: Question, value: Value) -> Iterator[Count]:
        # Everybody is in exactly one band, so those who answered are the sum of the bands.
        yield "", band_of(value, question.spec), 1
        yield "", SUM, value

    def columns(self, question: Question) -> tuple[Column, ...]:
        return (Column(title=question.spec.get("unit", "")),)

    def cells(self, question: Question) -> Fill:
        decimals = question.spec.get("decimals", 0)

        def fill(value: Value) -> Iterable[Cell]:
            number = Decimal(number_text(value, decimals))
            return (("", number, number),)

        return fill


class NumberGrid(Kind):
    """Several small counts on one screen. Each row has ``low`` and ``high``; ``at_most`` names the row it may not
    exceed (over-80s cannot outnumber over-60s). Answer: {row: whole number}; rows left out were not filled."""

    name = "number_grid"
    alike = Alike.BY_ROW
    keys = frozenset({"rows"})
    in_repeat = True

    def problems(self, question: Question) -> Iterator[str]:
        codes = [row.get("code") for row in question.spec.get("rows", [])]
        if not codes or len(set(codes)) != len(codes):
            yield "行代码空缺或有重复"
        for row in question.spec.get("rows", []):
            yield from _whole_range_problems(row)
            if "at_most" in row and row["at_most"] not in codes:
                yield f"at_most 提到的行 {row['at_most']} 不存在"

    def check(self, question: Question) -> Check:
        rows = {row["code"]: row for row in question.spec["rows"]}
        limits = [(code, row["at_most"]) for code, row in rows.items() if "at_most" in row]
        required = question.required

        def check(value: Value, context: Context) -> Value:
            if type(value) is not dict or not value.keys() <= rows.keys():
                raise wrong_shape()
            for code, number in value.items():
                row = rows[code]
                if type(number) is not int:
                    raise wrong_shape()
                if not row["low"] <= number <= row["high"]:
                    raise Refused(f"{row['label']}请填 {row['low']} 到 {row['high']}。")
            for code, other in limits:
                if code in value and other in value and value[code] > value[other]:
                    raise Refused(f"“{rows[code]['label']}”不能比“{rows[other]['label']}”多。")
            if required and len(value) < len(rows):
                missing = next(row["label"] for code, row in rows.items() if code not in value)
                raise Refused(f"“{missing}”还没有填。")
            return {code: value[code] for code in rows if code in value}

        return check

    def show(self, question: Question, value: Value) -> list[str]:
        return [
            f"{row['label']}：{value[row['code']]}{row.get('unit', '')}"
            for row in question.spec["rows"]
            if row["code"] in value
        ]

    def tally(self, question: Question, value: Value) -> Iterator[Count]:
        specs = {row["code"]: row for row in question.spec["rows"]}
        for row, number in value.items():
            yield row, band_of(number, specs[row]), 1
            yield row, SUM, number

    def columns(self, question: Question) -> tuple[Column, ...]:
        return tuple(Column(row["code"], row["label"]) for row in question.spec["rows"])

    def cells(self, question: Question) -> Fill:
        return lambda value: [(row, number, number) for row, number in value.items()]

    def rows(self, question: Question) -> tuple[str, ...]:
        return tuple(row["code"] for row in question.spec["rows"])


class Rating(Kind):
    """A score from ``low`` to ``high``, with words at both ends (``low_label``, ``high_label``). Answer: the score."""

    name = "rating"
    alike = Alike.VALUE
    keys = frozenset({"low", "high", "low_label", "high_label"})
    in_repeat = True

    def problems(self, question: Question) -> Iterator[str]:
        yield from _whole_range_problems(question.spec)

    def check(self, question: Question) -> Check:
        low, high = question.spec["low"], question.spec["high"]

        def check(value: Value, context: Context) -> Value:
            if type(value) is not int or not low <= value <= high:
                raise Refused(f"请选 {low} 到 {high} 分。")
            return value

        return check

    def show(self, question: Question, value: Value) -> list[str]:
        return [f"{value}分"]

    def tally(self, question: Question, value: Value) -> Iterator[Count]:
        yield "", str(value), 1

    def columns(self, question: Question) -> tuple[Column, ...]:
        scores = range(question.spec["low"], question.spec["high"] + 1)
        return (Column(values=tuple((score, f"{score}分") for score in scores)),)

    def cells(self, question: Question) -> Fill:
        return lambda value: (("", value, value),)


class Matrix(Kind):
    """The same score for many things: ``rows`` × ``labels`` (the first is 1), with ``none`` as the word for "无此设施".
    Answer: {row: score}, 0 for "not there". A required matrix wants every row."""

    name = "matrix"
    alike = Alike.BY_ROW
    keys = frozenset({"rows", "labels", "none"})

    def problems(self, question: Question) -> Iterator[str]:
        codes = [row.get("code") for row in question.spec.get("rows", [])]
        if not codes or len(set(codes)) != len(codes):
            yield "行代码空缺或有重复"
        if not 2 <= len(question.spec.get("labels", [])) <= 10:
            yield "每行要有 2 到 10 个分值"

    def check(self, question: Question) -> Check:
        rows = {row["code"]: row["label"] for row in question.spec["rows"]}
        high = len(question.spec["labels"])
        low = NOT_THERE if question.spec.get("none") else 1
        required = question.required

        def check(value: Value, context: Context) -> Value:
            if type(value) is not dict or not value.keys() <= rows.keys():
                raise wrong_shape()
            for score in value.values():
                if type(score) is not int or not low <= score <= high:
                    raise Refused(f"每一行请选 1 到 {high} 分。")
            if required and len(value) < len(rows):
                missing = next(label for code, label in rows.items() if code not in value)
                raise Refused(f"还有 {len(rows) - len(value)} 行没有选，从“{missing}”开始。")
            return {code: value[code] for code in rows if code in value}

        return check

    def show(self, question: Question, value: Value) -> list[str]:
        words = [question.spec.get("none", ""), *question.spec["labels"]]
        return [f"{row['label']}：{words[value[row['code']]]}" for row in question.spec["rows"] if row["code"] in value]

    def tally(self, question: Question, value: Value) -> Iterator[Count]:
        for row, score in value.items():
            yield row, str(score), 1

    @staticmethod
    def _words(question: Question) -> tuple[tuple[int, str], ...]:
        none = question.spec.get("none")
        return (*(((NOT_THERE, none),) if none else ()), *enumerate(question.spec["labels"], 1))

    def columns(self, question: Question) -> tuple[Column, ...]:
        words = self._words(question)
        return tuple(Column(row["code"], row["label"], words) for row in question.spec["rows"])

    def cells(self, question: Question) -> Fill:
        words = dict(self._words(question))
        return lambda value: [(row, score, words.get(score, str(score))) for row, score in value.items()]

    def rows(self, question: Question) -> tuple[str, ...]:
        return tuple(row["code"] for row in question.spec["rows"])
