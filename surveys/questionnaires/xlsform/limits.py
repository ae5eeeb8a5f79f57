"""What a ``constraint`` of XLSForm says, as far as our question kinds can say it: ranges, lengths, counts, patterns."""

import math
import re
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product

from surveys.questionnaires.rules import patterns
from surveys.questionnaires.xlsform.syntax import Call, Literal, Node, Ref, Unsayable, parse

ITSELF = Ref(".")
TICKED = Call("count-selected", (ITSELF,))
LENGTH = Call("string-length", (ITSELF,))
ONE, TWO = Literal(Decimal(1)), Literal(Decimal(2))
_MORE = (Call(">", (TICKED, ONE)), Call(">=", (TICKED, TWO)), Call("!=", (TICKED, ONE)))
_SINGLE = (Call("=", (TICKED, ONE)), Call("<=", (TICKED, ONE)), Call("<", (TICKED, TWO)))
_SIGNS = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}
_PLACES = re.compile(r"^(?P<rest>.*) and round\(\. \* (?P<scale>10{1,4})\) div (?P=scale) = \.$")


@dataclass
class Limits:
    """Bounds found in a constraint.

    ``low`` and ``high``: of a number, both included; ``above``, ``below``: of a number, itself excluded; ``decimals``:
    its places. ``shortest`` and ``longest``: characters; ``pattern``: how a text is written (``rules.patterns``);
    ``equals``: the one text. ``fewest`` and ``most``: options ticked; ``alone``: choices that exclude all others;
    ``apart``: pairs of choices that exclude each other; ``enough``: choices one of which is enough. ``not_future``: of
    a date; ``at_most``, ``at_least``: the question whose number it may not exceed, or fall short of.
    ``listed``: what to tell besides.
    """

    low: Decimal | None = None
    high: Decimal | None = None
    above: Decimal | None = None
    below: Decimal | None = None
    decimals: int | None = None
    shortest: int | None = None
    longest: int | None = None
    pattern: str | None = None
    equals: str | None = None
    fewest: int | None = None
    most: int | None = None
    alone: list[str] = field(default_factory=list)
    apart: set[frozenset[str]] = field(default_factory=set)
    enough: list[str] = field(default_factory=list)
    not_future: bool = False
    at_most: str | None = None
    at_least: str | None = None
    listed: list[str] = field(default_factory=list)


def read(text: str, *, whole: bool) -> Limits:
    """The limits a constraint sets; ``whole``: of a whole number, so that "> 3" is "at least 4". Raises Unsayable."""
    limits = Limits()
    if places := _PLACES.match(text.strip()):  # as our own export says how many decimals there may be
        limits.decimals, text = len(places["scale"]) - 1, places["rest"]
    _take(parse(text), limits, whole)
    return limits


def _take(node: Node, limits: Limits, whole: bool) -> None:
    if not isinstance(node, Call):
        raise Unsayable("限制要是一个比较")
    if node.name == "and":
        for part in node.parts:
            _take(part, limits, whole)
    elif node.name == "true" and not node.parts:
        return
    elif node.name == "or":
        _either(node, limits, whole)
    elif node.name == "if" and len(node.parts) == 3:
        _take(_unless(*node.parts), limits, whole)
    elif (written := _pattern(node)) is not None and node.name == "regex":
        _written(written, limits)
    elif node.name == "not" and len(node.parts) == 1 and _exclusions(node.parts[0], limits):
        return
    elif node.name in _SIGNS and len(node.parts) == 2:
        _compare(node, limits, whole)
    else:
        raise Unsayable(f"限制里的 {node.name} 不支持")


def _unless(test: Node, then: Node, otherwise: Node) -> Node:
    """``if(test, then, true())`` as "not the test, or then"; the other way round likewise."""
    always = Call("true", ())
    if otherwise == always:
        return Call("or", (Call("not", (test,)), then))
    if then == always:
        return Call("or", (test, otherwise))
    raise Unsayable("限制里的 if 不支持")


# ---- choices that exclude each other ----


