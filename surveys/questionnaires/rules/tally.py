"""Counting documents, and what may be shown of the counts.

A counter is (question, row, cell) → n. Documents are counted in Python and added to the stored counters by a job
(PERFORMANCE §0.2); a document that no longer counts is subtracted, so the counters always equal a recount.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.questions import ANSWERED, KINDS, NOT_THERE, SUM, Question

Key = tuple[str, str, str]
RESPONSES: Key = ("", "", ANSWERED)
FEWEST = 5
"""Cells of 1 to 4 people are not shown in public: they point at a door."""


def count(form: Form, answers: Mapping[str, Any], *, channel: str, sign: int = 1) -> Counter[Key]:
    """What one stored document adds (sign 1) or takes away (sign -1)."""
    counts: Counter[Key] = Counter({RESPONSES: sign, ("", "channel", channel): sign})
    for code, value in answers.items():
        question = form.by_code.get(code)
        if question is None or question.private:
            continue
        for row, cell, amount in KINDS[question.kind].tally(question, value):
            counts[code, row, cell] += sign * amount
    return counts


def total(parts: Iterable[Mapping[Key, int]]) -> Counter[Key]:
    """Several counts together."""
    whole: Counter[Key] = Counter()
    for part in parts:
        for key, n in part.items():
            whole[key] += n
    return whole


@dataclass(frozen=True)
class Cell:
    """One bar: ``n`` people, None when too few to show."""

    code: str
    label: str
    n: int | None


@dataclass(frozen=True)
class Row:
    """The bars of one question or of one of its rows. ``respondents``: the denominator of shares (None: too few).
    ``mean_of``: (sum, people) for an average, both None-free, or None."""

    label: str
    respondents: int | None
    cells: tuple[Cell, ...]
    mean_of: tuple[int, int] | None = None


@dataclass(frozen=True)
class Figure:
    """What may be shown of one question."""

    no: str
    code: str
    title: str
    kind: str
    rows: tuple[Row, ...]
    decimals: int = 0
    unit: str = ""


def hide_small(counts: Sequence[int], people: int, *, one_each: bool) -> list[int | None]:
    """Take out what could point at a door: cells of 1–4, the cells from which those could be worked out, and, where
    several may be ticked, cells that all but 1–4 people ticked.

    ``one_each``: every one of the ``people`` is in exactly one cell, so the hidden ones can be found by subtraction.
    """
    if people < FEWEST:
        return [None] * len(counts)
    if not one_each:
        return [None if 0 < n < FEWEST or 0 < people - n < FEWEST else n for n in counts]
    hidden = {index for index, n in enumerate(counts) if 0 < n < FEWEST}
    if hidden and (len(hidden) == 1 or sum(counts[index] for index in hidden) < FEWEST):
        rest = [index for index, n in enumerate(counts) if index not in hidden and n > 0]
        if rest:
            hidden.add(min(rest, key=lambda index: (counts[index], index)))
    return [None if index in hidden else n for index, n in enumerate(counts)]


def figures(form: Form, counts: Mapping[Key, int], *, public: bool) -> list[Figure]:
    """The counters as figures in the order of the sheet. ``public``: small cells are taken out."""
    found: list[Figure] = []
    for question in form.questions:
        rows = tuple(_rows(question, counts, public=public))
        if rows:
            spec = question.spec
            found.append(
                Figure(
                    question.no,
                    question.code,
                    question.title,
                    question.kind,
                    rows,
                    spec.get("decimals", 0),
                    spec.get("unit", ""),
                )
            )
    return found


def _rows(question: Question, counts: Mapping[Key, int], *, public: bool) -> Iterable[Row]:
    code, spec = question.code, question.spec
    if question.private:
        return
    if question.kind in ("single", "multi"):
        cells = [(option.code, option.label) for option in question.options]
        yield _row("", code, "", cells, counts, public=public, one_each=question.kind == "single")
    elif question.kind == "ranking":
        for place in range(1, spec["count"] + 1):
            cells = [(option.code, option.label) for option in question.options]
            yield _row(f"排第{place}", code, str(place), cells, counts, public=public, one_each=True)
    elif question.kind == "rating":
        cells = [(str(score), f"{score}分") for score in range(spec["low"], spec["high"] + 1)]
        yield _row(
            "", code, "", cells, counts, public=public, one_each=True, scores=range(spec["low"], spec["high"] + 1)
        )
    elif question.kind == "matrix":
        labels = list(enumerate(spec["labels"], 1))
        if spec.get("none"):
            labels.append((NOT_THERE, spec["none"]))
        for row in spec["rows"]:
            cells = [(str(score), label) for score, label in labels]
            scores = range(1, len(spec["labels"]) + 1)
            yield _row(row["label"], code, row["code"], cells, counts, public=public, one_each=True, scores=scores)
    elif question.kind == "consent":
        for item in spec["items"]:
            cells = [("yes", "同意"), ("no", "不同意")]
            yield _row(item["label"], code, item["code"], cells, counts, public=public, one_each=True)
    elif question.kind == "number":
        yield _sum_row("", code, "", counts, public=public)
    elif question.kind == "number_grid":
        for row in spec["rows"]:
            yield _sum_row(row["label"], code, row["code"], counts, public=public)


def _row(
    label: str,
    code: str,
    row: str,
    cells: list[tuple[str, str]],
    counts: Mapping[Key, int],
    *,
    public: bool,
    one_each: bool,
    scores: Iterable[int] = (),
) -> Row:
    raw = [counts.get((code, row, cell), 0) for cell, _ in cells]
    people = sum(raw) if one_each else counts.get((code, row, ANSWERED), 0)
    seen: Sequence[int | None] = hide_small(raw, people, one_each=one_each) if public else raw
    respondents = None if public and 0 < people < FEWEST else people
    drawn = tuple(Cell(cell, text, n) for (cell, text), n in zip(cells, seen, strict=True))
    made = Row(label, respondents, drawn)
    scored = [(score, counts.get((code, row, str(score)), 0)) for score in scores]
    voters = sum(n for _, n in scored)
    if not scored or voters == 0 or (public and any(cell.n is None for cell in made.cells)):
        # An average beside hidden cells would let the hidden ones be worked out again.
        return made
    return Row(made.label, made.respondents, made.cells, (sum(score * n for score, n in scored), voters))


def _sum_row(label: str, code: str, row: str, counts: Mapping[Key, int], *, public: bool) -> Row:
    people = counts.get((code, row, ANSWERED), 0)
    if public and people < FEWEST:
        return Row(label, None if people else 0, ())
    return Row(label, people, (), (counts.get((code, row, SUM), 0), people) if people else None)
