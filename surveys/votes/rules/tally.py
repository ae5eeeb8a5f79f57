"""From opened ballots to the result document: every motion judged, and judged again without what may be struck.

Everything in a document is an integer, a word or an id, so that its bytes are the same wherever it is counted.

The second part is the counterfactual sheet: for each motion what would have come out without proxies, without paper,
without those cast on a worker's phone, without deemed votes, without disputed ballots (each alone, and all of them). A
verdict that flips is flagged for legal review. Sums are withheld where a difference of two of them would tell of fewer
than five ballots (PROMISES §0.4).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from surveys.votes.rules import decision, deemed, election
from surveys.votes.rules.ballot import Answer
from surveys.votes.rules.catalogue import Form, Measure, Rule
from surveys.votes.rules.decision import Choice, Weighted
from surveys.votes.rules.deemed import Silent
from surveys.votes.rules.election import Approval, Standing

FEWEST = 5
"""A difference of sums never tells of fewer ballots than this."""


class Mark(StrEnum):
    """What may be said against a counted ballot."""

    PROXY = "proxy"
    PAPER = "paper"
    HELPED = "helped"
    """cast on a worker's phone"""
    DISPUTED = "disputed"


class Without(StrEnum):
    """What a scenario leaves out."""

    PROXY = "proxy"
    PAPER = "paper"
    HELPED = "helped"
    DEEMED = "deemed"
    DISPUTED = "disputed"
    ALL = "all"


WITHOUT_WORDS: Mapping[Without, str] = {
    Without.PROXY: "不计委托票",
    Without.PAPER: "不计纸质票",
    Without.HELPED: "不计在工作人员手机上投的票",
    Without.DEEMED: "不计视为表决的票",
    Without.DISPUTED: "不计有争议的票",
    Without.ALL: "以上都不计",
}


@dataclass(frozen=True, slots=True)
class Cast:
    """A counted ballot opened: motion id → answer, the head and area (0.01 ㎡) of its line, and its marks."""

    answers: Mapping[str, Answer]
    heads: int
    area_dm2: int
    marks: frozenset[Mark] = frozenset()


@dataclass(frozen=True, slots=True)
class Section:
    """One motion as it is counted. Elections: candidates in printed order, seats, the k of "up to k", how many
    alternates at most, who withdrew after printing, the orders drawn by lot.
    """

    motion: str
    rule: Rule
    candidates: tuple[str, ...] = ()
    seats: int = 0
    most: int = 0
    alternates: int | None = None
    withdrawn: frozenset[str] = frozenset()
    lots: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """The deciding body: the whole frozen roll."""

    heads: int
    area_dm2: int

    @property
    def sizes(self) -> dict[Measure, int]:
        """Its size in each measure."""
        return {Measure.HEADS: self.heads, Measure.AREA: self.area_dm2}


def judge(section: Section, casts: Sequence[Cast], body: Body, silence: Silent | None = None) -> dict[str, Any]:
    """One motion of the result document. Silence is deemed to answer questions, never to elect anybody."""
    if section.rule.form is Form.ELECTION:
        return _election(section, casts, body)
    return _question(section, casts, body, silence)


def _question(section: Section, casts: Sequence[Cast], body: Body, silence: Silent | None) -> dict[str, Any]:
    rule = section.rule
    counts = decision.count(
        (
            Weighted(choice, cast.heads, cast.area_dm2)
            for cast in casts
            if isinstance(choice := cast.answers[section.motion], Choice)
        ),
        heads=body.heads,
        area_dm2=body.area_dm2,
    )
    judged = decision.outcome(rule, counts)
    document = {
        "motion": section.motion,
        "rule": rule.version,
        "carried": judged.carried,
        "measures": _measures(judged),
    }
    if silence is not None:
        joins, counts = deemed.with_silence(rule, counts, silence)
        heard = decision.outcome(rule, counts)
        document["carried_cast"] = judged.carried
        document["carried"] = heard.carried
        document["deemed"] = {
            "mode": str(silence.mode),
            "joins": str(joins) if joins else None,
            "lines": silence.lines if joins else 0,
            "heads": silence.heads if joins else 0,
            "area_dm2": silence.area_dm2 if joins else 0,
            "measures": _measures(heard),
        }
    return document


def _measures(judged: decision.Outcome) -> list[dict[str, Any]]:
    return [
        {
            "measure": str(part.measure),
            "roll": part.count.roll,
            "took_part": part.count.took_part,
            "approve": part.count.approve,
            "against": part.count.against,
            "abstain": part.count.abstain,
            "turnout_needed": part.turnout_needed,
            "approval_needed": part.approval_needed,
            "turnout_met": part.turnout_met,
            "approval_met": part.approval_met,
        }
        for part in judged.measures
    ]


