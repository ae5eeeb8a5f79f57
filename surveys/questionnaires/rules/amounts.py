"""Amounts in conditions: what several answers make together (大人 + 小孩), as one small JSON form.

    "q05.total"                          a number that was answered, in its smallest steps
    4                                    a whole number
    {"sum": [amount, …]}  {"less": [amount, amount]}  {"times": [amount, amount]}
    {"or": [name, 0]}                    the number that was answered, or this one where none was
    {"count": name}                      how many options are ticked; none is 0

An amount stands in place of a name in ``is``, ``at_least`` and ``at_most``. It is worked out where it is asked for and
never stored: an answer is what somebody said. Where a part is missing there is no amount, and a comparison with it is
false. ``static/branching.js`` works it out likewise; the cases both must agree on are among those of the conditions.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Amount = str | int | Mapping[str, Any]
LookUp = Callable[[str, Mapping[str, Any], Mapping[str, Any]], Any]
Worked = Callable[[Mapping[str, Any], Mapping[str, Any]], int | None]

NUMBER, COUNT = "number", "count"
"""How an amount reads a name: as a number, or as what is ticked."""
DEPTH, MOST_PARTS = 6, 40
MOST = 2**53 - 1
"""Larger whole numbers are not exact in a page."""


def problems(amount: Any, depth: int = 0) -> Iterator[str]:
    """Yield what is wrong with the shape of an amount, in Chinese."""
    if type(amount) in (str, int):
        return
    if depth > DEPTH or not isinstance(amount, dict) or len(amount) != 1:
        yield "算式要写成题号、整数或只有一个键的对象，不要套得太深"
        return
    (word, body), *_ = amount.items()
    if word == "count":
        if not isinstance(body, str):
            yield "count 后面要写题号"
    elif word == "or":
        if not isinstance(body, list) or len(body) != 2 or type(body[0]) is not str or type(body[1]) is not int:
            yield "or 后面要写 [题号, 整数]"
    elif word in ("sum", "less", "times"):
        if not isinstance(body, list) or not 2 <= len(body) <= (MOST_PARTS if word == "sum" else 2):
            yield f"{word} 后面要写{'两项或更多' if word == 'sum' else '两项'}"
            return
        for part in body:
            yield from problems(part, depth + 1)
    else:
        yield f"不认识的算法 {word}"


def names(amount: Amount) -> Iterator[tuple[str, str]]:
    """Every (NUMBER or COUNT, name) a well-formed amount reads."""
    if isinstance(amount, str):
        yield NUMBER, amount
    elif isinstance(amount, Mapping):
        (word, body), *_ = amount.items()
        if word == "count":
            yield COUNT, body
            return
        for part in body:
            yield from names(part)


def compiled(amount: Amount, look_up: LookUp) -> Worked:
    """A well-formed amount as a function of (answers, facts); None where there is none."""
    if isinstance(amount, int):
        return lambda answers, facts: amount
    if isinstance(amount, str):
        return lambda answers, facts: got if type(got := look_up(amount, answers, facts)) is int else None
    (word, body), *_ = amount.items()
    if word == "count":
        return lambda answers, facts: len(got) if isinstance(got := look_up(body, answers, facts), list) else 0
    parts = [compiled(part, look_up) for part in body]
    if word == "or":
        first, otherwise = parts[0], body[1]
        return lambda answers, facts: otherwise if (got := first(answers, facts)) is None else got

    def worked(answers: Mapping[str, Any], facts: Mapping[str, Any]) -> int | None:
        found = [part(answers, facts) for part in parts]
        known = [one for one in found if one is not None]
        if len(known) < len(found):
            return None
        return sum(known) if word == "sum" else known[0] - known[1] if word == "less" else known[0] * known[1]

    return worked


def largest(amount: Amount, of: Callable[[str, str], int]) -> int:
    """How far from nothing an amount may be. ``of``: the same of a name, given how it is read."""
    if isinstance(amount, int):
        return abs(amount)
    if isinstance(amount, str):
        return of(NUMBER, amount)
    (word, body), *_ = amount.items()
    if word == "count":
        return of(COUNT, body)
    parts = [largest(part, of) for part in body]
    return max(parts) if word == "or" else parts[0] * parts[1] if word == "times" else sum(parts)
