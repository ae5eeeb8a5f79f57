"""Questionnaires and answers made by chance, for properties that must hold of every one of them."""

import random
from typing import Any

from surveys.questionnaires.rules import columns
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.layout import Layout, Line
from surveys.questionnaires.rules.questions import Question
from surveys.questionnaires.rules.questions.base import Held
from surveys.questionnaires.rules.questions.scales import scale_of

PLAIN = ("single", "multi", "number", "rating", "text", "date", "time", "datetime", "phone")
PATTERNS = ("[^#]*", "(字|词)+", r"\d{1,3}|.{2}", "['\"]*.+")
KINDS = (*PLAIN, "ranking", "number_grid", "matrix", "consent", "cascade", "repeat")


def options(chance: random.Random, most: int = 5) -> list[dict[str, Any]]:
    """Some options."""
    return [{"code": f"o{n}", "label": f"选项{n}"} for n in range(chance.randint(2, most))]


def _single(chance: random.Random) -> dict[str, Any]:
    return {"options": options(chance)}


def _multi(chance: random.Random) -> dict[str, Any]:
    made = options(chance)
    if chance.random() < 0.4:
        made[-1]["alone"] = True
    high = chance.randint(1, len(made))
    return {"options": made, "max": high, **({"min": chance.randint(1, high)} if chance.random() < 0.5 else {})}


def _number(chance: random.Random) -> dict[str, Any]:
    low = chance.randint(-3, 5)
    if chance.random() < 0.3:
        return {"low": f"{low}.5", "high": low + chance.randint(6, 60), "decimals": 1, "step": "0.5"}
    return {"low": low, "high": low + chance.randint(1, 9), "decimals": chance.choice((0, 0, 1, 2))}


def _rating(chance: random.Random) -> dict[str, Any]:
    return {"low": chance.randint(0, 1), "high": chance.randint(3, 10)}


def _text(chance: random.Random) -> dict[str, Any]:
    most = chance.randint(1, 12)
    least = {"min": chance.randint(2, most)} if most > 1 and chance.random() < 0.3 else {}
    return {"max": most, **least, **({"pattern": chance.choice(PATTERNS)} if chance.random() < 0.3 else {})}


def _date(chance: random.Random) -> dict[str, Any]:
    return {"not_future": True} if chance.random() < 0.5 else {}


def _time(chance: random.Random) -> dict[str, Any]:
    return {}


def _datetime(chance: random.Random) -> dict[str, Any]:
    return {}


def _phone(chance: random.Random) -> dict[str, Any]:
    return {}


def _ranking(chance: random.Random) -> dict[str, Any]:
    made = options(chance)
    return {"options": made, "count": chance.randint(2, len(made))}


def _rows(chance: random.Random) -> list[dict[str, Any]]:
    return [{"code": f"r{n}", "label": f"行{n}"} for n in range(chance.randint(2, 4))]


def _number_grid(chance: random.Random) -> dict[str, Any]:
    rows = [{**row, "low": 0, "high": chance.randint(1, 9)} for row in _rows(chance)]
    if chance.random() < 0.5:
        rows[1]["at_most"] = "r0"
    return {"rows": rows}


def _matrix(chance: random.Random) -> dict[str, Any]:
    return {"rows": _rows(chance), "labels": ["差", "中", "好"], **({"none": "没有"} if chance.random() < 0.5 else {})}


def _consent(chance: random.Random) -> dict[str, Any]:
    return {"items": [{"code": "use", "label": "用", "must": True}, {"code": "call", "label": "打电话"}]}


def _photo(chance: random.Random) -> dict[str, Any]:
    return {"max": chance.randint(1, 3), "caption": chance.choice((0, 20))}


def _signature(chance: random.Random) -> dict[str, Any]:
    return {}


def _note(chance: random.Random) -> dict[str, Any]:
    return {"text": "请看清楚"} if chance.random() < 0.5 else {}


def _place(chance: random.Random) -> dict[str, Any]:
    return {}


def _cascade(chance: random.Random) -> dict[str, Any]:
    made = [{"code": f"a{n}", "label": f"区{n}"} for n in range(3)]
    made += [{"code": f"b{n}", "label": f"街{n}", "under": f"a{chance.randint(0, 1)}"} for n in range(3)]
    return {"levels": ["区", "街"], "options": made}


def amount(chance: random.Random, name: str, readable: list[dict[str, Any]]) -> dict[str, Any]:
    """What a number makes together with another answer."""
    numbers = [one["name"] for one in readable if one["kind"] in ("number", "rating")]
    several = [one["name"] for one in readable if one["kind"] == "multi"]
    other = {"count": chance.choice(several)} if several and chance.random() < 0.5 else chance.choice(numbers)
    first = {"or": [name, chance.randint(0, 2)]} if chance.random() < 0.4 else name
    return {chance.choice(("sum", "less", "times")): [first, other]}


def condition(chance: random.Random, before: list[dict[str, Any]]) -> dict[str, Any] | None:
    """A comparison with an answer before, or two of them; None when there is nothing to compare with."""
    leaves: list[dict[str, Any]] = []
    readable = [asked for asked in before if asked["kind"] not in ("phone", "note", "place")]
    for _ in range(chance.randint(1, 2)):
        if not readable:
            return None
        asked = chance.choice(readable)
        name = asked["name"]
        if asked["kind"] == "single":
            leaves.append({"is": [name, chance.choice(asked["options"])["code"]]})
        elif asked["kind"] in ("multi", "cascade"):
            leaves.append({"has": [name, chance.choice(asked["options"])["code"]]})
        elif asked["kind"] in ("number", "rating") and not asked.get("decimals"):
            word, value = chance.choice(("at_least", "at_most")), chance.randint(asked["low"], asked["high"])
            leaves.append({word: [amount(chance, name, readable) if chance.random() < 0.3 else name, value]})
        else:
            leaves.append({"answered": name})
    made: dict[str, Any] = leaves[0] if len(leaves) == 1 else {chance.choice(("all", "any")): leaves}
    return {"not": made} if chance.random() < 0.2 else made


