"""From one wording to the next: which question and which option of the old is which of the new.

A mapping is JSON: ``questions`` {old code: new code, or null for dropped}, ``added`` [new codes that were not there],
``options`` {old question: {old option or row: new one, or null}}, ``added_options`` {new question: [codes]}. Codes of
questions inside a repeat and of extra fields are written whole (``old.age``, ``q02.other``). What has the same code and
the same kind on both sides need not be said; everything else must be, so that nothing is lost by an oversight.

Two ways lead to the same figures, and a property test holds them to it: to count the documents as the new wording reads
them (``mapped``), or to rename the counters of the old (``mapped_counts``). So what would make them differ is refused:
other limits of a number (its bands), another length of an order, two options of a list becoming one.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kernel.errors import Invalid
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.questions import ANSWERED, HOMES, KINDS, Question
from surveys.questionnaires.rules.questions.scales import scale_of
from surveys.questionnaires.rules.tally import Key

Document = Mapping[str, Any]
CHOOSING = ("single", "multi", "ranking", "cascade")
ROWED = ("number_grid", "matrix", "consent")
GONE = ""
"""Stands where a dropped option stood in an order or on a way down: the places of the others stay what they were."""


@dataclass(frozen=True)
class Correspondence:
    """A complete mapping, found in order, with both forms."""

    old: Form
    new: Form
    questions: Mapping[str, str | None]
    options: Mapping[str, Mapping[str, str | None]]
    added: tuple[str, ...]
    added_options: Mapping[str, tuple[str, ...]]

    @property
    def document(self) -> dict[str, Any]:
        """The whole mapping as JSON, nothing left to be understood."""
        return {
            "questions": dict(self.questions),
            "added": list(self.added),
            "options": {code: dict(parts) for code, parts in self.options.items() if parts},
            "added_options": {code: list(codes) for code, codes in self.added_options.items()},
        }


def parts_of(question: Question) -> tuple[str, ...]:
    """The codes a question's answers are made of: its options, or its rows."""
    if question.kind in CHOOSING:
        return tuple(option.code for option in question.options)
    return KINDS[question.kind].rows(question)


def _scale(question: Question) -> tuple[Any, ...]:
    """What two questions must share for their answers to be counted together."""
    spec = question.spec
    if question.kind in ("number", "rating"):
        return (scale_of(spec),)
    if question.kind == "matrix":
        return len(spec["labels"]), bool(spec.get("none"))
    if question.kind == "ranking":
        return (spec["count"],)
    return (len(spec["levels"]),) if question.kind == "cascade" else ()


def _counted(question: Question) -> bool:
    return KINDS[question.kind].answerable


def proposed(old: Form, new: Form) -> dict[str, Any]:
    """The mapping that equal codes suggest, complete: what has no namesake of its kind is dropped or added."""
    made: dict[str, Any] = {"questions": {}, "added": [], "options": {}, "added_options": {}}
    for code, question in old.with_inner.items():
        twin = new.with_inner.get(code)
        if _counted(question):
            same = twin is not None and not list(_apart(question, twin))
            same = same and (code in old.owners_questions) == (code in new.owners_questions)
            made["questions"][code] = code if same else None
    for code, question in new.with_inner.items():
        if _counted(question) and made["questions"].get(code) is None:
            made["added"].append(code)
    for code, target in made["questions"].items():
        if target is None:
            continue
        before, after = parts_of(old.with_inner[code]), parts_of(new.with_inner[target])
        if before:
            made["options"][code] = {part: part if part in after else None for part in before}
        if more := [part for part in after if part not in before]:
            made["added_options"][target] = more
    return made


def _apart(old: Question, new: Question) -> Iterator[str]:
    """Why the answers of two questions cannot be counted together."""
    if old.kind != new.kind:
        yield f"题型从 {old.kind} 变成了 {new.kind}，旧答案不能算作新答案"
    elif _scale(old) != _scale(new):
        yield "范围、分值、级数或要排的项数变了，旧答案不能和新答案一起统计"
    elif old.private != new.private:
        yield "个人信息的标记变了"
    elif old.kind == "number_grid":
        limits = {row["code"]: (row["low"], row["high"]) for row in new.spec["rows"]}
        for row in old.spec["rows"]:
            if limits.get(row["code"], (row["low"], row["high"])) != (row["low"], row["high"]):
                yield f"行 {row['code']} 的范围变了，旧答案不能和新答案一起统计"


