"""The figures of an estate that need a look at each home: rates, who is missing, counts by group for re-weighting."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from surveys.questionnaires.rules import tally
from surveys.questionnaires.rules.coverage import FLOOR_ORDER, Group, Share, floor_band
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.rules.rates import REACHED, Home, Outcome, Part, Rates, rates
from surveys.questionnaires.rules.weights import Stratum

TENANT = "tenant"
AT_THE_DOOR = frozenset({Channel.WORKER_VISIT, Channel.PAPER_IMPORT})
ELDERS = "over_60"
"""The row of a number grid that tells of old people in a household; the register knows no ages."""


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
    """Everything kept of an estate. ``counts``: group (floor band, let) → counts; ``elders``: answering households
    with and without people over 60 (where asked); ``outcomes``: the last word of each door that was knocked at;
    ``channels``: how the sheets came in."""

    rates: Rates
    groups: tuple[Group, ...] = ()
    counts: Mapping[tuple[str, bool], Counter[tally.Key]] = field(default_factory=dict)
    elders: tuple[int, int] = (0, 0)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    channels: Mapping[str, int] = field(default_factory=dict)


def sheet(doors: Iterable[Door]) -> Sheet:
    """Look at each home once."""
    homes: list[Home] = []
    groups: dict[tuple[int | None, bool], list[int]] = {}
    counts: dict[tuple[str, bool], Counter[tally.Key]] = {}
    elders, outcomes, channels = [0, 0], Counter[str](), Counter[str]()
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
        named.update(tally.count(door.answered.form, door.answered.answers))
        old = has_elders(door.answered)
        if old is not None:
            elders[0 if old else 1] += 1
    made = tuple(Group(floor, let, done, total) for (floor, let), (done, total) in groups.items())
    return Sheet(rates(homes), made, counts, (elders[0], elders[1]), outcomes, channels)


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


def elders_question(form: Form) -> str | None:
    """The code of the question that tells of people over 60; None where none does."""
    asked = (
        question.code
        for question in form.questions
        if question.kind == "number_grid" and any(row["code"] == ELDERS for row in question.spec["rows"])
    )
    return next(asked, None)


def has_elders(said: Answered) -> bool | None:
    """Whether people over 60 live in the household, as the sheet says; None where it does not."""
    number = (said.answers.get(elders_question(said.form) or "") or {}).get(ELDERS)
    return None if number is None else number > 0


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


def elder_shares(one: Sheet, known: tuple[int, int] | None) -> list[Share]:
    """Coverage by age: answering households with and without old people, of how many the community knows of (``known``:
    households with people over 60, all households); [] without that, since the register has no ages."""
    if known is None or known[1] <= 0:
        return []
    with_old, all_homes = known
    return [
        Share("有60岁以上老人的", one.elders[0], with_old),
        Share("没有60岁以上老人的", one.elders[1], all_homes - with_old),
    ]


def written(one: Sheet) -> dict[str, Any]:
    """A sheet as JSON."""
    return {
        "rates": asdict(one.rates),
        "groups": [[each.floor, each.let, each.answered, each.total] for each in one.groups],
        "counts": [
            [band, let, [[*key, n] for key, n in counts.items() if n]] for (band, let), counts in one.counts.items()
        ],
        "elders": list(one.elders),
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
        (document["elders"][0], document["elders"][1]),
        document["outcomes"],
        document.get("channels", {}),
    )


def added(sheets: Iterable[Sheet]) -> Sheet:
    """Several estates together."""
    whole, groups, elders = Rates(), list[Group](), [0, 0]
    outcomes, channels = Counter[str](), Counter[str]()
    counts: dict[tuple[str, bool], Counter[tally.Key]] = {}
    for one in sheets:
        whole = whole.plus(one.rates)
        groups += one.groups
        elders = [elders[0] + one.elders[0], elders[1] + one.elders[1]]
        outcomes.update(one.outcomes)
        channels.update(one.channels)
        for key, cells in one.counts.items():
            counts.setdefault(key, Counter()).update(cells)
    return Sheet(whole, tuple(groups), counts, (elders[0], elders[1]), outcomes, channels)
