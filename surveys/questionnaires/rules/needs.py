"""From needs to works: the catalogue, the ranked menu, and what may become of a wish.

Classes of works are data (DOMAIN §1.2): a catalogue is a versioned document of ``classes`` and ``items``; a city that
lists 安全类 loads one that says so, and last year's menu keeps the catalogue of its year. A questionnaire's questions
name the class their options are from (``catalogue``), and an item keeps its code through the years: by it a wish is
followed from the sheet to the works.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from kernel.errors import Invalid
from surveys.questionnaires.rules.form import Form, canonical
from surveys.questionnaires.rules.questions import KINDS, Context, Question, Refused
from surveys.questionnaires.rules.tally import Figure


class Became(StrEnum):
    """What became of a wish of an estate. ``ASKED`` is where all begin: nothing has been decided."""

    ASKED = "asked"
    LISTED = "listed"
    DOING = "doing"
    DONE = "done"
    NOT_LISTED = "not_listed"


WORDS = {
    Became.ASKED: "还在研究",
    Became.LISTED: "已列入方案",
    Became.DOING: "正在做",
    Became.DONE: "做好了",
    Became.NOT_LISTED: "这次没有列入",
}
TONES = {
    Became.ASKED: "",
    Became.LISTED: "wait",
    Became.DOING: "wait",
    Became.DONE: "ok",
    Became.NOT_LISTED: "bad",
}
RATED = frozenset({Became.DOING, Became.DONE})
"""What households are asked about again (问效): what can be seen."""
BEST = 5
"""Marks go from 1 to this."""
_NEXT = {
    Became.ASKED: {Became.LISTED, Became.NOT_LISTED},
    Became.LISTED: {Became.DOING, Became.DONE, Became.NOT_LISTED},
    Became.DOING: {Became.DONE, Became.NOT_LISTED},
    Became.DONE: set(),
    Became.NOT_LISTED: {Became.LISTED},
}


def must_follow(before: Became, after: Became, reason: str) -> None:
    """Raise Invalid unless a wish may go from one to the other: forwards freely, back only with words why (a mistake is
    corrected in the open); that something is not done always takes words."""
    if after == before:
        raise Invalid("nothing-changes", "这一项本来就是这样，没有变化。", {"became": ["没有变化"]})
    if (after not in _NEXT[before] or after == Became.NOT_LISTED) and len(reason.strip()) < 2:
        raise Invalid("say-why", "请写明原因，居民会看到。", {"reason": ["请写明原因"]})


@dataclass(frozen=True)
class Item:
    """Something that may be built: its code through the years, its words, its class."""

    code: str
    label: str
    kind: str


@dataclass(frozen=True)
class Catalogue:
    """``classes``: code → title, in order; ``items`` by code, in order."""

    title: str
    classes: Mapping[str, str]
    items: Mapping[str, Item]


def content_hash(document: Any) -> str:
    """SHA-256 of a catalogue's canonical JSON."""
    return hashlib.sha256(canonical(document)).hexdigest()


def read_catalogue(raw: Any) -> Catalogue:
    """Read a catalogue document. Raises Invalid with every fault found."""
    faults: dict[str, list[str]] = {}
    if not isinstance(raw, dict) or not isinstance(raw.get("classes"), list) or not isinstance(raw.get("items"), list):
        raise Invalid("catalogue-invalid", "清单文件要有 classes 和 items 两组。")
    classes: dict[str, str] = {}
    for entry in raw["classes"]:
        code = str(entry.get("code"))
        if not entry.get("code") or not entry.get("title") or code in classes:
            faults.setdefault(code, []).append("类别缺代码或名称，或有重复")
        classes[code] = str(entry.get("title"))
    items: dict[str, Item] = {}
    for entry in raw["items"]:
        code = str(entry.get("code"))
        if not entry.get("code") or not entry.get("label") or code in items:
            faults.setdefault(code, []).append("内容缺代码或名称，或有重复")
        if entry.get("class") not in classes:
            faults.setdefault(code, []).append(f"类别 {entry.get('class')} 没有在 classes 里写明")
        items[code] = Item(code, str(entry.get("label")), str(entry.get("class")))
    if faults or not items:
        raise Invalid("catalogue-invalid", f"清单文件有 {len(faults) or 1} 处不对。", faults)
    return Catalogue(str(raw.get("title", "")), classes, items)


def catalogue_of(form: Form) -> Catalogue:
    """The catalogue a questionnaire was frozen with: what is used when none was loaded for its year."""
    document = form.document
    return Catalogue(
        form.title,
        {entry["code"]: entry["title"] for entry in document.get("classes", [])},
        {entry["code"]: Item(entry["code"], entry["label"], entry["class"]) for entry in document.get("catalogue", [])},
    )


def wish_questions(form: Form) -> list[str]:
    """The questions in which households tick what they want."""
    return [
        str(entry["code"])
        for chapter in form.document.get("sections", [])
        for entry in chapter.get("questions", [])
        if entry.get("catalogue") and entry.get("kind") == "multi"
    ]


