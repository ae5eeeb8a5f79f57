"""Counting documents, and what may be shown of the counts.

A counter is (question, row, cell) → n. Documents are counted in Python and added to the stored counters by a job
(PERFORMANCE §0.2); a document that no longer counts is subtracted, so the counters always equal a recount.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from surveys.questionnaires.rules import branching
from surveys.questionnaires.rules.conditions import conditions_of
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.questions import ANSWERED, HOMES, KINDS, NOT_THERE, ROWS, SUM, Question
from surveys.questionnaires.rules.questions.choices import Cascade
from surveys.questionnaires.rules.questions.scales import bands, scale_of
from surveys.questionnaires.rules.subjects import Part, part_of

Key = tuple[str, str, str]
RESPONSES: Key = ("", "", ANSWERED)
EACH_ROW = "逐个统计"
"""Label of a row that counts what stands in a repeat one by one, not by households."""
FEWEST = 5
"""Cells of 1 to 4 people are not shown in public: they point at a door."""


def count(form: Form, answers: Mapping[str, Any], *, sign: int = 1, part: Part = Part.ALL) -> Counter[Key]:
    """What one stored document, or a part of it, adds (sign 1) or takes away (sign -1). The dwelling itself is counted
    with its needs."""
    counts: Counter[Key] = Counter()
    add(counts, form, answers, sign=sign, part=part)
    return counts


def add(counts: Counter[Key], form: Form, answers: Mapping[str, Any], *, sign: int = 1, part: Part = Part.ALL) -> None:
    """The same, added to what others gave."""
    if part != Part.OWNERS:
        counts[RESPONSES] += sign
    for code, value in part_of(answers, form.owners_questions, part).items():
        question = form.by_code.get(code)
        if question is None or question.private:
            continue
        for key, amount in KINDS[question.kind].counts(question, value):
            counts[key] += sign * amount


def respondents(counts: Mapping[Key, int]) -> dict[str, int]:
    """How many households answered each question at all: by its row that most of them answered."""
    said: Counter[tuple[str, str]] = Counter()
    cells: Counter[tuple[str, str]] = Counter()
    for (question, row, cell), n in counts.items():
        if cell == ANSWERED:
            said[question, row] = n
        elif cell != SUM:
            cells[question, row] += n
    people = {**cells, **said}
    found: dict[str, int] = {}
    for (question, row), n in people.items():
        # Of a question inside a repeat the other rows count what stands in it one by one.
        if row == HOMES or (question, HOMES) not in people:
            found[question] = max(found.get(question, 0), n)
    return found


def total(parts: Iterable[Mapping[Key, int]]) -> Counter[Key]:
    """Several counts together."""
    whole: Counter[Key] = Counter()
    for part in parts:
        for key, n in part.items():
            whole[key] += n
    return whole


@dataclass(frozen=True)
class Cell:
    """One bar: ``n`` people (or points), None when too few to show. ``of``: its own denominator, where it is not the
    row's (a total of places leaves out those that hide the cell)."""

    code: str
    label: str
    n: int | None
    of: int | None = None


@dataclass(frozen=True)
class Row:
    """The bars of one question or of one of its rows. ``respondents``: the denominator of shares (None: too few).
    ``mean_of``: (sum, people) for an average; ``satisfied``: (people with one of the two best marks, people who gave a
    mark) of a matrix; each None where it may not be shown. ``points``: cells are points of a ranking, of ``full``."""

    label: str
    respondents: int | None
    cells: tuple[Cell, ...]
    mean_of: tuple[int, int] | None = None
    satisfied: tuple[int, int] | None = None
    points: bool = False
    full: int | None = None

    def of(self, cell: Cell) -> int:
        """The denominator of a cell's share; 0: there is none."""
        if cell.of is not None:
            return cell.of
        return (self.full if self.points else self.respondents) or 0

    def asked(self, cell: Cell) -> int | None:
        """Of how many households a cell is: the row's, or fewer, where not every estate added up tells it."""
        return self.respondents if self.points or cell.of is None else cell.of

    @property
    def hides(self) -> bool:
        """Whether anything of it is kept back."""
        return self.respondents is None or any(cell.n is None for cell in self.cells)


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

    @property
    def places(self) -> int:
        """Decimals of an average: one, or one less than the answers have."""
        return max(1, self.decimals - 1)


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
    """The counters as figures in the order of the sheet. ``public``: small cells are taken out, and so is a question
    that is asked by the answer to one with cells taken out (who was asked it would tell how many those were)."""
    found: list[Figure] = []
    closed: set[str] = set()
    inner = {one.code for question in form.questions for one in question.inner}
    for question in form.with_inner.values():
        rows = tuple((_inner_rows if question.code in inner else _rows)(question, counts, public=public))
        if public and rows:
            if _asked_by(question, form) & closed:
                rows = tuple(_nothing(row) for row in rows)
            if any(row.hides for row in rows):
                closed.add(question.code)
        if rows:
            spec = question.spec
            found.append(
                Figure(
                    question.no,
                    question.code,
                    _title(question, form),
                    question.kind,
                    rows,
                    spec.get("decimals", 0),
                    spec.get("unit", ""),
                )
            )
    return found


