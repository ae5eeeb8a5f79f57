"""Patterns of text answers: the part of regular expressions that we, the page and ODK Collect read alike.

A pattern says how a whole answer is written (``\\d{6}``, ``[A-Z]{2}[0-9]{4}``). It knows characters, classes, counts,
alternatives and groups, in the meaning JavaScript gives them with its ``u`` flag; what engines read differently (flags,
looking around, back-references) is refused. Here an answer is matched place by place (``matching``), in time linear in
its length whatever the pattern; the page hands the same text to ``RegExp`` (``static/patterns.js: fits``), which tries
one way after the other: so a pattern also has to be steady (``steadiness``). ``tests/…/pattern_vectors.json`` is run by
both.
"""

from collections.abc import Callable
from functools import lru_cache

from surveys.questionnaires.rules.patterns.matching import Automaton, places
from surveys.questionnaires.rules.patterns.reading import Node, NotAPattern, Reader, written
from surveys.questionnaires.rules.patterns.steadiness import must_be_steady

__all__ = ["LONGEST", "NotAPattern", "compiled", "normal"]

LONGEST = 300
MOST_PLACES = 1000
"""Characters a pattern may stand for, counts written out."""


def normal(source: str) -> str:
    """A pattern in the one way we write it: of the whole answer, hence without ``^`` and ``$``; nothing escaped that
    needs no escape. Raises NotAPattern, with the reason in Chinese."""
    node = _read(source)
    must_be_steady(node)
    return written(node)


@lru_cache(maxsize=500)
def compiled(source: str) -> Callable[[str], bool]:
    """Whether a whole text is written as the pattern says, as a function. Raises NotAPattern.

    Not for want of steadiness: that is asked of whoever writes a questionnaire, and a sheet that was published under a
    milder rule is filled in as before.
    """
    return Automaton(_read(source)).matches


def _read(source: str) -> Node:
    if len(source) > LONGEST:
        raise NotAPattern(f"写法太长，最多 {LONGEST} 个字符")
    node = Reader(source).whole()
    if not written(node):
        raise NotAPattern("写法是空的")
    if places(node) > MOST_PLACES:
        raise NotAPattern(f"写法里的次数太多，合起来最多 {MOST_PLACES} 个字符")
    return node