def read(old: Form, new: Form, given: Any) -> Correspondence:
    """Complete a mapping (what is the same on both sides need not be said) and check it.

    Raises Invalid("mapping-invalid") with ``fields`` {code: texts} for everything that is not spoken for or not right.
    """
    faults: dict[str, list[str]] = {}
    said = _shaped(given)
    questions = _questions(old, new, said, faults)
    options: dict[str, dict[str, str | None]] = {}
    added_options: dict[str, tuple[str, ...]] = {}
    for code, target in questions.items():
        if target is not None and target in new.with_inner:
            before, after = old.with_inner[code], new.with_inner[target]
            options[code] = _parts(before, after, said, faults)
            if more := [part for part in parts_of(after) if part not in options[code].values()]:
                _all_said(target, more, said["added_options"].get(target, []), faults)
                added_options[target] = tuple(more)
    added = [code for code, question in new.with_inner.items() if _counted(question) and code not in questions.values()]
    for code in added:
        if code not in said["added"]:
            faults.setdefault(code, []).append("这是新题：请写在 added 里，或者说明它是哪一道旧题")
    for code in set(said["added"]) - set(added):
        faults.setdefault(code, []).append("写在 added 里，可是新版没有这一题，或者它已经是某一道旧题")
    if faults:
        raise Invalid("mapping-invalid", f"新旧对照有 {len(faults)} 处没有说清楚。", faults)
    return Correspondence(old, new, questions, options, tuple(added), added_options)


def _shaped(given: Any) -> dict[str, Any]:
    """The four parts, each of its right shape. Raises Invalid."""
    raw = given if isinstance(given, dict) else {"?": None}
    said: dict[str, Any] = {"questions": {}, "added": [], "options": {}, "added_options": {}} | raw
    texts = (str, type(None))
    fine = (
        said.keys() == {"questions", "added", "options", "added_options"}
        and isinstance(said["questions"], dict)
        and all(isinstance(one, texts) for one in said["questions"].values())
        and isinstance(said["added"], list)
        and all(isinstance(one, str) for one in said["added"])
        and isinstance(said["options"], dict)
        and all(isinstance(part, dict) for part in said["options"].values())
        and all(isinstance(one, texts) for part in said["options"].values() for one in part.values())
        and isinstance(said["added_options"], dict)
        and all(isinstance(part, list) for part in said["added_options"].values())
    )
    if not fine:
        raise Invalid("mapping-invalid", "新旧对照的写法不对，应有 questions、added、options、added_options。")
    return said


