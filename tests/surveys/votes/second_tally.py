"""A second tally, written on its own from the words of the law and of the notice: fractions instead of integers,
sets of names instead of groups in a loop. Whatever the product counts is held against it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction

HALF, TWO_THIRDS, THREE_QUARTERS = Fraction(1, 2), Fraction(2, 3), Fraction(3, 4)
Line = tuple[int, int]
"""Heads and area of a roll line."""


def share(part: int, whole: int) -> Fraction:
    """part ÷ whole; of nothing, nothing."""
    return Fraction(part, whole) if whole else Fraction(0)


def enough(part: int, whole: int, least: Fraction, *, more: bool) -> bool:
    """以上 includes the share, 过半数 does not; nobody is never enough."""
    return part > 0 and (share(part, whole) > least if more else share(part, whole) >= least)


def owners_carry(roll: Iterable[Line], answers: Iterable[tuple[str, Line]], *, special: bool) -> bool:
    """民法典 §278: two thirds of heads and of area take part; more than half (or three quarters) of those agree."""
    roll, answers = list(roll), list(answers)
    for column in (0, 1):
        everyone = sum(line[column] for line in roll)
        present = sum(line[column] for _, line in answers)
        agree = sum(line[column] for answer, line in answers if answer == "approve")
        if not enough(present, everyone, TWO_THIRDS, more=False):
            return False
        if not enough(agree, present, THREE_QUARTERS if special else HALF, more=not special):
            return False
    return True


def leading(answers: Iterable[tuple[str, Line]]) -> str | None:
    """The answer with more heads and more area than either other; None without one."""
    answers = list(answers)
    weight = {
        word: tuple(sum(line[column] for answer, line in answers if answer == word) for column in (0, 1))
        for word in ("approve", "against", "abstain")
    }
    for word, own in weight.items():
        rest = [other for name, other in weight.items() if name != word]
        if all(own[0] > other[0] and own[1] > other[1] for other in rest):
            return word
    return None


def seats_of(
    merit: Mapping[str, tuple[int, ...]],
    passed: Collection[str],
    *,
    seats: int,
    alternates: int | None,
    withdrawn: Collection[str] = (),
) -> dict[str, str]:
    """Where each candidate ends, by counting for each how many who passed are better, how many equal."""
    room = seats + (len(merit) if alternates is None else alternates)
    ends = {}
    for name, own in merit.items():
        better = sum(merit[other] > own for other in passed)
        equal = sum(merit[other] == own for other in passed)
        if name in withdrawn:
            ends[name] = "withdrawn"
        elif name not in passed:
            ends[name] = "not_elected"
        elif better + equal <= seats:
            ends[name] = "elected"
        elif better < seats:
            ends[name] = "tied"
        elif better + equal <= room:
            ends[name] = "alternate"
        elif better < room:
            ends[name] = "alternate_tied"
        else:
            ends[name] = "not_elected"
    return ends


def election(
    names: Sequence[str],
    roll: Iterable[Line],
    ballots: Iterable[tuple[frozenset[str], Line]],
    *,
    owners: bool,
    seats: int,
    most: int,
    alternates: int | None = None,
    withdrawn: Collection[str] = (),
) -> tuple[bool, dict[str, tuple[int, int]], dict[str, str]]:
    """Valid or not; heads and area of each name; where each ends."""
    roll, ballots = list(roll), list(ballots)
    measures = (0, 1) if owners else (0,)
    present = [sum(line[column] for _, line in ballots) for column in (0, 1)]
    everyone = [sum(line[column] for line in roll) for column in (0, 1)]
    valid = all(enough(present[m], everyone[m], TWO_THIRDS if owners else HALF, more=not owners) for m in measures)
    votes = {
        name: tuple(
            sum(line[column] for ticked, line in ballots if len(ticked) <= most and name in ticked - set(withdrawn))
            for column in (0, 1)
        )
        for name in names
    }
    passed = [
        name for name in names if valid and all(enough(votes[name][m], present[m], HALF, more=True) for m in measures)
    ]
    merit = {name: tuple(votes[name][m] for m in measures) for name in names}
    ends = seats_of(merit, passed, seats=seats, alternates=alternates, withdrawn=withdrawn)
    return valid, votes, ends
