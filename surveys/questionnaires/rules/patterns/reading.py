"""The text of a pattern as a tree, and the tree as text: what of regular expressions there is for us."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_TOP = 0x10FFFF
_SYNTAX = frozenset("^$\\.*+?()[]{}|")
_CATEGORIES = frozenset(
    {"L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "N", "Nd", "Nl", "No", "P", "Pd", "Ps", "Pe", "S", "Z", "Zs"}
)
_SIGNS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
Range = tuple[int, int]
_DIGITS: tuple[Range, ...] = ((48, 57),)
_WORDS: tuple[Range, ...] = ((48, 57), (65, 90), (95, 95), (97, 122))
_GAPS: tuple[Range, ...] = (
    *((9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029)),
    *((0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)
_LINE_ENDS: tuple[Range, ...] = ((10, 10), (13, 13), (0x2028, 0x2029))


class NotAPattern(Exception):
    """What is no pattern of ours; the text says why, in Chinese."""


@dataclass(frozen=True)
class Sign:
    """One character out of a set. ``text``: as written; ``categories``: of Unicode, besides the ranges."""

    text: str
    ranges: tuple[Range, ...]
    categories: tuple[str, ...] = ()
    negated: bool = False

    def has(self, sign: str) -> bool:
        """Whether a character is in it."""
        place = ord(sign)
        there = any(low <= place <= high for low, high in self.ranges)
        there = there or bool(self.categories and unicodedata.category(sign).startswith(self.categories))
        return there is not self.negated

    def meets(self, other: "Sign") -> bool:
        """Whether some character is in both; true where that is not known."""
        if self.categories or other.categories:
            return True
        mine, its = (_outside(one.ranges) if one.negated else one.ranges for one in (self, other))
        return any(low <= its_high and its_low <= high for low, high in mine for its_low, its_high in its)


@dataclass(frozen=True)
class Row:
    """Parts one after the other."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Either:
    """One of several parts, in brackets."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Times:
    """A part so many times; ``high`` None: without end."""

    part: "Node"
    low: int
    high: int | None


Node = Sign | Row | Either | Times


class Reader:
    """Reads a pattern from its first character to its last."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._depth = 0
        self._ended = False
        """Whether what was read last says with ``$`` that nothing follows."""

    def whole(self) -> Node:
        """The tree. Raises NotAPattern."""
        if not self._source:
            raise NotAPattern("写法是空的")
        node = self._either(start=True)
        if self._at < len(self._source):
            raise NotAPattern("括号没有成对")
        return node

    def _peek(self, text: str) -> bool:
        return self._source.startswith(text, self._at)

    def _took(self, text: str) -> bool:
        if not self._peek(text):
            return False
        self._at += len(text)
        return True

    def _next(self) -> str:
        if self._at >= len(self._source):
            raise NotAPattern("话没有说完")
        self._at += 1
        return self._source[self._at - 1]

    def _either(self, *, start: bool) -> Node:
        """``start``: a text may begin with it."""
        self._depth += 1
        if self._depth > 20:
            raise NotAPattern("括号套得太深")
        parts, ended = [self._row(start=start)], self._ended
        while self._took("|"):
            parts.append(self._row(start=start))
            ended = ended or self._ended
        self._depth, self._ended = self._depth - 1, ended
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _row(self, *, start: bool) -> Node:
        """``^`` and ``$`` say nothing at the two ends of the whole: it is always the whole answer that is meant."""
        parts: list[Node] = []
        self._ended = False
        if start:
            self._took("^")
        while self._at < len(self._source) and not self._peek("|") and not self._peek(")"):
            if self._ended:
                raise NotAPattern("$ 只能写在最后")
            if self._took("$"):
                self._ended = True
                continue
            part = self._single(start=start and not parts)
            parts.append(part if self._ended else self._counted(part))
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def _counted(self, part: Node) -> Node:
        if self._took("*"):
            low, high = 0, None
        elif self._took("+"):
            low, high = 1, None
        elif self._took("?"):
            low, high = 0, 1
        elif self._took("{"):
            low, high = self._braces()
        else:
            return part
        self._took("?")  # as few as possible: of a whole answer that says the same
        if any(self._peek(sign) for sign in "*+?{"):
            raise NotAPattern("次数后面不能再写次数")
        return Times(part, low, high)

    def _braces(self) -> tuple[int, int | None]:
        text, closed, _ = self._source[self._at :].partition("}")
        first, comma, last = text.partition(",")
        numbers = [one for one in (first, last) if one]
        if not closed or not first or not all(one.isascii() and one.isdigit() and len(one) < 5 for one in numbers):
            raise NotAPattern("次数要写成 {3}、{3,} 或 {3,5}")
        self._at += len(text) + 1
        low, high = int(first), int(last) if last else None if comma else int(first)
        if high is not None and (high < low or high == 0):
            raise NotAPattern("次数的前后两个数不对")
        return low, high

    def _single(self, *, start: bool) -> Node:
        sign = self._next()
        if sign == "(":
            return self._group(start=start)
        if sign == "[":
            return self._class()
        if sign == ".":
            return Sign(".", _LINE_ENDS, negated=True)
        if sign == "\\":
            return self._escaped()
        if sign in "^$":
            raise NotAPattern(f"{sign} 只能写在最{'前' if sign == '^' else '后'}")
        if sign in "*+?{":
            raise NotAPattern(f"{sign} 前面没有可以重复的内容")
        if sign in "}]":
            raise NotAPattern(f"{sign} 要写成 \\{sign}")
        return _exactly(sign)

    def _group(self, *, start: bool) -> Node:
        if self._peek("?") and not self._took("?:"):
            raise NotAPattern("(?…) 这种写法不支持，只支持 (?:…)")
        inner = self._either(start=start)
        if not self._took(")"):
            raise NotAPattern("括号没有成对")
        return inner

    def _escaped(self) -> Sign:
        sign = self._next()
        if found := _short(sign):
            return found
        if sign in _SIGNS:
            return _exactly(_SIGNS[sign])
        if sign in "pP":
            return self._category(negated=sign == "P")
        if sign.isalnum() or sign == "_":
            raise NotAPattern(f"\\{sign} 这种写法不支持")
        return _exactly(sign)

    def _category(self, *, negated: bool) -> Sign:
        name, closed, _ = self._source[self._at + 1 :].partition("}")
        if not self._peek("{") or not closed or name not in _CATEGORIES:
            raise NotAPattern("\\p{…} 只支持 L、Lu、N 这样的类别")
        self._at += len(name) + 2
        return Sign(f"\\{'P' if negated else 'p'}{{{name}}}", (), (name,), negated)

    def _class(self) -> Sign:
        negated = self._took("^")
        parts: list[Sign] = []
        while not self._took("]"):
            parts.append(self._part())
        if not parts:
            raise NotAPattern("方括号里没有内容")
        text = f"[{'^' if negated else ''}{''.join(_inside(one) for one in parts)}]"
        if "&&" in text:
            raise NotAPattern("方括号里的 && 这种写法不支持")
        if any(one.negated and one.categories for one in parts):
            raise NotAPattern("方括号里的 \\P 这种写法不支持")
        ranges = [each for one in parts for each in (_outside(one.ranges) if one.negated else one.ranges)]
        return Sign(text, tuple(ranges), tuple(name for one in parts for name in one.categories), negated)

    def _part(self) -> Sign:
        """A character of a class, or a range of them."""
        first = self._one()
        if not self._peek("-") or self._peek("-]"):
            return first
        self._took("-")
        last = self._one()
        low, high = (one.ranges[0] if len(one.ranges) == 1 and not one.categories else (0, 1) for one in (first, last))
        if low[0] != low[1] or high[0] != high[1] or low[0] > high[0]:
            raise NotAPattern(f"方括号里的 {first.text}-{last.text} 不是一段字符")
        return Sign(f"{_inside(first)}-{_inside(last)}", ((low[0], high[0]),))

    def _one(self) -> Sign:
        sign = self._next()
        if sign == "[":
            raise NotAPattern("方括号里的 [ 要写成 \\[")
        return self._escaped() if sign == "\\" else _exactly(sign)