def _questions(old: Form, new: Form, said: Mapping[str, Any], faults: dict[str, list[str]]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for code in said["questions"].keys() - old.with_inner.keys():
        faults.setdefault(code, []).append("旧版没有这一题")
    for code, question in old.with_inner.items():
        if not _counted(question):
            continue
        target = said["questions"].get(code, code if code in new.with_inner else GONE)
        if target == GONE:
            faults.setdefault(code, []).append("新版没有这一题：请写明它变成了哪一题，或者写 null 表示不再问")
            continue
        found[code] = target
        if target is None:
            continue
        twin = new.with_inner.get(target)
        if twin is None:
            faults.setdefault(code, []).append(f"新版没有 {target} 这一题")
            continue
        if (code in old.owners_questions) != (target in new.owners_questions):
            faults.setdefault(code, []).append("新旧两题不能一题由业主回答、一题谁都可以回答")
        for text in _apart(question, twin):
            faults.setdefault(code, []).append(f"{text}。请写 null，把 {target} 当作新题")
        if ("." in code) != ("." in target) or _home(old, code, found) != _home_new(new, target):
            faults.setdefault(code, []).append("重复填写的题只能对到同一组里的题")
    twice = [target for target, times in Counter(one for one in found.values() if one).items() if times > 1]
    for target in twice:
        faults.setdefault(target, []).append("两道旧题不能变成同一道新题")
    return found


def _home(old: Form, code: str, found: Mapping[str, str | None]) -> str | None:
    """Where the repeat a question stands in has gone; "" outside any."""
    home = next((one.code for one in old.questions for inner in one.inner if inner.code == code), "")
    return found.get(home) if home else ""


def _home_new(new: Form, code: str) -> str:
    return next((one.code for one in new.questions for inner in one.inner if inner.code == code), "")


def _parts(
    before: Question, after: Question, said: Mapping[str, Any], faults: dict[str, list[str]]
) -> dict[str, str | None]:
    there, given = parts_of(after), said["options"].get(before.code, {})
    found: dict[str, str | None] = {}
    for code in given.keys() - set(parts_of(before)):
        faults.setdefault(before.code, []).append(f"旧版没有选项或行 {code}")
    for code in parts_of(before):
        target = given.get(code, code if code in there else GONE)
        if target == GONE:
            faults.setdefault(before.code, []).append(f"选项或行 {code} 新版没有：请写明变成哪一个，或者写 null")
            continue
        if target is not None and target not in there:
            faults.setdefault(before.code, []).append(f"新版没有选项或行 {target}")
        found[code] = target
    merged = len({one for one in found.values() if one}) < len([one for one in found.values() if one])
    if merged and (before.kind != "single" or "." in before.code):
        faults.setdefault(before.code, []).append("只有单选题的两个选项可以并成一个")
    return found


def _all_said(code: str, more: list[str], said: list[str], faults: dict[str, list[str]]) -> None:
    for part in more:
        if part not in said:
            faults.setdefault(code, []).append(f"{part} 是新选项或新行：请写在 added_options 里")


def mapped(answers: Document, mapping: Correspondence) -> dict[str, Any]:
    """A stored document of the old wording (or its personal part) as the new wording reads it. What was dropped is left
    out; a list all of whose options were dropped stays as an empty one, for it was answered."""
    found: dict[str, Any] = {}
    for code, value in answers.items():
        question, target = mapping.old.with_inner.get(code), mapping.questions.get(code)
        if question is None or target is None:
            continue
        if code not in mapping.old.by_code:  # the personal part of a repeat: a value for each row, or None
            found[target] = [None if one is None else _value(question, one, mapping) for one in value]
            continue
        made = _value(question, value, mapping)
        if made is not None:
            found[target] = made
    return found


def _value(question: Question, value: Any, mapping: Correspondence) -> Any:
    """An answer in new codes; None when nothing is left of it."""
    to = mapping.options.get(question.code, {})
    if question.kind == "single":
        return to.get(value)
    if question.kind == "multi":
        return [to[code] for code in value if to.get(code)]
    if question.kind in ("ranking", "cascade"):
        return [to.get(code) or GONE for code in value]
    if question.kind in ROWED:
        return {to[row]: one for row, one in value.items() if to.get(row)}
    if question.kind == "repeat":
        return [_row(question, row, mapping) for row in value]
    return value


def _row(question: Question, row: Document, mapping: Correspondence) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in question.inner:
        key, target = one.code[len(question.code) + 1 :], mapping.questions.get(one.code)
        if row.get(key) is None or target is None:
            continue
        made = _value(one, row[key], mapping)
        if made is not None:
            found[target[len(mapping.questions[question.code] or "") + 1 :]] = made
    return found


def mapped_counts(counts: Mapping[Key, int], mapping: Correspondence) -> Counter[Key]:
    """Counters of the old wording as counters of the new: what counting the mapped documents would give."""
    found: Counter[Key] = Counter()
    for (code, row, cell), n in counts.items():
        if code not in mapping.old.with_inner:  # of the whole sheet
            found[code, row, cell] += n
            continue
        target = mapping.questions.get(code)
        if target is None:
            continue
        key = _key(mapping.old.with_inner[code], row, cell, mapping.options.get(code, {}))
        if key is not None:
            found[(target, *key)] += n
    return found


def _key(question: Question, row: str, cell: str, to: Mapping[str, str | None]) -> tuple[str, str] | None:
    if question.kind in ROWED and row != HOMES:
        new = to.get(row)
        return (new, cell) if new else None
    if question.kind in CHOOSING and cell != ANSWERED:
        new = to.get(cell)
        return (row, new) if new else None
    return row, cell


Way = Callable[[Document], dict[str, Any]]


def along(steps: tuple[Correspondence, ...]) -> Way:
    """Several corrections one after the other, as one."""
    if not steps:
        return dict

    def way(answers: Document) -> dict[str, Any]:
        made = dict(answers)
        for step in steps:
            made = mapped(made, step)
        return made

    return way


def reworded(step: Correspondence) -> tuple[set[str], set[str]]:
    """Questions that are counted otherwise after a correction than before: their codes in the old wording, and in the
    new one (those that are new in it, too)."""
    old, new = set[str](), set(step.added)
    for code, target in step.questions.items():
        if target != code or any(part != to for part, to in step.options.get(code, {}).items()):
            old |= _with_home(code)
            new |= _with_home(target) if target else set()
    return old, new


def _with_home(code: str) -> set[str]:
    """A question with the one it stands in: a repeat's own rows are counted beside them."""
    return {code, code.partition(".")[0]}


def concerned(was: Correspondence, now: Correspondence) -> set[str]:
    """Questions of the newer wording whose figures another mapping changes."""
    found: set[str] = set()
    for code in was.old.with_inner:
        to = was.questions.get(code), now.questions.get(code)
        if to[0] != to[1] or was.options.get(code) != now.options.get(code):
            found = found.union(*(_with_home(one) for one in to if one))
    return found
