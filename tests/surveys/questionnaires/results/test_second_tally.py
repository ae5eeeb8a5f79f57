"""Every figure of results counted a second time, by hand as it were, over populations made by chance.

What stands here is written from the questionnaire's document and the stored answers alone: plain loops over households,
no counters, no registry of kinds. Where the two differ one of them is wrong.
"""

import math
import random
from collections import Counter
from datetime import date

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kernel.errors import Invalid
from surveys.questionnaires.rules import coverage, form, sheet, tally, weights
from surveys.questionnaires.rules.crosstab import FACTS, Crosstab, Filters, Of, axes
from surveys.questionnaires.rules.plan import Plan
from surveys.questionnaires.rules.rates import Outcome
from surveys.questionnaires.rules.sheet import Answered, Door
from tests.surveys.questionnaires import forms

CHANNELS = ("wechat_self", "wechat_by_family", "worker_visit", "paper_import")


def stored(chance, plan):
    """A sheet as it is stored: whatever the plan refuses is left out and tried again."""
    facts = {"channel": "wechat_self"}
    answers = forms.answers(chance, plan.form)
    for _ in range(20):
        try:
            return plan.check(answers, facts, today=TODAY, complete=False).answers
        except Invalid as refused:
            answers = {code: value for code, value in answers.items() if code not in refused.fields}
    return {}


TODAY = date(2026, 11, 22)


def one_of_each(values, codes):
    return {code: sum(value == code for value in values) for code in codes}


def scored(values):
    return (sum(values), len(values)) if values else None


def by_hand(asked, values):
    """The rows of a question's figure: (people, cells or None where only their sum is looked at, (sum, people))."""
    kind = asked["kind"]
    options = [option["code"] for option in asked.get("options", ())]
    if kind == "single":
        return [(len(values), one_of_each(values, options), None)]
    if kind == "multi":
        return [(len(values), {code: sum(code in value for value in values) for code in options}, None)]
    if kind == "rating":
        scores = range(asked["low"], asked["high"] + 1)
        return [(len(values), {str(score): values.count(score) for score in scores}, scored(values))]
    if kind == "number":
        return [(len(values), None, scored(values))]
    if kind == "number_grid":
        rows = [[value[row["code"]] for value in values if row["code"] in value] for row in asked["rows"]]
        return [(len(row), None, scored(row)) for row in rows]
    if kind == "matrix":
        found = []
        for row in asked["rows"]:
            given_marks = [value[row["code"]] for value in values if row["code"] in value]
            cells = {str(mark): given_marks.count(mark) for mark in (1, 2, 3)}
            if asked.get("none"):
                cells["0"] = given_marks.count(0)
            found.append((len(given_marks), cells, scored([mark for mark in given_marks if mark])))
        return found
    if kind == "consent":
        return [
            (
                sum(item["code"] in value for value in values),
                {
                    "yes": sum(value.get(item["code"]) is True for value in values),
                    "no": sum(value.get(item["code"]) is False for value in values),
                },
                None,
            )
            for item in asked["items"]
        ]
    if kind == "cascade":
        found = []
        for level in range(len(asked["levels"])):
            chosen = [value[level] for value in values if len(value) > level]
            tops = {option["code"] for option in asked["options"] if bool(option.get("under")) == bool(level)}
            found.append((len(chosen), one_of_each(chosen, tops), None))
        return found
    if kind == "ranking":
        count = asked["count"]
        among = {code: sum(code in value for value in values) for code in options}
        points = {code: sum(count - value.index(code) for value in values if code in value) for code in options}
        places = [one_of_each([value[place] for value in values], options) for place in range(count)]
        return [(len(values), cells, None) for cells in (among, points, *places)]
    if kind == "repeat":
        return [(len(values), None, scored([len(value) for value in values]))]
    return []


def inner_by_hand(asked, homes):
    """The rows of a question inside a repeat; ``homes``: for each household that filled it in, its answers in rows."""
    kind, given_rows = asked["kind"], [[value for value in home if value is not None] for home in homes]
    flat = [value for home in given_rows for value in home]
    having = [home for home in given_rows if home]
    if kind == "number":
        return [(len(flat), None, scored(flat))]
    if kind not in ("single", "multi", "rating"):
        return []
    if kind == "rating":
        codes = [str(score) for score in range(asked["low"], asked["high"] + 1)]
        ticks = [[{str(value)} for value in home] for home in having]
    else:
        codes = [option["code"] for option in asked["options"]]
        ticks = [[{value} if kind == "single" else set(value) for value in home] for home in having]
    doors = {code: sum(any(code in row for row in home) for home in ticks) for code in codes}
    rows = {code: sum(code in row for home in ticks for row in home) for code in codes}
    return [(len(having), doors, None), (len(flat), rows, scored(flat) if kind == "rating" else None)]


