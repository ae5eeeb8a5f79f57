"""Matching a text with a pattern in time linear in the text: Glushkov's automaton, with sets of places as numbers."""

from collections.abc import Iterable

from surveys.questionnaires.rules.patterns.reading import Either, Node, Row, Sign, Times

Built = tuple[bool, int, int]
"""Of a part: whether it may be nothing, the places it may begin with, those it may end with."""


def places(node: Node) -> int:
    """How many characters a pattern stands for, counts written out."""
    if isinstance(node, Sign):
        return 1
    if isinstance(node, Times):
        return places(node.part) * max(node.low, node.high or 1)
    return sum(places(part) for part in node.parts)


def bits(of: int) -> Iterable[int]:
    """The places of a set."""
    while of:
        lowest = of & -of
        yield lowest.bit_length() - 1
        of ^= lowest


class Automaton:
    """A place for every character of a pattern, and which may follow which.

    ``signs``: of each place; ``follow``: the set of places behind each; ``first``: those a text begins with; ``twice``:
    whether one place may follow another for two reasons, as in ``(a+)+``.
    """

    def __init__(self, node: Node) -> None:
        self.signs: list[Sign] = []
        self.follow: list[int] = []
        self.twice = False
        self.empty, self.first, self._last = self._build(node)

    def matches(self, text: str) -> bool:
        """Whether the whole text is written so."""
        if not text:
            return self.empty
        may, now = self.first, 0
        known: dict[str, int] = {}
        for sign in text:
            if sign not in known:
                known[sign] = sum(1 << place for place, one in enumerate(self.signs) if one.has(sign))
            now = may & known[sign]
            if not now:
                return False
            may = 0
            for place in bits(now):
                may |= self.follow[place]
        return bool(now & self._last)

    def _build(self, node: Node) -> Built:
        if isinstance(node, Sign):
            self.signs.append(node)
            self.follow.append(0)
            place = 1 << (len(self.signs) - 1)
            return False, place, place
        if isinstance(node, Either):
            empty, first, last = False, 0, 0
            for part in node.parts:
                made = self._build(part)
                empty, first, last = empty or made[0], first | made[1], last | made[2]
            return empty, first, last
        if isinstance(node, Row):
            return self._in_a_row(node.parts)
        return self._times(node)

    def _in_a_row(self, parts: Iterable[Node]) -> Built:
        empty, first, last = True, 0, 0
        for part in parts:
            may, begins, ends = self._build(part)
            self._then(last, begins)
            first |= begins if empty else 0
            last = last | ends if may else ends
            empty = empty and may
        return empty, first, last

    def _times(self, node: Times) -> Built:
        """Copies of a part, each behind the one before it; the last of an open count also behind itself."""
        copies = node.high if node.high is not None else max(node.low, 1)
        first, last, before, may = 0, 0, 0, False
        for number in range(1, copies + 1):
            may, begins, ends = self._build(node.part)
            self._then(before, begins)
            before = before | ends if may else ends
            first |= begins if number == 1 or may else 0
            last |= ends if number >= node.low or may else 0
            if node.high is None and number == copies:
                self._then(ends, begins)
        return node.low == 0 or may, first, last

    def _then(self, before: int, after: int) -> None:
        for place in bits(before):
            self.twice = self.twice or bool(self.follow[place] & after)
            self.follow[place] |= after
