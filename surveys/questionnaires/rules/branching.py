"""Conditions in a questionnaire: one small JSON form, read the same way here and in ``static/branching.js``.

A condition is an object with exactly one key::

    {"is": [name, value]}          the answer is this value (same type: 1 is not true)
    {"in": [name, [value, …]]}     the answer is one of these
    {"has": [name, value]}         a list answer (several, ranking) contains this
    {"at_least": [name, number]}   a whole number, this or more; {"at_most": …} likewise
    {"answered": name}             there is an answer
    {"all": […]} {"any": […]} {"not": …}

A name is a question code (``q09``), a row of a grid (``q05.total``), the extra field of an option (``q02.other``) or a
fact (``building.has_lift``). What is not known is no value at all: every comparison with it is false. In ``is``,
``at_least`` and ``at_most`` an amount may stand in its place (``{"sum": ["q03", "q04"]}``, see ``amounts``).
``tests/surveys/questionnaires/branching_vectors.json`` holds the cases both languages must give the same answer to.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from surveys.questionnaires.rules import amounts

Expr = Mapping[str, Any]
Test = Callable[[Mapping[str, Any], Mapping[str, Any]], bool]

CHANNELS = ("wechat_self", "wechat_by_family", "worker_visit", "paper_import")

# What the register says about the dwelling, and the values it may have (None: any whole number).
FACTS: Mapping[str, tuple[Any, ...] | None] = {
    "channel": CHANNELS,
    "dwelling.floor": None,
    "building.floors": None,
    "building.has_lift": (True, False),
    "estate.renovated": (True, False),
    "estate.built_year": None,
}
DEPTH = 8


def problems(expr: Any, depth: int = 0) -> Iterator[str]:
    """Yield what is wrong with the shape of a condition, in Chinese, for whoever wrote the questionnaire."""
    if depth > DEPTH:
        yield "条件套得太深"
        return
    if not isinstance(expr, dict) or len(expr) != 1:
        yield "条件要写成只有一个键的对象"
        return
    (word, body), *_ = expr.items()
    if word in ("all", "any"):
        if not isinstance(body, list) or not body:
            yield f"{word} 后面要有至少一个条件"
            return
        for part in body:
            yield from problems(part, depth + 1)
    elif word == "not":
        yield from problems(body, depth + 1)
    elif word == "answered":
        if not isinstance(body, str):
            yield "answered 后面要写题号"
    elif word in ("is", "at_least", "at_most") and isinstance(body, list) and len(body) == 2 and _worked(body[0]):
        yield from amounts.problems(body[0])
        if type(body[1]) is not int:
            yield f"算式只能和整数比（{word}）"
    elif word in ("is", "has", "in", "at_least", "at_most"):
        if not isinstance(body, list) or len(body) != 2 or not isinstance(body[0], str):
            yield f"{word} 后面要写 [题号, 值]"
        elif word == "in" and (not isinstance(body[1], list) or not body[1] or not all(map(_plain, body[1]))):
            yield "in 的值要是一个不空的清单"
        elif word in ("at_least", "at_most") and type(body[1]) is not int:
            yield f"{word} 的值要是整数"
        elif word in ("is", "has") and not _plain(body[1]):
            yield f"{word} 的值要是文字、整数或真假"
    else:
        yield f"不认识的条件 {word}"


def _plain(value: Any) -> bool:
    return type(value) in (str, int, bool)


def _worked(operand: Any) -> bool:
    """Whether an amount stands where a name could."""
    return isinstance(operand, dict)


def _leaves(expr: Expr) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    (word, body), *_ = expr.items()
    if word in ("all", "any"):
        for part in body:
            yield from _leaves(part)
    elif word == "not":
        yield from _leaves(body)
    elif word == "answered":
        yield word, body, ()
    else:
        yield word, body[0], tuple(body[1]) if word == "in" else (body[1],)


def comparisons(expr: Expr) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """Yield every (word, name, values) a well-formed condition compares; for a name inside an amount the word says how
    it is read (``amounts.NUMBER``, ``amounts.COUNT``) and there are no values."""
    for word, operand, values in _leaves(expr):
        if _worked(operand):
            yield from ((how, name, ()) for how, name in amounts.names(operand))
        else:
            yield word, operand, values


def amounts_of(expr: Expr) -> list[amounts.Amount]:
    """The amounts a well-formed condition works out."""
    return [operand for _, operand, _ in _leaves(expr) if _worked(operand)]


def names(expr: Expr) -> set[str]:
    """The names a well-formed condition reads."""
    return {name for _, name, _ in comparisons(expr)}


def look_up(name: str, answers: Mapping[str, Any], facts: Mapping[str, Any]) -> Any:
    """The value behind a name, or None when there is none."""
    if name in FACTS:
        return facts.get(name)
    if name in answers:
        return answers[name]
    head, dot, row = name.partition(".")
    grid = answers.get(head) if dot else None
    return grid.get(row) if isinstance(grid, dict) else None


def compiled(expr: Expr) -> Test:
    """Turn a well-formed condition into a function of (answers, facts)."""
    (word, body), *_ = expr.items()
    if word == "all":
        parts = [compiled(part) for part in body]
        return lambda answers, facts: all(part(answers, facts) for part in parts)
    if word == "any":
        parts = [compiled(part) for part in body]
        return lambda answers, facts: any(part(answers, facts) for part in parts)
    if word == "not":
        inner = compiled(body)
        return lambda answers, facts: not inner(answers, facts)
    if word == "answered":
        return lambda answers, facts: not _empty(look_up(body, answers, facts))
    name, wanted = body
    if _worked(name):
        return _measured(word, amounts.compiled(name, look_up), wanted)
    if word == "is":
        return lambda answers, facts: _same(look_up(name, answers, facts), wanted)
    if word == "in":
        return lambda answers, facts: any(_same(look_up(name, answers, facts), one) for one in wanted)
    if word == "has":
        return lambda answers, facts: _contains(look_up(name, answers, facts), wanted)
    if word == "at_least":
        return lambda answers, facts: type(got := look_up(name, answers, facts)) is int and got >= wanted
    if word == "at_most":
        return lambda answers, facts: type(got := look_up(name, answers, facts)) is int and got <= wanted
    raise ValueError(word)


def _measured(word: str, worked: amounts.Worked, wanted: int) -> Test:
    if word == "is":
        return lambda answers, facts: worked(answers, facts) == wanted
    if word == "at_least":
        return lambda answers, facts: (got := worked(answers, facts)) is not None and got >= wanted
    return lambda answers, facts: (got := worked(answers, facts)) is not None and got <= wanted


def holds(expr: Expr, answers: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """Whether a well-formed condition is met."""
    return compiled(expr)(answers, facts)


def _same(got: Any, wanted: Any) -> bool:
    # In Python True == 1; in JavaScript it is not. The stricter one is right.
    return type(got) is type(wanted) and got == wanted


def _contains(got: Any, wanted: Any) -> bool:
    return isinstance(got, list) and any(_same(one, wanted) for one in got)


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})