def _title(question: Question, form: Form) -> str:
    """A question's words; one that asks further on an answer says on which (two may both ask 多少元)."""
    if question.parent is None or question.parent[0] not in form.by_code:
        return question.title
    options = {option.code: option.label for option in form.by_code[question.parent[0]].options}
    label = options.get(question.parent[1], "")
    return f"{label}：{question.title}" if label else question.title


def _asked_by(question: Question, form: Form) -> set[str]:
    """The questions whose answers decide whether this one is asked, or what it may be answered with."""
    names = {name for condition in conditions_of(question) for name in branching.names(condition)}
    return {name if name in form.by_code else name.partition(".")[0] for name in names}


def _nothing(row: Row) -> Row:
    """The row with everything taken out."""
    return Row(row.label, None, tuple(replace(cell, n=None) for cell in row.cells), points=row.points)


def _rows(question: Question, counts: Mapping[Key, int], *, public: bool) -> Iterable[Row]:
    code, spec = question.code, question.spec
    if question.private:
        return
    if question.kind in ("single", "multi"):
        cells = [(option.code, option.label) for option in question.options]
        yield _row("", code, "", cells, counts, public=public, one_each=question.kind == "single")
    elif question.kind == "ranking":
        yield from _ranking(question, counts, public=public)
    elif question.kind == "rating":
        scores = range(spec["low"], spec["high"] + 1)
        cells = [(str(score), f"{score}分") for score in scores]
        yield _row("", code, "", cells, counts, public=public, one_each=True, scores=scores)
    elif question.kind == "matrix":
        labels = list(enumerate(spec["labels"], 1))
        if spec.get("none"):
            labels.append((NOT_THERE, spec["none"]))
        cells = [(str(score), label) for score, label in labels]
        scores = range(1, len(spec["labels"]) + 1)
        for row in spec["rows"]:
            made = _row(row["label"], code, row["code"], cells, counts, public=public, one_each=True, scores=scores)
            yield _with_satisfied(made, best=(str(scores[-1]), str(scores[-2])), of=[str(score) for score in scores])
    elif question.kind == "consent":
        for item in spec["items"]:
            cells = [("yes", "同意"), ("no", "不同意")]
            yield _row(item["label"], code, item["code"], cells, counts, public=public, one_each=True)
    elif question.kind == "cascade":
        for level, word in enumerate(spec["levels"], 1):
            places = Cascade().at_level(question, level)
            yield _row(word, code, str(level), list(places), counts, public=public, one_each=True)
    elif question.kind == "repeat":
        yield _how_many(code, counts, public=public)
    elif question.kind == "number":
        yield _distribution("", code, "", spec, counts, public=public)
    elif question.kind == "number_grid":
        for row in spec["rows"]:
            yield _distribution(row["label"], code, row["code"], row, counts, public=public)


