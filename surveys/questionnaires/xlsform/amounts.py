"""Sums, differences and products of XLSForm as amounts of ours (``rules.amounts``), in exact whole numbers: a number
with two decimals is kept in hundredths, so what is added to it is made hundredths, too."""

from collections.abc import Callable
from decimal import Decimal

from surveys.questionnaires.rules.amounts import Amount
from surveys.questionnaires.rules.questions.scales import MOST_DECIMALS
from surveys.questionnaires.xlsform.syntax import Call, Literal, Node, Ref, Unsayable

Numeric = Callable[[str], tuple[str, int]]
"""The name by which our conditions know a number, and its decimals. Raises Unsayable for what is no number."""
Ticked = Callable[[str], str]
"""The same of a question where several may be ticked."""


def amount(node: Node, numeric: Numeric, ticked: Ticked) -> tuple[Amount, int]:
    """A tree as (amount in smallest steps, decimals of them). Raises Unsayable."""
    if isinstance(node, Ref):
        return numeric(node.name)
    if isinstance(node, Literal):
        return _constant(node)
    if node.name in ("+", "-", "*", "div") and len(node.parts) == 2:
        (left, a), (right, b) = (amount(part, numeric, ticked) for part in node.parts)
        if node.name == "div":
            return _divided(left, a, right, b)
        if node.name == "*":
            return _times(left, a, right, b)
        places = max(a, b)
        return _plus(_in_steps(left, places - a), _in_steps(right, places - b), node.name), places
    if node.name == "count-selected" and len(node.parts) == 1 and isinstance(node.parts[0], Ref):
        return {"count": ticked(node.parts[0].name)}, 0
    if node.name in ("coalesce", "if"):
        return _or(node, numeric)
    if node.name in ("number", "int", "round") and len(node.parts) == 1:
        made, places = amount(node.parts[0], numeric, ticked)
        if places == 0 or node.name == "number":
            return made, places
        raise Unsayable("取整（int、round）不支持")
    if node.name in ("today", "now", "format-date", "decimal-date-time"):
        raise Unsayable("日期不能用来计算；要用年龄，请直接问年龄")
    raise Unsayable(f"函数 {node.name} 不支持")


def _constant(node: Literal) -> tuple[int, int]:
    try:
        value = Decimal(node.value)
    except ArithmeticError:
        raise Unsayable(f"“{node.value}”不是数字，不能用来计算") from None
    if not value.is_finite() or abs(value) > 10**12:
        raise Unsayable(f"“{node.value}”不能用来计算")
    exponent = value.normalize().as_tuple().exponent
    places = max(0, -exponent if isinstance(exponent, int) else 0)
    if places > MOST_DECIMALS:
        raise Unsayable(f"小数最多 {MOST_DECIMALS} 位")
    return int(value.scaleb(places)), places


def _in_steps(made: Amount, more: int) -> Amount:
    """The same in steps ``more`` decimals smaller."""
    if not more:
        return made
    return made * int(10**more) if isinstance(made, int) else {"times": [made, 10**more]}


def _plus(left: Amount, right: Amount, sign: str) -> Amount:
    if isinstance(left, int) and isinstance(right, int):
        return left + right if sign == "+" else left - right
    if sign == "-":
        return {"less": [left, right]}
    before = left["sum"] if isinstance(left, dict) and "sum" in left else [left]
    return {"sum": [*before, right]}


def _times(left: Amount, a: int, right: Amount, b: int) -> tuple[Amount, int]:
    if isinstance(left, int) and isinstance(right, int):
        return left * right, a + b
    if isinstance(left, int):
        left, a, right, b = right, b, left, a
    power = len(str(right)) - 1
    if right == 10**power and b == 0 and 0 < power <= a:  # as our own export writes smallest steps
        return left, a - power
    return {"times": [left, right]}, a + b


def _divided(left: Amount, a: int, right: Amount, b: int) -> tuple[Amount, int]:
    """Division by ten, a hundred …, which only moves the point."""
    power = len(str(right)) - 1
    if b == 0 and power > 0 and right == 10**power and a + power <= MOST_DECIMALS:
        return left, a + power
    raise Unsayable("除法不支持（除以 10、100 可以）")


def _or(node: Call, numeric: Numeric) -> tuple[Amount, int]:
    """``coalesce(${x}, 0)``, ``if(${x} = '', 0, ${x})`` and ``if(${x} != '', ${x}, 0)``."""
    parts = node.parts
    if node.name == "if" and len(parts) == 3 and isinstance(parts[0], Call):
        test, then, otherwise = parts
        if test == Call("=", (otherwise, Literal(""))):
            parts = (otherwise, then)
        elif test == Call("!=", (then, Literal(""))):
            parts = (then, otherwise)
    if len(parts) != 2 or not isinstance(parts[0], Ref) or not isinstance(parts[1], Literal):
        raise Unsayable(f"{node.name} 只能写成“没有填就算几”，如 coalesce(${{x}}, 0)")
    (name, a), (value, b) = numeric(parts[0].name), _constant(parts[1])
    if b > a:
        raise Unsayable(f"{node.name} 里的数小数太多")
    return {"or": [name, value * int(10 ** (a - b))]}, a
