"""The modules of a page, all asked for at once.

A module names those it imports only in its own text, so a browser learns of them one journey after another: on a slow
line each step costs a third of a second. ``modules`` therefore writes a tag for everything a page's modules import,
those that are imported first. Plain tags, since old iPhones know no ``modulepreload``; a module runs once all the same.
"""

import re
from collections.abc import Callable, Sequence
from posixpath import dirname, join, normpath

ON_EVERY_PAGE = "kernel/base.js"
"""stands in the layout"""
_IMPORTED = re.compile(r'^(?:import|export)\s(?:[^;"]*\sfrom\s)?\s*"(\.[^"]+)"', re.MULTILINE)


def imported(name: str, text: str) -> list[str]:
    """What the module ``name`` (``questionnaires/fill.js``) imports at its start, by the same kind of names; what it
    asks for later (``import("./…")``) is left out."""
    return [normpath(join(dirname(name), path)) for path in _IMPORTED.findall(text)]


def in_order(names: Sequence[str], read: Callable[[str], str]) -> list[str]:
    """Some modules with all that they import, each once and after what it imports. ``read``: name -> text."""
    found: dict[str, None] = {}
    entered: set[str] = set()

    def enter(name: str) -> None:
        if name in entered:
            return
        entered.add(name)
        for each in imported(name, read(name)):
            enter(each)
        found[name] = None

    for name in names:
        enter(name)
    return list(found)