def _inner_rows(question: Question, counts: Mapping[Key, int], *, public: bool) -> Iterable[Row]:
    """A question inside a repeat: households with at least one such row for everybody, single rows for staff only
    (five rows may be one family)."""
    code, spec = question.code, question.spec
    if question.private:
        return
    cells: list[tuple[str, str]] = []
    scores: Sequence[int] = ()
    if question.kind in ("single", "multi"):
        cells = [(option.code, option.label) for option in question.options]
    elif question.kind == "rating":
        scores = range(spec["low"], spec["high"] + 1)
        cells = [(str(score), f"{score}分") for score in scores]
    if cells:
        yield _row("有这种情况的户", code, HOMES, cells, counts, public=public, one_each=False)
        if not public:
            one_each = question.kind != "multi"
            yield _row(EACH_ROW, code, "", cells, counts, public=False, one_each=one_each, scores=scores)
    elif question.kind == "number" and not public:
        yield _distribution(EACH_ROW, code, "", spec, counts, public=False)
    elif question.kind == "number_grid" and not public:
        for row in spec["rows"]:
            yield _distribution(f"{EACH_ROW}：{row['label']}", code, row["code"], row, counts, public=False)


def _how_many(code: str, counts: Mapping[Key, int], *, public: bool) -> Row:
    """How many rows a household has, on average."""
    people = counts.get((code, ROWS, ANSWERED), 0)
    if public and people < FEWEST:
        return Row("每户个数", None if people else 0, ())
    return Row("每户个数", people, (), (counts.get((code, ROWS, SUM), 0), people) if people else None)


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
    seen: Sequence[int | None] = hide_small(raw, people, one_each=one_each) if public and people else raw
    respondents = None if public and 0 < people < FEWEST else people
    drawn = tuple(Cell(cell, text, n) for (cell, text), n in zip(cells, seen, strict=True))
    made = Row(label, respondents, drawn)
    scored = [(score, counts.get((code, row, str(score)), 0)) for score in scores]
    voters = sum(n for _, n in scored)
    if not scored or voters == 0 or (public and made.hides):
        # An average beside hidden cells would let the hidden ones be worked out again.
        return made
    return replace(made, mean_of=(sum(score * n for score, n in scored), voters))


def _with_satisfied(row: Row, *, best: Iterable[str], of: Sequence[str]) -> Row:
    """A matrix row with how many gave one of the two best marks, of those who gave a mark; not beside hidden cells."""
    if row.mean_of is None:
        return row
    said = {cell.code: cell.n or 0 for cell in row.cells}
    return replace(row, satisfied=(sum(said[code] for code in best), sum(said[code] for code in of)))


def _ranking(question: Question, counts: Mapping[Key, int], *, public: bool) -> Iterable[Row]:
    """How many put an option among their first ones, its points (the first place counts most), and each place.

    In public an option with a hidden place has neither: its places are what they are made of.
    """
    code, count = question.code, question.spec["count"]
    cells = [(option.code, option.label) for option in question.options]
    places = [
        _row(f"排第{place}", code, str(place), cells, counts, public=public, one_each=True)
        for place in range(1, count + 1)
    ]
    of = [[place.cells[index].n for place in places] for index in range(len(cells))]
    people = places[0].respondents
    named: list[Cell] = []
    points: list[Cell] = []
    for (option, label), each in zip(cells, of, strict=True):
        known = [n for n in each if n is not None]
        whole = len(known) == count and people is not None
        times = sum(known)
        alone = public and whole and 0 < (people or 0) - times < FEWEST
        named.append(Cell(option, label, times if whole and not alone else None))
        points.append(Cell(option, label, sum((count - place) * n for place, n in enumerate(known)) if whole else None))
    yield Row(f"排进前{count}", people, tuple(named))
    yield Row("综合得分", people, tuple(points), points=True, full=None if people is None else people * count)
    yield from places


def _distribution(
    label: str, code: str, row: str, spec: Mapping[str, Any], counts: Mapping[Key, int], *, public: bool
) -> Row:
    """A number's bands and its exact average. Where a band is hardly more than one number the average
    would give hidden ones away."""
    made = _row(label, code, row, bands(spec), counts, public=public, one_each=True)
    people = sum(counts.get((code, row, cell), 0) for cell, _ in bands(spec))
    if not people or made.respondents is None or (made.hides and scale_of(spec).tells):
        return made
    return replace(made, mean_of=(counts.get((code, row, SUM), 0), people))
