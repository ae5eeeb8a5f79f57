"""The expressions of XLSForm (a small part of XPath) as a tree. What is not in it raises Unsayable, with the reason in
Chinese; nothing is guessed."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

_TOKEN = re.compile(
    r"\s*(?:\$\{\s*(?P<ref>[\w.-]+)\s*\}|(?P<num>\d+(?:\.\d+)?|\.\d+)|(?P<str>'[^']*'|\"[^\"]*\")"
    r"|(?P<op><=|>=|!=|=|<|>|\(|\)|,|\+|\*|-|/|\[|\]|\|)|(?P<word>[^\W\d][\w:-]*)|(?P<dot>\.))"
)
SWAPPED = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_STRAIGHT = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})
"""Quotation marks a spreadsheet bends by itself; pyxform takes them for straight ones, too."""
DEPTH = 40


class Unsayable(Exception):
    """An expression, or a part of it, that our form model has no words for; the text says which and why."""


@dataclass(frozen=True)
class Ref:
    """``${name}``; "." is the question itself."""

    name: str


@dataclass(frozen=True)
class Literal:
    """A text or a number as written."""

    value: str | Decimal


@dataclass(frozen=True)
class Call:
    """A function, an operator (``=``, ``and`` …) or ``not`` with its operands."""

    name: str
    parts: tuple["Node", ...]


Node = Ref | Literal | Call


class _Reader:
    def __init__(self, text: str, columns: Mapping[str, str]) -> None:
        self._columns = columns
        self._tokens: list[tuple[str, str]] = []
        place = 0
        text = text.strip().translate(_STRAIGHT)
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                wide = unicodedata.normalize("NFKC", text[place]) != text[place] or text[place] in "、。"
                if text[place:].lstrip().startswith("${last-saved"):
                    raise Unsayable("不能用上一份表的答案（last-saved）")
                told = f"“{text[place]}”是全角符号，请改成半角" if wide else f"看不懂“{text[place : place + 12]}”"
                raise Unsayable(told)
            kind = found.lastgroup or ""
            self._tokens.append((kind, found[kind]))
            place = found.end()
        self._at = 0
        self._depth = 0

    def peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self._at += 1
        return token

    def expect(self, sign: str) -> None:
        kind, text = self.take()
        if kind != "op" or text != sign:
            raise Unsayable(f"少了“{sign}”" if kind == "end" else f"“{text}”的地方应是“{sign}”")

    def whole(self) -> Node:
        node = self.either()
        if self.peek()[0] != "end":
            raise Unsayable(f"“{self.peek()[1]}”这种写法不支持")
        return node

    def either(self) -> Node:
        self._depth += 1
        if self._depth > DEPTH:
            raise Unsayable("套得太深")
        node = self._chain("or", self._both)
        self._depth -= 1
        return node

    def _both(self) -> Node:
        return self._chain("and", self._compared)

    def _chain(self, word: str, below: Callable[[], Node]) -> Node:
        parts = [below()]
        while self.peek() == ("word", word):
            self.take()
            parts.append(below())
        return parts[0] if len(parts) == 1 else Call(word, tuple(parts))

    def _compared(self) -> Node:
        left = self._added()
        kind, sign = self.peek()
        if kind == "op" and sign in SWAPPED:
            self.take()
            return Call(sign, (left, self._added()))
        return left

    def _added(self) -> Node:
        return self._worked((("op", "+"), ("op", "-")), self._multiplied)

    def _multiplied(self) -> Node:
        return self._worked((("op", "*"), ("word", "div"), ("word", "mod")), self._single)

    def _worked(self, signs: tuple[tuple[str, str], ...], below: Callable[[], Node]) -> Node:
        node = below()
        while self.peek() in signs:
            node = Call(self.take()[1], (node, below()))
        return node

    def _single(self) -> Node:
        kind, text = self.take()
        if kind == "ref":
            return Ref(text)
        if kind == "dot":
            return Ref(".")
        if kind == "num":
            return Literal(Decimal(text))
        if kind == "str":
            return Literal(text[1:-1])
        if kind == "op" and text == "-" and self.peek()[0] == "num":
            return Literal(-Decimal(self.take()[1]))
        if kind == "op" and text == "(":
            inner = self.either()
            self.expect(")")
            return inner
        if kind == "word" and self.peek() == ("op", "("):
            return self._call(text)
        if kind == "word" and text in self._columns:
            return Literal(self._columns[text])
        raise Unsayable(f"“{text}”这种写法不支持" if text else "话没有说完")

    def _call(self, name: str) -> Node:
        self.expect("(")
        parts: list[Node] = []
        if self.peek() != ("op", ")"):
            parts.append(self.either())
            while self.peek() == ("op", ","):
                self.take()
                parts.append(self.either())
        self.expect(")")
        return Call(name, tuple(parts))


def parse(text: str, columns: Mapping[str, str] | None = None) -> Node:
    """The tree of an expression; ``columns``: what bare words stand for (the cells of a choice, in a choice_filter).
    Raises Unsayable for paths and whatever else is not in our grammar."""
    return _Reader(text, columns or {}).whole()
