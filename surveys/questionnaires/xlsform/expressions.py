"""The expressions of XLSForm (a small part of XPath) as a tree, and those of them that our conditions can say.

``parse`` knows the grammar only; ``condition`` turns a tree into a condition of ``rules.branching``, given what each
``${name}`` stands for. What cannot be said raises Unsayable with the reason in Chinese; nothing is guessed.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Expr = dict[str, Any]

_TOKEN = re.compile(
    r"\s*(?:\$\{\s*(?P<ref>[\w.-]+)\s*\}|(?P<num>\d+(?:\.\d+)?|\.\d+)|(?P<str>'[^']*'|\"[^\"]*\")"
    r"|(?P<op><=|>=|!=|=|<|>|\(|\)|,|\+|\*|-|/|\[|\]|\|)|(?P<word>[^\W\d][\w:-]*)|(?P<dot>\.))"
)
_SWAPPED = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
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
        left = self._single()
        kind, sign = self.peek()
        if kind == "op" and sign in _SWAPPED:
            self.take()
            return Call(sign, (left, self._single()))
        return left

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
    Raises Unsayable for sums, paths and whatever else is not in our grammar."""
    return _Reader(text, columns or {}).whole()


@dataclass(frozen=True)
class Target:
    """What a ``${name}`` stands for in our form.

    ``kind``: single, multi, cascade, consent, place (of an order), rows, number, day or text. ``name``: the name our
    conditions use. ``codes``: from the names in the choices sheet to our option codes. ``decimals``: of a number.
    ``numeric``: a choice kept as a score.
    """

    kind: str
    name: str
    codes: dict[str, str]
    decimals: int = 0
    numeric: bool = False


Find = Callable[[str], Target]


def condition(node: Node, find: Find) -> Expr | bool:
    """A tree as a condition of ours; True or False when it always or never holds. Raises Unsayable."""
    if not isinstance(node, Call):
        raise Unsayable("条件要是一个比较")
    if node.name in ("and", "or"):
        return joined("all" if node.name == "and" else "any", [condition(part, find) for part in node.parts])
    if node.name == "not":
        return negated(condition(_only(node), find))
    if node.name in ("true", "false") and not node.parts:
        return node.name == "true"
    if node.name == "selected":
        return _selected(node, find)
    if node.name in _SWAPPED:
        return _comparison(node, find)
    raise Unsayable(f"函数 {node.name} 不支持")


def joined(word: str, parts: list[Expr | bool]) -> Expr | bool:
    """``all`` or ``any`` of conditions, with what always or never holds folded away."""
    decisive = word == "any"
    if any(part is decisive for part in parts):
        return decisive
    left: list[Expr] = []
    left += (part for part in parts if not isinstance(part, bool) and part not in left)
    if not left:
        return not decisive
    return left[0] if len(left) == 1 else {word: left}


def negated(part: Expr | bool) -> Expr | bool:
    """The opposite of a condition."""
    if isinstance(part, bool):
        return not part
    opposite: Expr = part.get("not", {"not": part})
    return opposite


def _only(node: Call) -> Node:
    if len(node.parts) != 1:
        raise Unsayable(f"{node.name} 后面的内容不对")
    return node.parts[0]


def _selected(node: Call, find: Find) -> Expr | bool:
    if len(node.parts) != 2 or not isinstance(node.parts[0], Ref) or not isinstance(node.parts[1], Literal):
        raise Unsayable("selected 要写成 selected(${题}, '选项')")
    return _chosen(find(node.parts[0].name), str(node.parts[1].value), node.parts[0].name)


def _chosen(target: Target, value: str, name: str) -> Expr | bool:
    if target.kind == "place":
        raise Unsayable(f"{name} 是排序里的一位，只能问排了没有")
    if value not in target.codes:
        raise Unsayable(f"{name} 没有选项 {value}")
    if target.kind == "consent":
        return {"is": [target.name, target.codes[value] == "yes"]}
    if target.numeric:
        return {"is": [target.name, int(target.codes[value])]}
    return {"has" if target.kind in ("multi", "cascade") else "is": [target.name, target.codes[value]]}


def _comparison(node: Call, find: Find) -> Expr | bool:
    left, right = node.parts
    sign = node.name
    if isinstance(left, Literal) and isinstance(right, Literal) and sign in ("=", "!="):
        return (str(left.value) == str(right.value)) is (sign == "=")
    if isinstance(left, Literal) and not isinstance(right, Literal):
        left, right, sign = right, left, _SWAPPED[sign]
    if not isinstance(right, Literal):
        raise Unsayable("只能把一题和写明的值相比，不能和另一题相比")
    if isinstance(left, Call):
        return _measured(left, sign, right.value, find)
    if not isinstance(left, Ref):
        raise Unsayable("条件里没有提到题目")
    target = find(left.name)
    if right.value == "" and sign in ("=", "!="):
        return negated(_answered(target)) if sign == "=" else _answered(target)
    if target.kind == "number":
        return _number(target, sign, right.value)
    if sign not in ("=", "!="):
        if target.numeric:
            return _number(target, sign, right.value)
        raise Unsayable(f"{left.name} 不是数字，不能比大小")
    if target.kind in ("multi", "rows"):
        raise Unsayable(f"{left.name} 可以有几个答案，要写成 selected(${{{left.name}}}, '…')")
    if target.kind not in ("single", "cascade", "consent", "place"):
        raise Unsayable(f"{left.name} 是文字或日期，不能和一个值相比")
    made = _chosen(target, str(right.value), left.name)
    return negated(made) if sign == "!=" else made


def _answered(target: Target) -> Expr:
    return {"answered": target.name}


def _measured(call: Call, sign: str, value: str | Decimal, find: Find) -> Expr | bool:
    """string-length(x) > 0, count-selected(x) >= 1 and count(x) > 0 are ways to say "answered"."""
    if (
        call.name in ("string-length", "count-selected", "count")
        and len(call.parts) == 1
        and isinstance(call.parts[0], Ref)
    ):
        there = _answered(find(call.parts[0].name))
        if (sign, value) in ((">", Decimal(0)), (">=", Decimal(1)), ("!=", Decimal(0))):
            return there
        if (sign, value) in (("=", Decimal(0)), ("<", Decimal(1))):
            return negated(there)
    raise Unsayable(f"函数 {call.name} 不支持")


def _number(target: Target, sign: str, value: str | Decimal) -> Expr | bool:
    try:
        scaled = Decimal(value) * 10**target.decimals
    except ArithmeticError:
        raise Unsayable(f"{target.name} 是数字，不能和“{value}”相比") from None
    low, high = math.ceil(scaled), math.floor(scaled)
    if sign == ">=":
        return {"at_least": [target.name, low]}
    if sign == "<=":
        return {"at_most": [target.name, high]}
    if sign == ">":
        return {"at_least": [target.name, high + 1]}
    if sign == "<":
        return {"at_most": [target.name, low - 1]}
    same: Expr | bool = {"is": [target.name, int(scaled)]} if low == high else False
    return same if sign == "=" else negated(same)


def refs(node: Node) -> set[str]:
    """The names a tree reads."""
    if isinstance(node, Ref):
        return {node.name}
    if isinstance(node, Literal):
        return set()
    return {name for part in node.parts for name in refs(part)}
