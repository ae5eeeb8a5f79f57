"""Who is elected? Approve up to k of n candidates, each of whom needs the majority of those who took part.

Every candidate is a motion of its own: more than half of those who took part must have approved, in each measure the
rule names (households; for an owners' committee heads and area, 民法典 §278(3)). Then they are ranked by what the rule
ranks by. Ties across the last seat are reported, never broken here: a run-off or a lot before two witnesses decides,
and a lot comes back in as ``lots``.

More names than seats allow make that section of a ballot invalid: it takes part and approves nobody. Votes for somebody
who withdrew after the paper was printed are void.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from surveys.votes.rules.catalogue import Measure, Rule


class Standing(StrEnum):
    """Where a candidate ends."""

    ELECTED = "elected"
    TIED = "tied"
    ALTERNATE = "alternate"
    ALTERNATE_TIED = "alternate_tied"
    NOT_ELECTED = "not_elected"
    WITHDRAWN = "withdrawn"


STANDING_WORDS = {
    Standing.ELECTED: "当选",
    Standing.TIED: "得票相同，待定",
    Standing.ALTERNATE: "候补",
    Standing.ALTERNATE_TIED: "候补得票相同，待定",
    Standing.NOT_ELECTED: "未当选",
    Standing.WITHDRAWN: "已退选，票作废",
}


@dataclass(frozen=True, slots=True)
class Approval:
    """One ballot's section: the names ticked (none = 弃权), and the head and area (0.01 ㎡) of its line."""

    names: frozenset[str]
    heads: int = 1
    area_dm2: int = 0

    def weight(self, measure: Measure) -> int:
        """What it weighs in one measure."""
        return self.heads if measure is Measure.HEADS else self.area_dm2


@dataclass(frozen=True, slots=True)
class CandidateOutcome:
    """One candidate: heads and area that approved, rank among all (equals share a rank: 1, 1, 3) and standing."""

    candidate: str
    votes: int
    area_dm2: int
    rank: int
    majority: bool
    standing: Standing


@dataclass(frozen=True, slots=True)
class ElectionMeasure:
    """One measure of an election: who took part, with what was blank or invalid among it, and what is needed."""

    measure: Measure
    roll: int
    took_part: int
    blank: int
    invalid: int
    turnout_needed: int
    approval_needed: int
    turnout_met: bool


@dataclass(frozen=True, slots=True)
class ElectionOutcome:
    """An election judged. ``open_seats`` are seats left by a tie or for want of candidates with a majority."""

    measures: tuple[ElectionMeasure, ...]
    seats: int
    open_seats: int
    candidates: tuple[CandidateOutcome, ...]

    @property
    def valid(self) -> bool:
        """Did enough take part, in every measure?"""
        return all(measure.turnout_met for measure in self.measures)

    @property
    def turnout_missing(self) -> int:
        """How many more heads would have been enough."""
        heads = self.measures[0]
        return max(0, heads.turnout_needed - heads.took_part)

    def with_standing(self, standing: Standing) -> tuple[CandidateOutcome, ...]:
        """The candidates of one standing, best first."""
        return tuple(candidate for candidate in self.candidates if candidate.standing is standing)


def outcome(
    rule: Rule,
    candidates: Sequence[str],
    ballots: Iterable[Approval],
    *,
    roll: Mapping[Measure, int],
    seats: int,
    most: int,
    alternates: int | None = None,
    withdrawn: Collection[str] = (),
    lots: Sequence[Sequence[str]] = (),
) -> ElectionOutcome:
    """Count and judge.

    ``candidates`` in the order of the ballot paper (in which equals are listed), ``roll`` the whole roll in each
    measure of the rule, ``most`` the k of "up to k", ``alternates`` how many at most (None: all with a majority),
    ``lots`` the orders drawn among equals, the first taking the better place.
    Raises ValueError for a ballot that should never have been accepted (unknown name) or more ballots than roll.
    """
    measures = rule.measures
    votes = {name: dict.fromkeys(Measure, 0) for name in candidates}
    sums = {measure: {"took_part": 0, "blank": 0, "invalid": 0} for measure in Measure}
    for ballot in ballots:
        if not ballot.names <= votes.keys():
            raise ValueError("a counted ballot names an unknown candidate")
        invalid, blank = len(ballot.names) > most, not ballot.names
        for measure in Measure:
            weight = ballot.weight(measure)
            sums[measure]["took_part"] += weight
            sums[measure]["blank"] += weight * blank
            sums[measure]["invalid"] += weight * invalid
            if not invalid:
                for name in ballot.names.difference(withdrawn):
                    votes[name][measure] += weight
    if any(sums[measure]["took_part"] > roll[measure] for measure in measures):
        raise ValueError("more took part than stand on the roll")

    judged = tuple(
        ElectionMeasure(
            measure=measure,
            roll=roll[measure],
            **sums[measure],
            turnout_needed=rule.turnout.smallest(roll[measure]),
            approval_needed=rule.approval.smallest(sums[measure]["took_part"]),
            turnout_met=rule.turnout.met(sums[measure]["took_part"], roll[measure]),
        )
        for measure in measures
    )
    valid = all(measure.turnout_met for measure in judged)
    passed = {
        name: valid
        and name not in withdrawn
        and all(rule.approval.met(votes[name][measure], sums[measure]["took_part"]) for measure in measures)
        for name in candidates
    }
    merit = {name: tuple(votes[name][measure] for measure in rule.ranked_by) for name in candidates}
    drawn = {name: place for lot in lots for place, name in enumerate(lot)}
    standings, open_seats = _seat(
        {name: (*merit[name], -drawn.get(name, len(votes))) for name in candidates if passed[name]},
        seats=seats,
        alternates=alternates,
    )
    found = [
        CandidateOutcome(
            candidate=name,
            votes=votes[name][Measure.HEADS],
            area_dm2=votes[name][Measure.AREA],
            rank=1 + sum(other > merit[name] for other in merit.values()),
            majority=passed[name],
            standing=Standing.WITHDRAWN if name in withdrawn else standings.get(name, Standing.NOT_ELECTED),
        )
        for name in candidates
    ]
    found.sort(key=lambda candidate: (candidate.rank, drawn.get(candidate.candidate, len(votes))))
    return ElectionOutcome(measures=judged, seats=seats, open_seats=open_seats, candidates=tuple(found))


def _seat(
    merit: Mapping[str, tuple[int, ...]], *, seats: int, alternates: int | None
) -> tuple[dict[str, Standing], int]:
    """Fill the seats from the top, a group of equals at a time, then the places of alternates in the same way.

    A group that does not fit the seats is tied: those of it who lose will be the first alternates, so that many places
    are kept for them. A group that does not fit the alternates' places is tied for them.
    """
    standings: dict[str, Standing] = {}
    left, filling = seats, seats > 0
    waiting = len(merit) if alternates is None else alternates
    for best in sorted(set(merit.values()), reverse=True):
        group = [name for name, own in merit.items() if own == best]
        if filling and len(group) <= left:
            standing = Standing.ELECTED
            left -= len(group)
            filling = left > 0
        elif filling:
            standing, filling = Standing.TIED, False
            waiting = max(0, waiting - (len(group) - left))
        elif len(group) <= waiting:
            standing = Standing.ALTERNATE
            waiting -= len(group)
        elif waiting:
            standing, waiting = Standing.ALTERNATE_TIED, 0
        else:
            standing = Standing.NOT_ELECTED
        standings.update(dict.fromkeys(group, standing))
    return standings, left
