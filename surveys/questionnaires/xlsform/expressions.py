"""Expressions of XLSForm as conditions of ours (``rules.branching``), given what each ``${name}`` stands for. What we
have no words for raises Unsayable with the reason in Chinese; nothing is guessed."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from surveys.questionnaires.rules.amounts import Amount
from surveys.questionnaires.xlsform import amounts
from surveys.questionnaires.xlsform.syntax import SWAPPED, Call, Literal, Node, Ref, Unsayable

Expr = dict[str, Any]


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
    if node.name in SWAPPED:
        return _comparison(node, find)
    raise Unsayable(f"函数 {node.name} 不支持")


MOST_COMPARISONS = 500


def must_fit(said: Expr | bool) -> None:
    """Raise Unsayable for a condition that nobody could follow: each ``if`` within the test of another doubles what it
    says, and thirty of them are more than a machine holds."""
    todo, seen = [said], 0
    while todo:
        part = todo.pop()
        seen += 1
        if seen > MOST_COMPARISONS:
            raise Unsayable("条件写开来太长")
        if isinstance(part, dict):
            for word in part.keys() & {"all", "any", "not"}:
                todo += part[word] if isinstance(part[word], list) else [part[word]]


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
    if isinstance(left, Literal) and isinstance(right, Literal):
        return _settled(left, sign, right)
    if _chooses(right) or (isinstance(left, Literal) and not isinstance(right, Literal)):
        left, right, sign = right, left, SWAPPED[sign]
    if _chooses(left):
        return _either(left, sign, right, find)
    if isinstance(left, Call) and isinstance(right, Literal) and (said := _measured(left, sign, right.value, find)):
        return said
    if not isinstance(left, Ref) or not isinstance(right, Literal):
        return _worked_out(left, sign, right, find)
    target = find(left.name)
    if right.value == "" and sign in ("=", "!="):
        return negated(_answered(target)) if sign == "=" else _answered(target)
    if target.kind == "number":
        return _number(target.name, target.decimals, sign, right.value)
    if sign not in ("=", "!="):
        if target.numeric:
            return _number(target.name, target.decimals, sign, right.value)
        raise Unsayable(f"{left.name} 不是数字，不能比大小")
    if target.kind in ("multi", "rows"):
        raise Unsayable(f"{left.name} 可以有几个答案，要写成 selected(${{{left.name}}}, '…')")
    if target.kind not in ("single", "cascade", "consent", "place"):
        raise Unsayable(f"{left.name} 是文字或日期，不能和一个值相比")
    made = _chosen(target, str(right.value), left.name)
    return negated(made) if sign == "!=" else made


def _settled(left: Literal, sign: str, right: Literal) -> bool:
    """A comparison of two written values."""
    if sign in ("=", "!=") and not (isinstance(left.value, Decimal) and isinstance(right.value, Decimal)):
        return (str(left.value) == str(right.value)) is (sign == "=")
    if not isinstance(left.value, Decimal) or not isinstance(right.value, Decimal):
        raise Unsayable("只能比两个数的大小")
    less, same = left.value < right.value, left.value == right.value
    return {"=": same, "!=": not same, "<": less, ">": not less and not same, "<=": less or same, ">=": not less}[sign]


def _chooses(node: Node) -> bool:
    """Whether it is one thing or another (and not a number with what stands for none)."""
    if not isinstance(node, Call) or node.name != "if" or len(node.parts) != 3:
        return False
    test, then, otherwise = node.parts
    nothing = Literal("")
    return test not in (Call("=", (otherwise, nothing)), Call("!=", (then, nothing)))


def _either(left: Node, sign: str, right: Node, find: Find) -> Expr | bool:
    """``if(test, a, b) > c``: the test and a > c, or not the test and b > c."""
    test, then, otherwise = left.parts if isinstance(left, Call) else ()
    holds = condition(test, find)
    first, second = (condition(Call(sign, (part, right)), find) for part in (then, otherwise))
    return joined("any", [joined("all", [holds, first]), joined("all", [negated(holds), second])])


def _worked_out(left: Node, sign: str, right: Node, find: Find) -> Expr | bool:
    """Numbers made of several answers, compared with a value or with each other."""

    def numeric(name: str) -> tuple[str, int]:
        target = find(name)
        if target.kind == "number" or target.numeric:
            return target.name, target.decimals
        raise Unsayable(f"{name} 不是数字，不能用来计算，也不能和另一题比大小")

    def ticked(name: str) -> str:
        target = find(name)
        if target.kind == "multi":
            return target.name
        raise Unsayable(f"{name} 不是多选题，数不出选了几项")

    made, places = amounts.amount(left, numeric, ticked)
    if isinstance(right, Literal) and not isinstance(made, int):
        return _number(made, places, sign, right.value)
    difference, places = amounts.amount(Call("-", (left, right)), numeric, ticked)
    if isinstance(difference, int):
        return _settled(Literal(Decimal(difference)), sign, Literal(Decimal(0)))
    said = _number(difference, places, sign, Decimal(0))
    if sign in ("=", "!=") and isinstance(left, Ref) and isinstance(right, Ref):
        # Two that are both not there are the same to a phone.
        neither = joined("all", [negated(_answered(find(one.name))) for one in (left, right)])
        same = joined("any", [_number(difference, places, "=", Decimal(0)), neither])
        return same if sign == "=" else negated(same)
    return said


def _answered(target: Target) -> Expr:
    return {"answered": target.name}


def _measured(call: Call, sign: str, value: str | Decimal, find: Find) -> Expr | None:
    """string-length(x) > 0, count-selected(x) >= 1 and count(x) > 0 are ways to say "answered"; None for others."""
    if (
        call.name in ("string-length", "count-selected", "count")
        and len(call.parts) == 1
        and isinstance(call.parts[0], Ref)
    ):
        there = _answered(find(call.parts[0].name))
        if (sign, value) in ((">", Decimal(0)), (">=", Decimal(1)), ("!=", Decimal(0))):
            return there
        if (sign, value) in (("=", Decimal(0)), ("<", Decimal(1))):
            opposite = negated(there)
            return None if isinstance(opposite, bool) else opposite
    return None


def _number(made: Amount, decimals: int, sign: str, value: str | Decimal) -> Expr | bool:
    """A number that was answered, or an amount, compared with a value."""
    try:
        scaled = Decimal(value) * 10**decimals
        low, high = math.ceil(scaled), math.floor(scaled)
    except (ArithmeticError, ValueError):
        what = f"{made} 是数字" if isinstance(made, str) else "算出来的是数字"
        raise Unsayable(f"{what}，不能和“{value}”相比") from None
    if sign == ">=":
        return {"at_least": [made, low]}
    if sign == "<=":
        return {"at_most": [made, high]}
    if sign == ">":
        return {"at_least": [made, high + 1]}
    if sign == "<":
        return {"at_most": [made, low - 1]}
    same: Expr | bool = {"is": [made, int(scaled)]} if low == high else False
    return same if sign == "=" else negated(same)
