"""The figures of an estate that need a look at each home: rates, who is missing, counts by group for re-weighting."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from surveys.questionnaires.rules import ages, tally
from surveys.questionnaires.rules.ages import Heard
from surveys.questionnaires.rules.coverage import FLOOR_ORDER, Group, floor_band
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.rules.rates import REACHED, Home, Outcome, Part, Rates, rates
from surveys.questionnaires.rules.weights import Stratum

TENANT = "tenant"
AT_THE_DOOR = frozenset({Channel.WORKER_VISIT, Channel.PAPER_IMPORT})


@dataclass(frozen=True)
class Answered:
    """A sheet that counts: its questionnaire, how it came in, who filled it in, what counts of its answers.
    ``owners_too``: whether it speaks for the owner as well; ``owner_apart``: the owner spoke on another sheet, whose
    consent is among the answers."""

    form: Form
    channel: str
    relation: str
    answers: Mapping[str, Any]
    owners_too: bool = True
    owner_apart: bool = False


@dataclass(frozen=True)
class Door:
    """A home with what is known of it in a campaign."""

    floor: int | None
    let: bool
    area_dm2: int | None
    outcomes: tuple[str, ...] = ()
    answered: Answered | None = None


@dataclass(frozen=True)
class Sheet:
    """Everything kept of an estate. ``counts``: group (floor band, let) → counts; ``ages``: what those that
    answered say of ages (``rules.ages``); ``outcomes``: the last word of each door that was knocked at; ``channels``:
    how the sheets came in."""

    rates: Rates
    groups: tuple[Group, ...] = ()
    counts: Mapping[tuple[str, bool], Counter[tally.Key]] = field(default_factory=dict)
    ages: Mapping[str, Heard] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    channels: Mapping[str, int] = field(default_factory=dict)


def sheet(doors: Iterable[Door]) -> Sheet:
    """Look at each home once."""
    homes: list[Home] = []
    groups: dict[tuple[int | None, bool], list[int]] = {}
    counts: dict[tuple[str, bool], Counter[tally.Key]] = {}
    outcomes, channels = Counter[str](), Counter[str]()
    homes_of_age: Counter[tuple[str, bool]] = Counter()
    said_by: dict[str, Counter[tally.Key]] = {}
    for door in doors:
        homes.append(_home(door))
        group = groups.setdefault((door.floor, door.let), [0, 0])
        group[1] += 1
        if door.outcomes:
            outcomes[door.outcomes[-1]] += 1
        if door.answered is None:
            continue
        group[0] += 1
        channels[door.answered.channel] += 1
        named = counts.setdefault((floor_band(door.floor), door.let), Counter())
        counted = tally.count(door.answered.form, door.answered.answers)
        named.update(counted)
        for age in ages.AGES:
            there = ages.has(door.answered.form, door.answered.answers, age)
            if there is not None:
                homes_of_age[age, there] += 1
                said_by.setdefault(age, Counter()).update(counted if there else {})
    heard = {
        age: Heard(homes_of_age[age, True], homes_of_age[age, False], tally.respondents(said))
        for age, said in said_by.items()
    }
    made = tuple(Group(floor, let, done, total) for (floor, let), (done, total) in groups.items())
    return Sheet(rates(homes), made, counts, heard, outcomes, channels)


def _home(door: Door) -> Home:
    said = door.answered
    reached = any(Outcome(each) in REACHED for each in door.outcomes)
    if said is None:
        return Home(door.area_dm2, reached)
    agreed, owners = agreement(said.form, said.answers)
    itself = said.owners_too and said.relation != TENANT and owners
    may_agree = agreed is not None and (itself or said.owner_apart)
    return Home(door.area_dm2, reached or said.channel in AT_THE_DOOR, True, may_agree, bool(agreed))


def agreement(form: Form, answers: Mapping[str, Any]) -> tuple[bool | None, bool]:
    """Whether a sheet agrees to the renovation (None: the questionnaire does not say which answer that is), and
    whether who it speaks for may agree. The document says both under ``rates``."""
    told = form.document.get("rates", {})
    agree, renting = told.get("agree"), told.get("renting")
    owners = not (renting and answers.get(renting["question"]) in renting["options"])
    if not agree:
        return None, owners
    return answers.get(agree["question"]) == agree["option"], owners


GROUP_WORDS = {True: "有租户登记", False: "没有租户登记"}


def group_name(band: str, let: bool) -> str:
    """A group as people read it."""
    return f"{band}，{GROUP_WORDS[let]}"


def strata(one: Sheet) -> list[Stratum]:
    """The groups of homes with what those said who answered."""
    homes: Counter[tuple[str, bool]] = Counter()
    for group in one.groups:
        homes[floor_band(group.floor), group.let] += group.total
    return [
        Stratum(group_name(*key), homes[key], counts[tally.RESPONSES], counts)
        for key in sorted(homes, key=lambda key: (FLOOR_ORDER.index(key[0]), key[1]))
        for counts in [one.counts.get(key, Counter())]
    ]


def written(one: Sheet) -> dict[str, Any]:
    """A sheet as JSON."""
    return {
        "rates": asdict(one.rates),
        "groups": [[each.floor, each.let, each.answered, each.total] for each in one.groups],
        "counts": [
            [band, let, [[*key, n] for key, n in counts.items() if n]] for (band, let), counts in one.counts.items()
        ],
        "ages": {age: [heard.having, heard.without, dict(heard.said)] for age, heard in one.ages.items()},
        "outcomes": dict(one.outcomes),
        "channels": dict(one.channels),
    }


def read(document: Mapping[str, Any]) -> Sheet:
    """The sheet a JSON document holds."""
    told = document["rates"]
    parts = {name: Part(**told[name]) for name in ("total", "reached", "valid", "may_agree", "agree")}
    return Sheet(
        Rates(**parts, no_area=told["no_area"]),
        tuple(Group(*each) for each in document["groups"]),
        {
            (band, let): Counter({(question, row, cell): n for question, row, cell, n in cells})
            for band, let, cells in document["counts"]
        },
        {age: Heard(*heard) for age, heard in document.get("ages", {}).items()},  # older ones tell none, nor channels
        document["outcomes"],
        document.get("channels", {}),
    )


def added(sheets: Iterable[Sheet]) -> Sheet:
    """Several estates together."""
    sheets = [*sheets]
    whole, groups = Rates(), list[Group]()
    outcomes, channels = Counter[str](), Counter[str]()
    counts: dict[tuple[str, bool], Counter[tally.Key]] = {}
    for one in sheets:
        whole = whole.plus(one.rates)
        groups += one.groups
        outcomes.update(one.outcomes)
        channels.update(one.channels)
        for key, cells in one.counts.items():
            counts.setdefault(key, Counter()).update(cells)
    return Sheet(whole, tuple(groups), counts, ages.together(one.ages for one in sheets), outcomes, channels)