def compare(figure, expected):
    assert len(figure.rows) == len(expected), figure
    for row, (people, cells, mean) in zip(figure.rows, expected, strict=True):
        assert row.respondents == people, (figure, row)
        assert row.mean_of == mean, (figure, row)
        if cells is not None:
            assert {cell.code: cell.n for cell in row.cells} == cells, (figure, row)
        elif row.cells:
            assert sum(cell.n for cell in row.cells) == people, (figure, row)
        if row.points:
            assert row.full == people * (figure.rows[2:] and len(figure.rows) - 2)


CHANCE = st.integers(0, 2**32).map(random.Random)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def questionnaire(chance):
    document = forms.document(chance)
    singles = [one for one in document["sections"][0]["questions"] if one["kind"] == "single"]
    if singles:
        told = singles[0]
        document["rates"] = {"agree": {"question": told["code"], "option": told["options"][0]["code"]}}
        if len(singles) > 1:
            document["rates"]["renting"] = {
                "question": singles[1]["code"],
                "options": [singles[1]["options"][-1]["code"]],
            }
    try:
        return document, form.read(document)
    except Invalid:
        assume(False)
        raise


@FEW
@given(CHANCE)
def test_the_figures_of_any_questionnaire_are_those_counted_by_hand(chance):
    document, made = questionnaire(chance)
    plan = Plan(made)
    sheets = [stored(chance, plan) for _ in range(chance.randint(0, 14))]
    figures = {
        each.code: each
        for each in tally.figures(made, tally.total(tally.count(made, each) for each in sheets), public=False)
    }
    check_by_hand(document, figures, sheets)


@FEW
@given(CHANCE)
def test_rates_and_coverage_of_any_estate_are_those_counted_by_hand(chance):
    document, made = questionnaire(chance)
    plan = Plan(made)
    homes = []
    for _ in range(chance.randint(0, 25)):
        said = None
        if chance.random() < 0.6:
            relation = chance.choice(("self", "family", "tenant"))
            said = Answered(made, chance.choice(CHANNELS), relation, stored(chance, plan))
        tried = tuple(chance.choice(list(Outcome)) for _ in range(chance.randint(0, 2)))
        floor, area = chance.choice((None, 1, 2, 3, 5, 8)), chance.choice((None, 5000, 8765))
        homes.append(Door(floor, chance.random() < 0.3, area, tried, said))
    made_sheet = sheet.read(sheet.written(sheet.sheet(homes)))
    rates = document.get("rates", {})

    def is_reached(home):
        met = any(outcome in ("met", "refused") for outcome in home.outcomes)
        return met or (home.answered is not None and home.answered.channel in ("worker_visit", "paper_import"))

    def may_agree(home):
        if home.answered is None or not rates or home.answered.relation == "tenant":
            return False
        renting = rates.get("renting")
        return not renting or home.answered.answers.get(renting["question"]) not in renting["options"]

    def agrees(home):
        return may_agree(home) and home.answered.answers.get(rates["agree"]["question"]) == rates["agree"]["option"]

    for name, holds in {
        "total": lambda home: True,
        "reached": is_reached,
        "valid": lambda home: home.answered is not None,
        "may_agree": may_agree,
        "agree": agrees,
    }.items():
        part, having = getattr(made_sheet.rates, name), [home for home in homes if holds(home)]
        assert (part.homes, part.area_dm2) == (len(having), sum(home.area_dm2 or 0 for home in having)), name
    assert made_sheet.rates.no_area == sum(home.area_dm2 is None for home in homes)
    for shares, group in (
        (coverage.by_floor(made_sheet.groups), lambda home: coverage.floor_band(home.floor)),
        (coverage.by_tenure(made_sheet.groups), lambda home: "有租户登记的" if home.let else "没有租户登记的"),
    ):
        total = Counter(group(home) for home in homes)
        done = Counter(group(home) for home in homes if home.answered is not None)
        assert {share.group: (share.answered, share.total) for share in shares} == {
            name: (done[name], n) for name, n in total.items()
        }


