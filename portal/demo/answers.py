"""Invented answers to a questionnaire: plausible, by chance alone, nobody's."""

import random
from typing import Any

from surveys.questionnaires.rules import branching
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.questions import NOT_THERE, Question

# What households tend to say (DOMAIN §1.5 for the wishes); what is not named weighs 1.
TENDENCY: dict[str, dict[str, int]] = {
    "q02": {"owner": 60, "co_owner": 8, "owner_family": 16, "tenant": 10, "other": 0},
    "q03": {"reformed": 50, "commercial": 10, "collective": 15, "unit_owned": 8},
    "q06": {"own": 70, "rented": 18, "lent": 4, "vacant": 8},
    "q09": {"agree": 84, "disagree": 5, "undecided": 11},
    "q10": {"cost": 6, "disturbance": 4, "away": 3, "other": 0},
    "q12": {"drainage": 9, "overhead_lines": 7, "roof": 6, "lighting": 5, "basic_none": 0},
    "q13": {"parking": 9, "lift": 9, "greening": 4, "bike_charging": 6, "improving_none": 0},
    "q14": {"elder_care": 6, "meals": 5, "market": 4, "enhancing_none": 1},
    "q15": {"drainage": 9, "parking": 9, "lift": 10, "overhead_lines": 6, "roof": 5},
    "q16": {"agree_and_pay": 35, "agree_not_pay": 15, "no_objection": 20, "against": 10, "see_plan": 20},
    "q19": {"agree": 60, "appointment": 30, "entrust": 0},
    "q21": {"group": 46, "company": 22, "community": 14, "committee": 10},
    "q22": {"group": 44, "either": 38, "committee": 12, "against": 6},
    "q25": {"no": 5, "recommend": 0, "volunteer": 3},
    "q26": {"yes": 62, "partly": 30, "no": 8},
    "q27": {"yes": 58, "more": 12, "less": 8, "not_now": 18, "hardship": 4},
    "q33": {"no": 80, "large_print": 8, "visit": 8, "phone": 4},
    "q34_faults": {"other": 0},
}
NOTES = (
    "楼道的灯晚上不亮，老人上下楼不方便。",
    "希望先把下水道改好，一下大雨就积水。",
    "停车太乱，消防车进不来。",
    "支持改造，希望账目公开。",
    "加装电梯要照顾低楼层住户。",
)
OFTEN_LEFT_OUT = {"q03", "q04", "q08", "q17", "q18", "q24", "q28", "q30", "q31"}


def invented(form: Form, facts: dict[str, Any], chance: random.Random, *, day: str, signature: str) -> dict[str, Any]:
    """Complete answers of one household; ``signature`` makes the name of a signature's file with a number added."""
    answers: dict[str, Any] = {}
    signed = 0
    for question in form.questions:
        if question.show_if is not None and not branching.holds(question.show_if, answers, facts):
            continue
        if question.code in OFTEN_LEFT_OUT and chance.random() < 0.2:
            continue
        if question.kind == "signature":
            answers[question.code] = f"{signature}{signed}"
            signed += 1
            continue
        value = day if question.kind == "date" else _value(question, facts, chance)
        if value is not None:
            answers[question.code] = value
    return answers


def _value(question: Question, facts: dict[str, Any], chance: random.Random) -> Any:
    if question.kind == "single":
        return _some(question, chance, 1)[0]
    if question.kind == "multi":
        picked = _some(question, chance, chance.randint(1, min(4, question.spec.get("max", 4))))
        alone = [option.code for option in question.options if option.alone and option.code in picked]
        return alone[:1] or picked
    if question.kind == "ranking":
        return _some(question, chance, question.spec["count"])
    if question.kind == "rating":
        return chance.choice((6, 7, 8, 8, 9, 10))
    if question.kind == "matrix":
        return {row["code"]: chance.choice((NOT_THERE, 1, 2, 2, 3, 3, 4, 5)) for row in question.spec["rows"]}
    if question.kind == "repeat":
        cut = len(question.code) + 1
        rows = [{one.code[cut:]: _value(one, facts, chance) for one in question.inner} for _ in range(_people(chance))]
        return [{key: value for key, value in row.items() if value is not None} for row in rows]
    if question.code.endswith(".age"):
        return chance.randint(61, 94)
    if question.kind == "number":
        return (
            chance.randrange(600, 3000, 100)
            if question.parent and question.parent[1] == "more"
            else _number(question, chance)
        )
    if question.code == "q05":
        floors = facts.get("building.floors", 7)
        return {"floor": min(facts.get("dwelling.floor", 1), floors), "total": floors}
    if question.code == "q07":
        people, old = chance.randint(1, 5), chance.randint(0, 2)
        older = min(old, chance.randint(0, 1))
        return {"total": max(people, old), "over_60": old, "over_80": older, "preschool": 0, "limited": older}
    if question.code == "q08":
        return {"cars": chance.choice((0, 0, 1, 1, 2)), "new_energy": 0, "e_bikes": chance.randint(0, 2)}
    if question.kind == "consent":
        return {item["code"]: bool(item.get("must")) or chance.random() < 0.7 for item in question.spec["items"]}
    if question.code == "q35":
        return chance.choice(NOTES) if chance.random() < 0.2 else None
    return None


def _people(chance: random.Random) -> int:
    """How many old people live in a home that has any."""
    return chance.choice((1, 1, 2))


def _number(question: Question, chance: random.Random) -> int:
    if question.parent:
        return chance.randrange(100, 500, 100)
    return chance.randint(5200, 9800)


def _some(question: Question, chance: random.Random, count: int) -> list[str]:
    """Several different options, each as likely as its weight."""
    weights = {option.code: TENDENCY.get(question.code, {}).get(option.code, 1) for option in question.options}
    picked: list[str] = []
    while len(picked) < count and any(weights.values()):
        (code,) = chance.choices(list(weights), list(weights.values()))
        picked.append(code)
        del weights[code]
    return picked