def first_questions(form: Form) -> list[str]:
    """The questions in which they put first what matters most among those."""
    wishes = set(wish_questions(form))
    return [
        question.code
        for question in form.questions
        if question.kind == "ranking" and wishes & set(question.spec.get("options_from", ()))
    ]


def wished(form: Form, answers: Mapping[str, Any]) -> list[str]:
    """The items of a sheet, what was put first on top, each once."""
    alone = {option.code for question in form.questions for option in question.options if option.alone}
    codes = [code for question in first_questions(form) for code in answers.get(question) or ()]
    codes += [code for question in wish_questions(form) for code in answers.get(question) or ()]
    return [code for code in dict.fromkeys(codes) if code not in alone]


@dataclass(frozen=True)
class Wish:
    """A line of the menu: ``wanted`` of ``of`` households ticked the item, ``points`` of ``full`` by what was put
    first. None: too few to say."""

    item: str
    label: str
    kind: str
    kind_title: str
    wanted: int | None
    of: int
    points: int | None
    full: int
    rank: int = 0


def menu(form: Form, figures: Sequence[Figure], catalogue: Catalogue) -> list[Wish]:
    """The ranked menu from a campaign's figures (staff's or public ones: what those hide is hidden here).

    Ranked by the share of households that want an item, then by points; what nobody wants stays at the end. Items the
    catalogue does not know stay with the words of the questionnaire.
    """
    by_code = {figure.code: figure for figure in figures}
    wanted: dict[str, tuple[int | None, int, str]] = {}
    for code in wish_questions(form):
        if code not in by_code:
            continue
        row = by_code[code].rows[0]
        alone = {option.code for option in form.by_code[code].options if option.alone}
        for cell in row.cells:
            if cell.code not in alone:
                wanted[cell.code] = (cell.n, row.of(cell), cell.label)
    points: dict[str, tuple[int | None, int]] = {}
    for code in first_questions(form):
        for row in by_code[code].rows if code in by_code else ():
            if row.points:
                points.update({cell.code: (cell.n, row.of(cell)) for cell in row.cells})
    lines = []
    for code, (n, of, label) in wanted.items():
        item = item_of(form, catalogue, code, label)
        at, full = points.get(code, (None, 0))
        lines.append(Wish(code, item.label, item.kind, catalogue.classes.get(item.kind, "其他"), n, of, at, full))
    return list(_ranked(lines))


def item_of(form: Form, catalogue: Catalogue, code: str, label: str = "") -> Item:
    """An item by its code: the catalogue's words, or those the questionnaire was frozen with, or ``label``."""
    return catalogue.items.get(code) or catalogue_of(form).items.get(code) or Item(code, label or code, "")


def untold(form: Form, catalogue: Catalogue, code: str) -> Wish:
    """The line of an item of which no numbers may be told."""
    item = item_of(form, catalogue, code)
    return Wish(code, item.label, item.kind, catalogue.classes.get(item.kind, "其他"), None, 0, None, 0)


def _ranked(lines: Iterable[Wish]) -> Iterable[Wish]:
    def weight(wish: Wish) -> tuple[float, int, str]:
        share = (wish.wanted or 0) / wish.of if wish.of else 0.0
        return (-share, -(wish.points or 0), wish.item)

    for rank, wish in enumerate(sorted(lines, key=weight), 1):
        yield Wish(**{**wish.__dict__, "rank": rank})


def by_class(wishes: Sequence[Wish], catalogue: Catalogue) -> list[tuple[str, list[Wish]]]:
    """The menu by class of works, classes in the order of the catalogue."""
    titles = [*catalogue.classes.values(), "其他"]
    grouped = {title: [wish for wish in wishes if wish.kind_title == title] for title in titles}
    return [(title, lines) for title, lines in grouped.items() if lines]


NOT_CARRIED = frozenset({"consent", "signature", "date", "time", "datetime", "photo", "phone"})
"""What has to be given anew each time."""


def still_fitting(before: Form, now: Form, answers: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """Those of last time's answers that this questionnaire takes as they are: same code, same kind, same words where
    words are what was chosen, and its own check lets them pass. Whoever fills it in looks at each again."""
    found: dict[str, Any] = {}
    for code, value in answers.items():
        old, new = before.by_code.get(code), now.by_code.get(code)
        if old is None or new is None or old.kind != new.kind or new.private or new.kind in NOT_CARRIED:
            continue
        words = {option.code: option.label for option in old.options}
        chosen = value if isinstance(value, list) else [value]
        if new.options and any(words.get(one) != _label(new, one) for one in chosen):
            continue
        if new.inner:  # pictures are taken anew, inside rows as well
            cut = len(code) + 1
            files = {one.code[cut:] for one in new.inner if KINDS[one.kind].keeps_files}
            value = [{key: held for key, held in row.items() if key not in files} for row in value]
        try:
            found[code] = KINDS[new.kind].check(new)(value, Context(today))
        except Refused:
            continue
    return found


def _label(question: Question, code: Any) -> str | None:
    return next((option.label for option in question.options if option.code == code), None)