def _names(node: Node) -> list[str]:
    """The choices of ``selected(., 'a') or selected(., 'b')``; [] for anything else."""
    parts = node.parts if isinstance(node, Call) and node.name == "or" else (node,)
    found = [
        str(part.parts[1].value)
        for part in parts
        if isinstance(part, Call) and part.name == "selected" and len(part.parts) == 2 and part.parts[0] == ITSELF
        if isinstance(part.parts[1], Literal)
    ]
    return found if len(found) == len(parts) else []


def _exclusions(inner: Node, limits: Limits) -> bool:
    """Take ``not(selected(., 'none') and count-selected(.) > 1)`` and ``not(selected(., 'none') and (selected(., 'a')
    or …))``; whether it was one of them."""
    if not isinstance(inner, Call) or inner.name != "and" or len(inner.parts) != 2:
        return False
    one, other = inner.parts if _names(inner.parts[0]) else reversed(inner.parts)
    if other in _MORE and (names := _names(one)):
        limits.alone += names
        return True
    limits.apart |= {frozenset(pair) for pair in product(_names(one), _names(other))}
    return bool(_names(one) and _names(other))


def _alone(node: Call) -> str | None:
    """The choice of ``not(selected(., 'none')) or count-selected(.) = 1``, with or without saying it again."""
    for denied in node.parts:
        if not isinstance(denied, Call) or denied.name != "not" or len(_names(denied.parts[0])) != 1:
            continue
        name, rest = denied.parts[0], [part for part in node.parts if part != denied]
        both = [Call("and", pair) for single in _SINGLE for pair in ((name, single), (single, name))]
        if len(rest) == 1 and (rest[0] in _SINGLE or rest[0] in both):
            return _names(name)[0]
    return None


# ---- one or the other ----


def _either(node: Call, limits: Limits, whole: bool) -> None:
    """So many choices or this one; a text in one of several ways; nothing at all, which goes without saying."""
    parts = tuple(part for part in node.parts if not _says_empty(part))
    if (told := _where_given(parts)) is not None:
        _take(told, limits, whole)
        return
    if len(parts) == 1:
        _take(parts[0], limits, whole)
        return
    node = Call("or", parts)
    if len(parts) == 2 and (name := _alone(node)):
        limits.alone.append(name)
        return
    written = [_pattern(part) for part in parts]
    if all(one is not None for one in written):
        _written("|".join(str(one) for one in written), limits)
        return
    for part in parts:
        if names := _names(part):
            limits.enough += names
        elif limits.fewest is None and isinstance(part, Call) and part.parts and part.parts[0] == TICKED:
            _compare(part, limits, whole)
        else:
            raise Unsayable("限制里的 or 不支持")


def _where_given(parts: tuple[Node, ...]) -> Node | None:
    """What ``${x} = '' or . <= ${x}`` says where x was answered; None for anything else."""
    if len(parts) != 2 or not isinstance(parts[0], Call) or parts[0].name != "=" or parts[0].parts[1] != Literal(""):
        return None
    other, told = parts[0].parts[0], parts[1]
    if not isinstance(told, Call) or set(told.parts) != {ITSELF, other} or told.name not in ("<=", ">="):
        return None
    return told


def _says_empty(part: Node) -> bool:
    return part in (Call("=", (ITSELF, Literal(""))), Call("=", (LENGTH, Literal(Decimal(0)))))


# ---- how a text is written ----


def _pattern(node: Node) -> str | None:
    """What one condition says of a text, as a regular expression; None when it does not."""
    if not isinstance(node, Call) or len(node.parts) != 2 or not isinstance(node.parts[1], Literal):
        return None
    value = node.parts[1].value
    if node.name == "regex" and node.parts[0] == ITSELF:
        return str(value)
    if node.name == "=" and node.parts[0] == ITSELF and isinstance(value, str):
        return f"^{''.join(sign if sign.isalnum() or sign == ' ' else chr(92) + sign for sign in value)}$"
    if node.name == "=" and node.parts[0] == LENGTH and isinstance(value, Decimal) and value == int(value) > 0:
        return f"^.{{{value}}}$"
    return None