def _exactly(sign: str) -> Sign:
    shown = {value: f"\\{name}" for name, value in _SIGNS.items()}.get(sign)
    return Sign(shown or (f"\\{sign}" if sign in _SYNTAX else sign), ((ord(sign), ord(sign)),))


def _short(sign: str) -> Sign | None:
    ranges = {"d": _DIGITS, "w": _WORDS, "s": _GAPS}.get(sign.lower())
    return Sign(f"\\{sign}", ranges, negated=sign.isupper()) if ranges else None


def _inside(one: Sign) -> str:
    """As it is written in a class, where other characters need their escape."""
    if len(one.ranges) == 1 and one.ranges[0][0] == one.ranges[0][1] and not one.categories:
        sign = chr(one.ranges[0][0])
        if sign in "\\]^[-":
            return f"\\{sign}"
        return one.text if sign in _SIGNS.values() else sign
    return one.text


def _outside(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """All characters but these."""
    found, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    return (*found, (start, _TOP)) if start <= _TOP else tuple(found)


def written(node: Node) -> str:
    """A tree as text, always the same for the same tree."""
    if isinstance(node, Sign):
        return node.text
    if isinstance(node, Row):
        return "".join(f"({written(part)})" if isinstance(part, Either) else written(part) for part in node.parts)
    if isinstance(node, Either):
        return "|".join(written(part) for part in node.parts)
    inner = written(node.part)
    return (inner if isinstance(node.part, Sign) else f"({inner})") + _count(node)


def _count(node: Times) -> str:
    known = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((node.low, node.high))
    if known:
        return known
    return f"{{{node.low}}}" if node.low == node.high else f"{{{node.low},{'' if node.high is None else node.high}}}"
