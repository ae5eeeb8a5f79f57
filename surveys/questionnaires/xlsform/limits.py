"""What a ``constraint`` of XLSForm says, as far as our question kinds can say it: ranges, lengths, counts, today."""

import math
import re
from dataclasses import dataclass, field
from decimal import Decimal

from surveys.questionnaires.xlsform.expressions import Call, Literal, Node, Ref, Unsayable, parse

ITSELF = Ref(".")
_PLACES = re.compile(r"^(?P<rest>.*) and round\(\. \* (?P<scale>10|100)\) div (?P=scale) = \.$")


@dataclass
class Limits:
    """Bounds found in a constraint. ``low`` and ``high``: of a number, both included; ``longest``: characters;
    ``fewest`` and ``most``: options ticked; ``alone``: choices that exclude the others; ``enough``: choices one of
    which is enough; ``not_future``: of a date; ``pattern``: a regular expression, for the caller to recognise or
    refuse; ``decimals``: places; ``equals``."""

    low: Decimal | None = None
    high: Decimal | None = None
    longest: int | None = None
    fewest: int | None = None
    most: int | None = None
    alone: list[str] = field(default_factory=list)
    enough: list[str] = field(default_factory=list)
    not_future: bool = False
    pattern: str | None = None
    decimals: int | None = None
    equals: str | None = None


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
    elif node.name == "regex" and len(node.parts) == 2 and node.parts[0] == ITSELF:
        limits.pattern = str(node.parts[1].value) if isinstance(node.parts[1], Literal) else ""
    elif node.name == "or":
        _enough(node, limits, whole)
    elif node.name == "not" and (alone := _alone(node)):
        limits.alone.append(alone)
    elif node.name in ("<", "<=", ">", ">=", "=") and len(node.parts) == 2:
        _compare(node, limits, whole)
    else:
        raise Unsayable(f"限制里的 {node.name} 不支持")


def _alone(node: Call) -> str | None:
    """``not(selected(., 'none') and count-selected(.) > 1)``: the option excludes the others."""
    inner = node.parts[0]
    if not isinstance(inner, Call) or inner.name != "and" or len(inner.parts) != 2:
        return None
    chosen, many = sorted(inner.parts, key=lambda part: isinstance(part, Call) and part.name != "selected")
    ticked = Call("count-selected", (ITSELF,))
    more = [Call(">", (ticked, Literal(Decimal(1)))), Call(">=", (ticked, Literal(Decimal(2))))]
    if many not in more or not isinstance(chosen, Call) or chosen.name != "selected" or len(chosen.parts) != 2:
        return None
    name = chosen.parts[1]
    return str(name.value) if chosen.parts[0] == ITSELF and isinstance(name, Literal) else None


def _enough(node: Call, limits: Limits, whole: bool) -> None:
    """``count-selected(.) >= 2 or selected(., 'none')``: so many, or this one."""
    for part in node.parts:
        name = part.parts[1] if isinstance(part, Call) and part.name == "selected" and len(part.parts) == 2 else None
        if isinstance(name, Literal) and isinstance(part, Call) and part.parts[0] == ITSELF:
            limits.enough.append(str(name.value))
        elif limits.fewest is None and isinstance(part, Call) and part.parts[0] == Call("count-selected", (ITSELF,)):
            _compare(part, limits, whole)
        else:
            raise Unsayable("限制里的 or 不支持")


def _compare(node: Call, limits: Limits, whole: bool) -> None:
    left, right, sign = node.parts[0], node.parts[1], node.name
    if isinstance(left, Literal):
        left, right = right, left
        sign = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "="}[sign]
    if left == ITSELF and sign == "<=" and isinstance(right, Call) and right.name == "today" and not right.parts:
        limits.not_future = True
        return
    if not isinstance(right, Literal):
        raise Unsayable("限制只能和写明的值相比")
    if left == ITSELF and sign == "=" and isinstance(right.value, str):
        limits.equals = right.value
        return
    if not isinstance(right.value, Decimal):
        raise Unsayable("限制只能和数字相比")
    if left == ITSELF:
        _bound(limits, sign, right.value, whole)
    elif left == Call("string-length", (ITSELF,)):
        _length(limits, sign, right.value)
    elif left == Call("count-selected", (ITSELF,)):
        _count(limits, sign, right.value)
    else:
        raise Unsayable("限制只能说这一题自己")


def _bound(limits: Limits, sign: str, value: Decimal, whole: bool) -> None:
    if sign in ("<", ">") and not whole:
        raise Unsayable("小数的限制请写成 >= 和 <=")
    if sign in (">", ">=", "="):
        at_least = value if not whole else Decimal(math.floor(value) + 1 if sign == ">" else math.ceil(value))
        limits.low = at_least if limits.low is None else max(limits.low, at_least)
    if sign in ("<", "<=", "="):
        at_most = value if not whole else Decimal(math.ceil(value) - 1 if sign == "<" else math.floor(value))
        limits.high = at_most if limits.high is None else min(limits.high, at_most)


def _length(limits: Limits, sign: str, value: Decimal) -> None:
    if sign not in ("<", "<="):
        raise Unsayable("文字只能限制最多多少字")
    limits.longest = int(value) - (1 if sign == "<" else 0)


def _count(limits: Limits, sign: str, value: Decimal) -> None:
    if sign in (">", ">=", "="):
        limits.fewest = int(value) + (1 if sign == ">" else 0)
    if sign in ("<", "<=", "="):
        limits.most = int(value) - (1 if sign == "<" else 0)
