"""Who is elected? Approve up to k of n candidates; more than half of those who took part must have approved.

Ties across the last seat are reported, never broken here: a run-off or a lot before two witnesses decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from surveys.votes.rules.catalogue import Rule


class Standing(StrEnum):
    """Where a candidate ends."""

    ELECTED = "elected"
    TIED = "tied"
    ALTERNATE = "alternate"
    NOT_ELECTED = "not_elected"


STANDING_WORDS = {
    Standing.ELECTED: "当选",
    Standing.TIED: "得票相同，待定",
    Standing.ALTERNATE: "候补",
    Standing.NOT_ELECTED: "未当选",
}


@dataclass(frozen=True, slots=True)
class CandidateOutcome:
    """One candidate: votes, rank among all (equal votes share a rank: 1, 1, 3) and standing."""

    candidate: str
    votes: int
    rank: int
    majority: bool
    standing: Standing


@dataclass(frozen=True, slots=True)
class ElectionOutcome:
    """An election judged. ``open_seats`` are seats left by a tie or for want of candidates with a majority."""

    roll: int
    took_part: int
    blank: int
    turnout_needed: int
    approval_needed: int
    valid: bool
    seats: int
    open_seats: int
    candidates: tuple[CandidateOutcome, ...]

    @property
    def turnout_missing(self) -> int:
        return max(0, self.turnout_needed - self.took_part)

    def with_standing(self, standing: Standing) -> tuple[CandidateOutcome, ...]:
        """The candidates of one standing, best first."""
        return tuple(candidate for candidate in self.candidates if candidate.standing is standing)


def outcome(
    rule: Rule, candidates: Sequence[str], ballots: Iterable[frozenset[str]], *, roll: int, seats: int, most: int
) -> ElectionOutcome:
    """Count and judge.

    ``candidates`` in the order of the ballot paper (in which equal votes are listed), ``ballots`` the sets of names
    approved (empty = 弃权), ``roll`` the heads on the roll, ``most`` the k of "up to k".
    Raises ValueError for a ballot that should never have been accepted (unknown name, too many names).
    """
    votes = dict.fromkeys(candidates, 0)
    took_part = blank = 0
    for chosen in ballots:
        if len(chosen) > most or not chosen <= votes.keys():
            raise ValueError("a counted ballot names too many or unknown candidates")
        took_part += 1
        blank += not chosen
        for candidate in chosen:
            votes[candidate] += 1
    if took_part > roll:
        raise ValueError("more took part than stand on the roll")

    valid = rule.turnout.met(took_part, roll)
    passed = {name: valid and rule.approval.met(number, took_part) for name, number in votes.items()}
    standings, open_seats = _seat(votes, passed, seats)
    judged = [
        CandidateOutcome(
            candidate=name,
            votes=number,
            rank=1 + sum(other > number for other in votes.values()),
            majority=passed[name],
            standing=standings[name],
        )
        for name, number in votes.items()
    ]
    judged.sort(key=lambda candidate: candidate.rank)
    return ElectionOutcome(
        roll=roll,
        took_part=took_part,
        blank=blank,
        turnout_needed=rule.turnout.smallest(roll),
        approval_needed=rule.approval.smallest(took_part),
        valid=valid,
        seats=seats,
        open_seats=open_seats,
        candidates=tuple(judged),
    )


def _seat(votes: dict[str, int], passed: dict[str, bool], seats: int) -> tuple[dict[str, Standing], int]:
    """Fill the seats from the top, a group of equal votes at a time; a group that does not fit is tied."""
    standings = dict.fromkeys(votes, Standing.NOT_ELECTED)
    left = seats
    filling = True
    for number in sorted({votes[name] for name in votes if passed[name]}, reverse=True):
        group = [name for name in votes if votes[name] == number and passed[name]]
        if not filling:
            standing = Standing.ALTERNATE
        elif len(group) <= left:
            standing = Standing.ELECTED
            left -= len(group)
            filling = left > 0
        else:
            standing = Standing.TIED
            filling = False
        standings.update(dict.fromkeys(group, standing))
    return standings, left