def question(
    chance: random.Random,
    code: str,
    kind: str,
    before: list[dict[str, Any]],
    within: tuple[str, ...] = (*PLAIN, "number_grid"),
) -> dict[str, Any]:
    """A question of a kind; ``before``: what was asked already, each with the ``name`` conditions know it by."""
    made: dict[str, Any] = {"code": code, "kind": kind, "title": f"题{code}"}
    if kind == "repeat":
        made |= {"max": chance.randint(2, 4), "questions": []}
        seen = list(before)
        for n in range(chance.randint(1, 3)):
            inner = question(chance, f"i{n}", chance.choice(within), seen)
            made["questions"].append(inner)
            if inner["kind"] != "number_grid":
                seen.append({**inner, "name": f"{code}.{inner['code']}"})
    else:
        made |= globals()[f"_{kind}"](chance)
    if kind == "number" and "step" not in made and chance.random() < 0.3:
        places = made["decimals"]
        others = [one["name"] for one in before if one["kind"] == "number" and one["decimals"] == places]
        made |= {chance.choice(("at_most", "at_least")): chance.choice(others)} if others else {}
    if chance.random() < 0.4 and kind not in ("note", "place"):
        made["required"] = True
    if chance.random() < 0.4 and (shown := condition(chance, before)):
        made["show_if"] = shown
    if "required" not in made and kind in PLAIN and chance.random() < 0.2 and (needed := condition(chance, before)):
        made["require_if"] = needed
    if kind == "single" and chance.random() < 0.4:
        for option in made["options"][1:]:
            if chance.random() < 0.6 and (limit := condition(chance, before)):
                option["show_if"] = limit
    return made


def document(chance: random.Random, kinds: tuple[str, ...] = KINDS) -> dict[str, Any]:
    """A questionnaire; it may have conditions that never hold, which reading it finds."""
    before: list[dict[str, Any]] = []
    for n in range(chance.randint(1, 7)):
        made = question(chance, f"q{n}", chance.choice(kinds), before)
        before.append({**made, "name": made["code"]})
    questions = [{key: value for key, value in one.items() if key != "name"} for one in before]
    section = {"code": "s", "title": "一", "questions": questions}
    return {"code": "made", "edition": "1", "title": "问卷", "sections": [section]}


def answer(chance: random.Random, asked: Question) -> Any:
    """An answer to a question, mostly a good one."""
    spec, codes = asked.spec, [option.code for option in asked.options]
    if chance.random() < 0.03:
        return chance.choice((None, "", "nonsense", -1, [], ["zz"], {"zz": 1}, True))
    if asked.kind == "single":
        return chance.choice(codes)
    if asked.kind == "multi":
        return chance.sample(codes, chance.randint(1, min(len(codes), 3)))
    if asked.kind == "ranking":
        return chance.sample(codes, spec["count"])
    if asked.kind in ("number", "rating"):
        scale = scale_of(spec)
        value = chance.randrange(scale.low, scale.high + 1, scale.step if chance.random() < 0.9 else 1)
        return value - (chance.random() < 0.1)
    if asked.kind == "text":
        return "字" * chance.randint(1, spec["max"] + (chance.random() < 0.1))
    if asked.kind == "date":
        return chance.choice(("2026-11-22", "2020-02-29", "2026-12-31"))
    if asked.kind == "time":
        return chance.choice(("00:00", "14:30", "24:00"))
    if asked.kind == "datetime":
        return chance.choice(("2026-11-22T14:30", "2020-02-29T00:00", "2026-11-22 14:30"))
    if asked.kind == "phone":
        return chance.choice(("13812341234", "075188888888", "12"))
    if asked.kind == "number_grid":
        return {row["code"]: chance.randint(0, row["high"]) for row in spec["rows"] if chance.random() < 0.9}
    if asked.kind == "matrix":
        return {
            row["code"]: chance.randint(0 if spec.get("none") else 1, 3)
            for row in spec["rows"]
            if chance.random() < 0.9
        }
    if asked.kind == "consent":
        return {"use": chance.random() < 0.9, "call": chance.random() < 0.5}
    if asked.kind == "cascade":
        top = chance.choice([option for option in asked.options if not option.under])
        below = [option.code for option in asked.options if option.under == top.code]
        return [top.code, chance.choice(below)] if below else [top.code]
    cut = len(asked.code) + 1
    return [
        {one.code[cut:]: answer(chance, one) for one in asked.inner if chance.random() < 0.7}
        for _ in range(chance.randint(1, spec["max"]))
    ]


def answers(chance: random.Random, form: Form) -> dict[str, Any]:
    """Answers to most questions, asked or not."""
    return {one.code: answer(chance, one) for one in form.questions if chance.random() < 0.75}


def cells_of(form: Form, answers: dict[str, Any]) -> dict[str, tuple[Held, Held]]:
    """What stands in a table of a document: column code → (as a code, as people read it); the empty left out."""
    table = columns.columns(form, named=True)
    line: Line = [("", "")] * len(table)
    Layout(form, table, lambda place, coded, said: (coded, said), named=True).fill(line, answers)
    return {column.code: cell for column, cell in zip(table, line, strict=True) if cell[0] != ""}
