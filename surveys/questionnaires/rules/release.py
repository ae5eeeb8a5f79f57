"""When a public figure may move, so that the difference of two looks reveals nobody.

Each question of an estate has a vector of counts that is public (*shown*). Changes are held back by question until at
least ``FEWEST`` dwellings that no public vector of the question has ever held are among them; then they all move
together. Why that is enough:

* **Two looks at one question** (any two, at whatever times) show the same vector, or between them lies the move that
  made the later one. The newcomers of that move are in the later vector and in no vector before it. So the two looks
  differ by the answers of five dwellings or more, however many others have corrected theirs and corrected them back.
* **By question, not by sheet**: of five newcomers one may have been asked why he disagrees; he waits for four others.
* **Small cells** of a shown vector are taken out afterwards with their complements, and questions that are asked by
  such a cell altogether (``rules.tally.figures``); an average beside them too.
* **Totals of places** are added up from what the places show and from nothing else (``rules.totals.together``), so any
  sum or difference of estates, clusters, streets and the city can be had from the public figures of the estates: it
  gives nothing that they do not.

What remains: who knows the answers of four of five newcomers himself (or is them) knows the fifth's. That is the limit
of every rule of five.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from surveys.questionnaires.rules.tally import FEWEST, Key


@dataclass
class Held:
    """What one dwelling would change in a question's vector. ``new``: no public vector of it ever held the dwelling."""

    new: bool
    change: Counter[Key] = field(default_factory=Counter)


@dataclass
class Release:
    """``shown``: what is public, all questions together; ``held``: question → dwelling (inner id) → what waits."""

    shown: Counter[Key] = field(default_factory=Counter)
    held: dict[str, dict[int, Held]] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """What counting (or no longer counting) a dwelling's document adds. ``new``: none of its was looked at before."""

    dwelling: int
    new: bool
    counts: Mapping[Key, int]


def moved(release: Release, changes: Iterable[Change]) -> set[str]:
    """Take changes into a release; the questions whose public vector has moved."""
    for change in changes:
        for key, n in change.counts.items():
            waiting = release.held.setdefault(key[0], {})
            held = waiting.get(change.dwelling) or waiting.setdefault(change.dwelling, Held(change.new))
            held.change[key] += n
    gone: set[str] = set()
    for question, waiting in release.held.items():
        for dwelling in [each for each, held in waiting.items() if not any(held.change.values())]:
            del waiting[dwelling]
        if sum(held.new for held in waiting.values()) >= FEWEST:
            for held in waiting.values():
                release.shown.update(held.change)
            gone.add(question)
    for question in [question for question in release.held if question in gone or not release.held[question]]:
        del release.held[question]
    return gone


def remade(release: Release, questions: Set[str], homes: Mapping[int, Counter[Key]]) -> Release:
    """The release with some questions counted another way. ``homes``: dwelling → what it adds to them now.

    Who was not public stays so. Where a public dwelling's own change still waits, moving the question now could show
    that change alone: then the question is held back whole until its next move.
    """
    waiting = [held for question, held in release.held.items() if question in questions]
    newcomers = {dwelling for held in waiting for dwelling, one in held.items() if one.new}
    changed = {dwelling for held in waiting for dwelling, one in held.items() if not one.new}
    made = Release(
        Counter({key: n for key, n in release.shown.items() if key[0] not in questions}),
        {question: held for question, held in release.held.items() if question not in questions},
    )
    for dwelling, counts in homes.items():
        for key, n in counts.items():
            if not n:
                continue
            if dwelling in newcomers or changed:
                place = made.held.setdefault(key[0], {})
                place.setdefault(dwelling, Held(dwelling in newcomers)).change[key] += n
            else:
                made.shown[key] += n
    return made


def written(release: Release) -> dict[str, Any]:
    """A release as JSON."""
    return {
        "shown": _cells(release.shown),
        "held": {
            question: [[dwelling, held.new, _cells(held.change)] for dwelling, held in waiting.items()]
            for question, waiting in release.held.items()
        },
    }


def read(document: Mapping[str, Any]) -> Release:
    """The release a JSON document holds; an empty one for {}."""
    if not document:
        return Release()
    return Release(
        _counter(document["shown"]),
        {
            question: {dwelling: Held(new, _counter(cells)) for dwelling, new, cells in waiting}
            for question, waiting in document["held"].items()
        },
    )


def _cells(counts: Mapping[Key, int]) -> list[list[Any]]:
    return [[*key, n] for key, n in counts.items() if n]


def _counter(cells: Iterable[list[Any]]) -> Counter[Key]:
    return Counter({(question, row, cell): n for question, row, cell, n in cells})
