"""What an engine that tries one way after the other decides in bearable time.

Three things make such an engine slow: a group that is repeated and can be read in several ways (``(a|ab)*``, ``(a+)+``:
ways double with every character), parts of open length in a row that may take the same characters (``\\d*\\d*x``: one
more power of the text's length each), and many places where it has to choose (``a?a?a?…aaa``, ``(a|aa)(a|aa)…``: ways
double with every one).
"""

import math
from collections import Counter
from collections.abc import Iterable

from surveys.questionnaires.rules.patterns.matching import Automaton, bits
from surveys.questionnaires.rules.patterns.reading import Either, Node, NotAPattern, Row, Sign, Times

MOST_LOOSE = 3
"""Parts of open length in a row that may take the same character."""
MOST_WAYS = 1024
"""What all choices of a pattern come to, taken one with the other; a part of any length is one choice."""


def must_be_steady(node: Node) -> None:
    """Raises NotAPattern."""
    _run(node, [])
    if _ways(node) > MOST_WAYS:
        raise NotAPattern("可写可不写、可以这样也可以那样的地方太多，这样的写法可能很久都判断不完")


def _run(node: Node, loose: list[Sign]) -> list[Sign]:
    """Follow a pattern with the parts of open length, by what they take, that may take the next character too; those
    after it."""
    if isinstance(node, Sign):
        return [one for one in loose if one.meets(node)]
    if isinstance(node, Row):
        for part in node.parts:
            loose = _run(part, loose)
        return loose
    if isinstance(node, Either):
        return _either(_run(part, loose) for part in node.parts)
    if node.high == 1:
        inner = _run(node.part, loose)
        return _either([loose, inner]) if node.low == 0 else inner
    begins = _begins(node)
    again = [one for one in loose if any(one.meets(begin) for begin in begins)]
    through = _run(node.part, again)
    if node.low == node.high:
        return through
    if len(again) >= MOST_LOOSE:
        raise NotAPattern("连着几处可长可短、又能是同样的字符，这样的写法可能很久都判断不完")
    own = _either([begins, _run(node.part, [])])
    return [*(loose if node.low == 0 else again), *own]


def _either(ways: Iterable[list[Sign]]) -> list[Sign]:
    """The loose parts after one of several ways: as many of each as the way that has most of it."""
    most: Counter[Sign] = Counter()
    for way in ways:
        most |= Counter(way)
    return list(most.elements())


def _begins(node: Times) -> list[Sign]:
    """What a repeated part begins with. Raises NotAPattern unless each character of a text says which it is of it."""
    if isinstance(node.part, Sign):
        return [node.part]
    again = Automaton(Times(node.part, 1, None))
    if again.empty or again.twice or any(most > 1 for most in _choices(again).values()):
        raise NotAPattern("重复的括号里的内容可以有几种读法，这样的写法可能很久都判断不完")
    return [again.signs[place] for place in bits(again.first)]


def _choices(automaton: Automaton) -> dict[int, int]:
    """Set of places that may come next → how many of them one character may be, at most."""
    kinds = set(automaton.signs)
    meeting = {
        one: sum(1 << place for place, sign in enumerate(automaton.signs) if sign in others)
        for one in kinds
        for others in [{other for other in kinds if one.meets(other)}]
    }
    return {
        after: max(((meeting[automaton.signs[place]] & after).bit_count() for place in bits(after)), default=1)
        for after in {automaton.first, *automaton.follow}
    }


def _ways(node: Node) -> int:
    """In how many ways a text may be tried, apart from how far each part of open length reaches."""
    automaton = Automaton(_shortened(node))
    choices = _choices(automaton)
    return math.prod(choices[after] for after in (automaton.first, *automaton.follow))


def _shortened(node: Node) -> Node:
    """The same with every count written out once: a fixed one as its part, any other as open."""
    if isinstance(node, Sign):
        return node
    if isinstance(node, Times):
        part = _shortened(node.part)
        if node.low == node.high:
            return part
        return Times(part, min(node.low, 1), 1 if node.high == 1 else None)
    return type(node)(tuple(_shortened(part) for part in node.parts))