@FEW
@given(CHANCE)
def test_every_weighted_figure_is_that_of_a_city_where_each_sheet_is_there_as_often_as_it_counts(chance):
    """By hand: copy each sheet as often as homes of its kind stand behind it, and count the copies."""
    document, made = questionnaire(chance)
    plan = Plan(made)
    homes = []
    for _ in range(chance.randint(0, 12)):
        answers = stored(chance, plan) if chance.random() < 0.6 else None
        said = None if answers is None else Answered(made, "wechat_self", "self", answers)
        homes.append(Door(chance.choice((None, 1, 5)), chance.random() < 0.3, None, (), said))
    kinds = {}
    for home in homes:
        kinds.setdefault((coverage.floor_band(home.floor), home.let), []).append(home)
    heard = {kind: [home.answered.answers for home in members if home.answered] for kind, members in kinds.items()}
    told = weights.weighed(sheet.strata(sheet.read(sheet.written(sheet.sheet(homes)))))
    assert (told is None) == (not any(heard.values()))
    if told is None:
        return
    assert told.covered == sum(len(kinds[kind]) for kind, said in heard.items() if said)
    assert len(told.silent) == sum(not said for said in heard.values())
    scale = math.lcm(*(len(said) for said in heard.values() if said))
    copies = [
        answers
        for kind, said in heard.items()
        for answers in said
        for _ in range(len(kinds[kind]) * scale // len(said))
    ]
    figures = {each.code: each for each in tally.figures(made, told.counts, public=False)}
    check_by_hand(document, figures, copies)


def check_by_hand(document, figures, sheets):
    """Every figure against the same questions counted by hand in some sheets."""
    for asked in document["sections"][0]["questions"]:
        values = [each[asked["code"]] for each in sheets if asked["code"] in each]
        expected = by_hand(asked, values)
        if expected:
            compare(figures[asked["code"]], expected)
        for inner in asked.get("questions", ()):
            expected = inner_by_hand(inner, [[row.get(inner["code"]) for row in home] for home in values])
            if expected:
                compare(figures[f"{asked['code']}.{inner['code']}"], expected)
        if asked["kind"] == "matrix":
            for row, spec in zip(figures[asked["code"]].rows, asked["rows"], strict=True):
                marks = [value.get(spec["code"], 0) for value in values]
                assert (row.satisfied or (0, 0)) == (sum(mark >= 2 for mark in marks), sum(mark >= 1 for mark in marks))


@FEW
@given(CHANCE)
def test_a_crosstab_of_any_two_sides_and_filters_is_that_counted_by_hand(chance):
    _, made = questionnaire(chance)
    plan = Plan(made)
    kinds = ("single", "multi", "rating")
    sides = [*FACTS, *(side for side in axes(made) if side.question.kind in kinds)]
    rows, columns = chance.choice(sides), chance.choice([None, *sides])
    filters = Filters(
        channel=chance.choice(("", "", *CHANNELS)),
        level=chance.choice((None, None, 0, 1, 2)),
        let=chance.choice((None, True, False)),
    )
    sheets = []
    table = Crosstab(rows, columns)
    for _ in range(chance.randint(0, 25)):
        old = chance.choice((True, False, None))
        of = Of(chance.choice(CHANNELS), chance.randint(0, 2), chance.random() < 0.4, old, "b")
        answers = stored(chance, plan)
        if filters.takes(of):
            table.add(answers, of)
        sheets.append((answers, of))
    yes_no = {True: {"yes"}, False: {"no"}, None: set()}

    def cells(side, answers, of):
        if side is None:
            return {""}
        if side.question is None:
            known = {"let": yes_no[of.let], "old": yes_no[of.old], "level": {str(of.level)}, "channel": {of.channel}}
            return known[side.row]
        value = answers.get(side.question.code)
        if value is None:
            return set()
        return set(value) if isinstance(value, list) else {str(value)}

    chosen = [
        (cells(rows, answers, of), cells(columns, answers, of))
        for answers, of in sheets
        if (not filters.channel or of.channel == filters.channel)
        and (filters.level is None or of.level == filters.level)
        and (filters.let is None or of.let is filters.let)
    ]
    both = [(down, across) for down, across in chosen if down and across]
    told = table.written()
    assert told["sheets"] == len(both)
    for index, column in enumerate(told["columns"]):
        assert column["of"] == sum(column["code"] in across for _, across in both)
        for line in told["lines"]:
            n = sum(line["code"] in down and column["code"] in across for down, across in both)
            assert (line["cells"][index]["n"], line["cells"][index]["small"]) == (n, 0 < n < 5)
