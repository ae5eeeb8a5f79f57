"""What an engine that tries one way after the other decides in bearable time.

Two things make such an engine slow: a group that is repeated and can be read in several ways (``(a|ab)*``, ``(a+)+``:
ways double with every character), and parts of open length in a row that may take the same characters (``\\d*\\d*x``:
one more power of the text's length each).
"""

from surveys.questionnaires.rules.patterns.matching import Automaton, bits
from surveys.questionnaires.rules.patterns.reading import Either, Node, NotAPattern, Row, Sign, Times

MOST_LOOSE = 3
"""Parts of open length in a row that may take the same character."""


def must_be_steady(node: Node) -> None:
    """Raises NotAPattern."""
    _run(node, [])


def _run(node: Node, loose: list[Sign]) -> list[Sign]:
    """Follow a pattern with the parts of open length, by what they begin with, that may take the next character too;
    those after it."""
    if isinstance(node, Sign):
        return [one for one in loose if one.meets(node)]
    if isinstance(node, Row):
        for part in node.parts:
            loose = _run(part, loose)
        return loose
    if isinstance(node, Either):
        return list(dict.fromkeys(one for part in node.parts for one in _run(part, loose)))
    if node.high == 1:
        inner = _run(node.part, loose)
        return list(dict.fromkeys([*loose, *inner])) if node.low == 0 else inner
    begins = _begins(node)
    if node.low == node.high:
        return [one for one in loose if any(one.meets(begin) for begin in begins)]
    again = [one for one in loose if any(one.meets(begin) for begin in begins)]
    if len(again) >= MOST_LOOSE:
        raise NotAPattern("连着几处可长可短、又能是同样的字符，这样的写法可能很久都判断不完")
    return [*(loose if node.low == 0 else again), *begins]


def _begins(node: Times) -> list[Sign]:
    """What a repeated part begins with. Raises NotAPattern unless each character of a text says which it is of it."""
    if isinstance(node.part, Sign):
        return [node.part]
    again = Automaton(Times(node.part, 1, None))
    if again.empty or again.twice or any(_meet(again, after) for after in (again.first, *again.follow)):
        raise NotAPattern("重复的括号里的内容可以有几种读法，这样的写法可能很久都判断不完")
    return [again.signs[place] for place in bits(again.first)]


def _meet(again: Automaton, after: int) -> bool:
    signs = [again.signs[place] for place in bits(after)]
    return any(one.meets(other) for place, one in enumerate(signs) for other in signs[:place])