def _election(section: Section, casts: Sequence[Cast], body: Body) -> dict[str, Any]:
    rule = section.rule
    judged = election.outcome(
        rule,
        section.candidates,
        (
            Approval(names, cast.heads, cast.area_dm2)
            for cast in casts
            if isinstance(names := cast.answers[section.motion], frozenset)
        ),
        roll=body.sizes,
        seats=section.seats,
        most=section.most,
        alternates=section.alternates,
        withdrawn=section.withdrawn,
        lots=section.lots,
    )
    by_area = Measure.AREA in rule.measures
    return {
        "motion": section.motion,
        "rule": rule.version,
        "valid": judged.valid,
        "seats": judged.seats,
        "open_seats": judged.open_seats,
        "alternates": section.alternates,
        "withdrawn": sorted(section.withdrawn),
        "lots": [list(lot) for lot in section.lots],
        "measures": [
            {
                "measure": str(part.measure),
                "roll": part.roll,
                "took_part": part.took_part,
                "blank": part.blank,
                "invalid": part.invalid,
                "turnout_needed": part.turnout_needed,
                "approval_needed": part.approval_needed,
                "turnout_met": part.turnout_met,
            }
            for part in judged.measures
        ],
        "candidates": [
            {
                "candidate": each.candidate,
                "votes": each.votes,
                **({"area_dm2": each.area_dm2} if by_area else {}),
                "rank": each.rank,
                "majority": each.majority,
                "standing": str(each.standing),
            }
            for each in judged.candidates
        ],
    }


# --------------------------------------------------------------------------------------------- the counterfactual sheet


def counterfactual(
    section: Section, casts: Sequence[Cast], body: Body, silence: Silent | None = None
) -> list[dict[str, Any]]:
    """The motion judged without each kind of what may be struck, and without all; kinds that do not occur are left out.

    Each: ``without``, ``ballots`` struck, ``flips`` (another verdict, or other people elected), the verdict
    (``carried`` or ``elected``) and ``measures``, None where they are withheld.
    """
    struck: dict[Without, frozenset[int]] = {}
    for mark in Mark:
        found = frozenset(place for place, cast in enumerate(casts) if mark in cast.marks)
        if found:
            struck[Without(mark.value)] = found
    silent = silence if section.rule.form is Form.QUESTION else None
    stated = judge(section, casts, body, silent)
    kinds = [kind for kind in Without if kind in struck or (kind is Without.DEEMED and _was_deemed(stated))]
    if not kinds:
        return []
    everything = frozenset().union(*struck.values()) if struck else frozenset()
    disjoint = sum(len(found) for found in struck.values()) == len(everything)
    shown = _shown(struck)
    sheet = [
        _without(
            section,
            casts,
            body,
            None if kind is Without.DEEMED else silent,
            stated,
            kind,
            struck.get(kind, frozenset()),
        )
        for kind in kinds
    ]
    for each, kind in zip(sheet, kinds, strict=True):
        if kind in struck and kind not in shown:
            each["measures"] = None
    if len(kinds) > 1:
        last = _without(section, casts, body, None, stated, Without.ALL, everything)
        # Where the kinds do not overlap, the last sums say nothing the others have not said.
        if not disjoint or set(struck) - shown:
            last["measures"] = None
        sheet.append(last)
    return sheet


def _was_deemed(stated: Mapping[str, Any]) -> bool:
    return bool(stated.get("deemed", {}).get("lines"))


def _shown(struck: Mapping[Without, frozenset[int]]) -> set[Without]:
    """The kinds whose sums may stand: five ballots or more, and no difference of two that tells of fewer."""
    shown: set[Without] = set()
    for kind, found in struck.items():
        if len(found) >= FEWEST and all(_apart(found, struck[other]) for other in shown):
            shown.add(kind)
    return shown


def _apart(one: frozenset[int], other: frozenset[int]) -> bool:
    gaps = (len(one - other), len(other - one))
    return gaps == (0, 0) or not (0 in gaps and max(gaps) < FEWEST)


def _without(
    section: Section,
    casts: Sequence[Cast],
    body: Body,
    silence: Silent | None,
    stated: Mapping[str, Any],
    kind: Without,
    struck: Collection[int],
) -> dict[str, Any]:
    again = judge(section, [cast for place, cast in enumerate(casts) if place not in struck], body, silence)
    verdict = _VERDICT[section.rule.form]
    measures = (again.get("deemed") or again)["measures"] if section.rule.form is Form.QUESTION else None
    return {
        "motion": section.motion,
        "without": str(kind),
        "ballots": len(struck),
        "flips": verdict(again) != verdict(stated),
        **verdict(again),
        "measures": measures,
    }


def _carried(document: Mapping[str, Any]) -> dict[str, Any]:
    return {"carried": document["carried"]}


def _elected(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "elected": sorted(
            each["candidate"] for each in document["candidates"] if each["standing"] == str(Standing.ELECTED)
        )
    }


_VERDICT: Mapping[Form, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    Form.QUESTION: _carried,
    Form.ELECTION: _elected,
}
