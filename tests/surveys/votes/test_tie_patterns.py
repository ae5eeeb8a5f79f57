"""Every pattern of equals in small elections, held against the second tally, and every order a lot can draw."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations_with_replacement, permutations, product

from surveys.votes.rules import catalogue, election
from surveys.votes.rules.catalogue import Measure
from surveys.votes.rules.election import Approval, ElectionOutcome, Standing
from tests.surveys.votes.second_tally import seats_of

RULE = catalogue.in_force("residents.group", date(2026, 11, 22))
VOTERS, NAMES = 7, "abcd"
LEVELS = (7, 6, 5, 4, 1)
"""Votes a name may have: four ways with a majority, one without, so that any set of names can be equal at any place."""


def judged(counts: dict[str, int], *, seats: int, alternates: int | None, **more: object) -> ElectionOutcome:
    """An election in which each name has just so many votes of seven."""
    cast = [Approval(frozenset(name for name, votes in counts.items() if votes > voter)) for voter in range(VOTERS)]
    roll = {Measure.HEADS: VOTERS}
    return election.outcome(
        RULE, list(counts), cast, roll=roll, seats=seats, most=len(counts), alternates=alternates, **more
    )


def patterns() -> Iterator[tuple[dict[str, int], int, int | None]]:
    """Every way votes can fall on up to four names – equals at any place among them – with all seats and alternates."""
    for size in range(1, len(NAMES) + 1):
        for votes in combinations_with_replacement(LEVELS, size):
            counts = dict(zip(NAMES, votes, strict=False))
            yield from ((counts, *plan) for plan in product(range(1, size + 1), (None, 0, 1, 2)))


def ends(outcome: ElectionOutcome) -> dict[str, str]:
    return {each.candidate: str(each.standing) for each in outcome.candidates}


def passed(counts: dict[str, int]) -> list[str]:
    return [name for name, votes in counts.items() if votes * 2 > VOTERS]


def test_every_pattern_of_equals_seats_whom_the_second_tally_seats() -> None:
    seen = set()
    for counts, seats, alternates in patterns():
        for withdrawn in ((), ("a",)):
            stand = {name: 0 if name in withdrawn else votes for name, votes in counts.items()}
            merit = {name: (votes,) for name, votes in stand.items()}
            through = [name for name in passed(stand) if name not in withdrawn]
            wanted = seats_of(merit, through, seats=seats, alternates=alternates, withdrawn=withdrawn)
            found = judged(counts, seats=seats, alternates=alternates, withdrawn=withdrawn)
            assert ends(found) == wanted, (counts, seats, alternates, withdrawn)
            ranks = {each.candidate: each.rank for each in found.candidates}
            assert ranks == {name: 1 + sum(other > stand[name] for other in stand.values()) for name in stand}
            seen.update(wanted.values())
    assert seen == {str(each) for each in Standing}, "each way to end was met"


def test_every_order_a_lot_can_draw_fills_the_seats_and_puts_who_lost_first_among_the_alternates() -> None:
    drawn = 0
    for counts, seats, alternates in patterns():
        tied = [name for name, end in ends(judged(counts, seats=seats, alternates=alternates)).items() if end == "tied"]
        for order in permutations(tied) if tied else ():
            after = judged(counts, seats=seats, alternates=alternates, lots=[order])
            merit = {name: (votes, -order.index(name) if name in order else 0) for name, votes in counts.items()}
            wanted = seats_of(merit, passed(counts), seats=seats, alternates=alternates)
            assert {name: ends(after)[name] for name in order} == {name: wanted[name] for name in order}
            assert (after.open_seats, len(after.with_standing(Standing.ELECTED))) == (0, seats)
            drawn += 1
    assert drawn > 200
