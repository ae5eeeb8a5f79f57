"""Kinds that answer with words: text, a date, a time, a phone number."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from kernel.clock import day_text
from surveys.questionnaires.rules import patterns
from surveys.questionnaires.rules.questions.base import (
    Alike,
    Check,
    Column,
    Context,
    Fill,
    Kind,
    Question,
    Refused,
    Value,
    wrong_shape,
)

LONGEST = 2000
NOT_SO_WRITTEN = "写得不合要求，请对照题目的说明改一下。"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{9,11}", re.ASCII)
_GAPS = re.compile(r"[\s()（）\-－—+]")


def clean_text(value: str) -> str:
    """Trim it, use one kind of line end, and drop the control characters nobody typed."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    return "".join(sign for sign in lines if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs"))


class Text(Kind):
    """Free text of at most ``max`` characters (at least ``min``), written as ``pattern`` says where there is one
    (``rules.patterns``). Answer: the text, trimmed. ``private`` marks names."""

    name = "text"
    keys = frozenset({"min", "max", "pattern", "lines", "placeholder"})
    in_repeat = True

    def problems(self, question: Question) -> Iterator[str]:
        if not 1 <= question.spec.get("max", 0) <= LONGEST:
            yield f"文字题要写明最多多少字（1–{LONGEST}）"
        if not 0 <= question.spec.get("min", 0) <= question.spec.get("max", 0):
            yield "文字题最少多少字，不能是负数，也不能比最多的还多"
        if "pattern" in question.spec:
            try:
                written = patterns.normal(question.spec["pattern"])
            except patterns.NotAPattern as reason:
                yield f"答案的写法（pattern）不能用：{reason}"
            else:
                if written != question.spec["pattern"]:
                    yield f"答案的写法（pattern）请写成 {written}"

    def check(self, question: Question) -> Check:
        least, most = question.spec.get("min", 0), question.spec["max"]
        fits = patterns.compiled(question.spec["pattern"]) if "pattern" in question.spec else None

        def check(value: Value, context: Context) -> Value:
            if type(value) is not str:
                raise wrong_shape()
            text = clean_text(value)
            if len(text) > most:
                raise Refused(f"最多 {most} 个字，现在是 {len(text)} 个字。")
            if text and len(text) < least:
                raise Refused(f"至少 {least} 个字，现在是 {len(text)} 个字。")
            if text and fits is not None and not fits(text):
                raise Refused(question.wrong or NOT_SO_WRITTEN)
            return text

        return check

    def show(self, question: Question, value: Value) -> list[str]:
        return value.split("\n")

    def columns(self, question: Question) -> tuple[Column, ...]:
        return (Column(free=True),)


class Day(Kind):
    """A day, written 2026-11-22. ``not_future``: today at the latest."""

    name = "date"
    alike = Alike.VALUE
    keys = frozenset({"not_future"})
    in_repeat = True

    def check(self, question: Question) -> Check:
        not_future = question.spec.get("not_future", False)

        def check(value: Value, context: Context) -> Value:
            if type(value) is not str or not _DATE.fullmatch(value):
                raise wrong_shape()
            try:
                day = date.fromisoformat(value)
            except ValueError:
                raise Refused("没有这一天，请重新选日期。") from None
            if day.year < 1900:
                raise Refused("日期太早了，请重新选。")
            if not_future and day > context.today:
                raise Refused("日期不能晚于今天。")
            return value

        return check

    def show(self, question: Question, value: Value) -> list[str]:
        day = date.fromisoformat(value)
        return [day_text(day)]

    def cells(self, question: Question) -> Fill:
        return lambda value: (("", value, value),)


class TimeOfDay(Kind):
    """A time by the clock, written 14:30."""

    name = "time"
    alike = Alike.VALUE
    in_repeat = True

    def check(self, question: Question) -> Check:
        def check(value: Value, context: Context) -> Value:
            if type(value) is not str or not _TIME.fullmatch(value):
                raise wrong_shape()
            return value

        return check

    def show(self, question: Question, value: Value) -> list[str]:
        return [value]


class Moment(Day):
    """A day and a time by China's clock, written 2026-11-22T14:30."""

    name = "datetime"
    alike = Alike.NEVER
    keys = frozenset()

    def check(self, question: Question) -> Check:
        check_day = super().check(question)

        def check(value: Value, context: Context) -> Value:
            if type(value) is not str or not _TIME.fullmatch(value[11:]) or value[10:11] != "T":
                raise wrong_shape()
            check_day(value[:10], context)
            return value

        return check

    def show(self, question: Question, value: Value) -> list[str]:
        day, _, time = value.partition("T")
        return [f"{super().show(question, day)[0]} {time}"]


class Phone(Kind):
    """A mobile number (11 digits) or a fixed line with its area code. Answer: digits only. Always personal data."""

    name = "phone"
    private = True
    in_repeat = True

    def check(self, question: Question) -> Check:
        def check(value: Value, context: Context) -> Value:
            if type(value) is not str or len(value) > 40:
                raise wrong_shape()
            digits = _GAPS.sub("", unicodedata.normalize("NFKC", value))
            if len(digits) == 13 and digits.startswith("86"):
                digits = digits[2:]
            if not _PHONE.fullmatch(digits):
                raise Refused("电话号码不对：手机号是 11 位，座机请带区号。")
            return digits

        return check

    def show(self, question: Question, value: Value) -> list[str]:
        return [value]