def _written(source: str, limits: Limits) -> None:
    if limits.pattern is not None:
        raise Unsayable("限制里有两个 regex，请合成一个")
    try:
        limits.pattern = patterns.normal(source)
    except patterns.NotAPattern as reason:
        raise Unsayable(f"regex 里的写法不能用：{reason}") from None
    if not (source.lstrip("(").startswith("^") and source.rstrip(")").endswith("$")):
        limits.listed.append("regex 没有用 ^ 和 $ 写明两头，按整个答案要相符来收（ODK Collect 也是这样）")


# ---- comparisons ----


def _compare(node: Call, limits: Limits, whole: bool) -> None:
    left, right, sign = node.parts[0], node.parts[1], node.name
    if isinstance(left, Literal):
        left, right, sign = right, left, _SIGNS[sign]
    if left == ITSELF and sign == "<=" and right == Call("today", ()):
        limits.not_future = True
        return
    if isinstance(left, Ref) and right == ITSELF:
        left, right, sign = right, left, _SIGNS[sign]
    if left == ITSELF and isinstance(right, Ref) and sign in ("<=", ">="):
        key = "at_most" if sign == "<=" else "at_least"
        if getattr(limits, key) is not None:
            raise Unsayable("限制里和两题相比，只能和一题比")
        setattr(limits, key, right.name)
        return
    if not isinstance(right, Literal):
        raise Unsayable("限制只能和写明的值相比，或者写成不大于（<=）、不小于（>=）前面一个数字题")
    if left == ITSELF and isinstance(right.value, str) and sign in ("=", "!="):
        if sign == "=":
            limits.equals = right.value
        elif right.value:  # that there is an answer at all need not be said
            raise Unsayable("限制里的 != 不支持")
        return
    if not isinstance(right.value, Decimal):
        raise Unsayable("限制只能和数字相比")
    if left == LENGTH:
        _length(limits, sign, right.value)
    elif sign == "!=":
        raise Unsayable("限制里的 != 不支持")
    elif left == ITSELF:
        _bound(limits, sign, right.value, whole)
    elif left == TICKED:
        _count(limits, sign, right.value)
    else:
        raise Unsayable("限制只能说这一题自己")


def _bound(limits: Limits, sign: str, value: Decimal, whole: bool) -> None:
    if sign in ("<", ">") and not whole:
        if sign == ">":
            limits.above = value if limits.above is None else max(limits.above, value)
        else:
            limits.below = value if limits.below is None else min(limits.below, value)
        return
    if sign in (">", ">=", "="):
        at_least = value if not whole else Decimal(math.floor(value) + 1 if sign == ">" else math.ceil(value))
        limits.low = at_least if limits.low is None else max(limits.low, at_least)
    if sign in ("<", "<=", "="):
        at_most = value if not whole else Decimal(math.ceil(value) - 1 if sign == "<" else math.floor(value))
        limits.high = at_most if limits.high is None else min(limits.high, at_most)


def _length(limits: Limits, sign: str, value: Decimal) -> None:
    least = {">": math.floor(value) + 1, ">=": math.ceil(value), "=": math.ceil(value)}.get(sign)
    most = {"<": math.ceil(value) - 1, "<=": math.floor(value), "=": math.floor(value)}.get(sign)
    if sign == "!=":
        if value != 0:
            raise Unsayable("限制里的 != 不支持")
        least = 1
    if least is not None and least > 1:
        limits.shortest = max(least, limits.shortest or 0)
    if most is not None:
        limits.longest = most if limits.longest is None else min(limits.longest, most)


def _count(limits: Limits, sign: str, value: Decimal) -> None:
    if sign in (">", ">=", "="):
        limits.fewest = int(value) + (1 if sign == ">" else 0)
    if sign in ("<", "<=", "="):
        limits.most = int(value) - (1 if sign == "<" else 0)


def alone_of(limits: Limits, names: set[str]) -> list[str]:
    """The choices (of ``names``) that exclude all others, by being said so or by being kept apart from each. Raises
    Unsayable for pairs beyond that."""
    alone = [
        *limits.alone,
        *(one for one in sorted(names) if all(frozenset((one, other)) in limits.apart for other in names - {one})),
    ]
    left = {pair for pair in limits.apart if not pair & set(alone)}
    if left:
        raise Unsayable(f"只能说一个选项和所有别的选项互斥，不能只说 {'、'.join(sorted(next(iter(left))))} 互斥")
    return list(dict.fromkeys(alone))
