"""Which rows of a period go out: never fewer than five households at once, whatever comes week by week."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.rules.disclosure import (
    LONGEST_WAIT,
    OTHERS,
    SMALLEST_GROUP,
    WHOLE,
    Count,
    Group,
    Move,
    in_fives,
    let_out,
    summed,
)

SUNDAY = date(2026, 6, 21)
LATE = SUNDAY - LONGEST_WAIT


def paid(building: str, *homes: int, fen: int = 500, day: date = SUNDAY) -> list[Move]:
    return [Move(home, building, fen, day) for home in homes]


BEFORE = SUNDAY - timedelta(days=1)
A, B = "1栋", "2栋"
FIVE, SIX = (1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 6)


@pytest.mark.parametrize(
    ("moves", "unlisted", "labels"),
    [
        ([], {}, []),
        (paid(A, *FIVE), {}, [A] * 5),
        (paid(A, 1), {}, [None]),
        (paid(A, *FIVE) + paid(B, 11), {}, [A] * 5 + [None]),  # the one of 2栋 waits
        (paid(A, 1, 2, 3) + paid(B, 11, 12), {}, [OTHERS] * 5),
        (paid(A, *FIVE) + paid(B, 11, day=LATE), {}, [OTHERS] * 6),  # a quarter later it hides behind the five
        (paid(A, 1) + paid(B, 11, day=LATE), {}, [None, OTHERS]),  # nobody to hide behind: its door does not turn
        (paid(A, *FIVE, fen=-500), {}, [A] * 5),
        (paid(A, *FIVE) + paid(A, 6, fen=-500), {}, [A] * 5 + [None]),  # a single door that turns back
        (paid(A, 1) + paid(A, 1, fen=-500), {}, [OTHERS, OTHERS]),  # entered and void: no door turns
        ([Move(None, "", 9_000, SUNDAY)], {}, [""]),
        ([*paid(A, *FIVE), Move(None, "", -2_500, SUNDAY)], {}, [A] * 5 + [""]),
        ([*paid(A, *FIVE), Move(None, "", -2_501, SUNDAY)], {}, [A] * 5 + [None]),  # paid out of what is not published
        ([Move(None, "", -2_501, SUNDAY), Move(None, "", -7, SUNDAY), *paid(A, *FIVE)], {}, [None, ""] + [A] * 5),
        ([Move(None, "", -9_000, LATE)], {}, [""]),  # a quarter on nothing is left that could cover it: so it is
        ([*paid(A, *FIVE), Move(None, "", -3, SUNDAY, tells=True)], {}, [A] * 5 + [""]),
        ([*paid(A, *FIVE), *paid(B, 11), Move(None, "", -3, SUNDAY, tells=True)], {}, [A] * 5 + [None, None]),
        ([*paid(A, *FIVE), Move(None, "", -3, BEFORE, tells=True), *paid(B, 11)], {}, [A] * 5 + ["", None]),
        (paid(A, *FIVE), {A: {*FIVE, 6}}, [OTHERS] * 5),  # named, it would leave one debtor
        (paid(A, *SIX), {A: set(SIX)}, [A] * 6),
        (paid(A, 1, 1, 2, 2, 2), {}, [None] * 5),  # five rows of two households
        (paid(A, *FIVE, 1) + paid(A, 1, fen=-500), {}, [A] * 7),  # paid twice, and the second went back
    ],
)
def test_rows_go_out_by_five_households_or_wait(
    moves: list[Move], unlisted: dict[str, set[int]], labels: list[str | None]
) -> None:
    assert let_out(moves, unlisted=unlisted, last=SUNDAY) == labels


OUTGOING = st.lists(st.integers(1, 4_000), max_size=3)


@given(st.lists(st.tuples(st.lists(st.integers(0, 19), max_size=9), OUTGOING), max_size=20))
def test_what_is_published_never_spends_more_than_it_holds_and_nothing_waits_for_good(
    weeks: list[tuple[list[int], list[int]]],
) -> None:
    """What leaves was there before it left; of what is published the same is true in every period."""
    waiting: list[Move] = []
    held = closing = 0
    for number, (homes, outgoing) in enumerate(weeks):
        last = SUNDAY + timedelta(weeks=number)
        waiting += [Move(home, A if home < 10 else B, 500, last) for home in homes]
        held += 500 * len(homes)
        for fen in outgoing:
            if fen <= held:
                held -= fen
                waiting.append(Move(None, "", -fen, last))
        labels = let_out(waiting, unlisted={}, last=last, opening_fen=closing)
        closing += sum(move.amount_fen for move, label in zip(waiting, labels, strict=True) if label is not None)
        assert closing >= 0
        waiting = [move for move, label in zip(waiting, labels, strict=True) if label is None]
        assert all(last - move.day < LONGEST_WAIT for move in waiting)


WEEKS = st.lists(st.lists(st.tuples(st.integers(0, 19), st.sampled_from([-300, 500, 800])), max_size=9), max_size=8)


@given(WEEKS)
def test_whoever_sees_a_door_turn_finds_five_rows_it_may_be(weeks: list[list[tuple[int, int]]]) -> None:
    """Homes 0–9 stand in 1栋, 10–19 in 2栋; the attacker knows all doors before and after each publication."""
    waiting: list[Move] = []
    unlisted = {A: set(range(10)), B: set(range(10, 20))}
    total, told = 0, 0
    for number, week in enumerate(weeks):
        last = SUNDAY + timedelta(weeks=number)
        waiting += [Move(home, A if home < 10 else B, fen, last) for home, fen in week]
        total += sum(fen for _, fen in week)
        labels = let_out(waiting, unlisted=unlisted, last=last)
        turned: dict[tuple[str, bool], set[int]] = defaultdict(set)
        nets = Counter[int]()
        for move, label in zip(waiting, labels, strict=True):
            assert move.home is not None
            if label is not None:
                nets[move.home] += move.amount_fen
                told += move.amount_fen
                unlisted[move.building].discard(move.home)
        for move, label in zip(waiting, labels, strict=True):
            if label is not None and move.home is not None and nets[move.home]:
                assert label in {move.building, OTHERS}
                turned[label, nets[move.home] > 0].add(move.home)
        assert all(len(homes) >= SMALLEST_GROUP for homes in turned.values())
        waiting = [move for move, label in zip(waiting, labels, strict=True) if label is None]
    assert told + sum(move.amount_fen for move in waiting) == total, "what is not told waits"


def test_a_household_counts_once_whatever_its_rows_are_published_under() -> None:
    rows = [(1, A, 500), (1, OTHERS, 300), (2, OTHERS, 500), (3, A, 500), (3, OTHERS, -500)]
    assert summed(rows) == [Group(A, 1, 1_000), Group(OTHERS, 1, 300), Group(WHOLE, 2, 1_300)]
    assert summed([(1, A, 500), (1, A, -500)]) == []


@pytest.mark.parametrize(
    ("paid_homes", "of", "text", "share"),
    [
        (0, 50, "0/50", "0.0%"),
        (45, 50, "45/50", "90.0%"),
        (46, 50, "45 以上/50", "90.0% 以上"),
        (49, 50, "45 以上/50", "90.0% 以上"),
        (50, 50, "50/50", "100.0%"),
        (51, 50, "51/50", "102.0%"),  # the base counts fewer than the register
        (2, 4, "0 以上/4", "0.0% 以上"),
        (0, 0, "0/0", "—"),
    ],
)
def test_one_to_four_who_are_left_are_not_counted_in_public(paid_homes: int, of: int, text: str, share: str) -> None:
    assert (Count(paid_homes, of).text, Count(paid_homes, of).share_text) == (text, share)


def test_doors_that_were_published_alone_turn_five_at_a_time() -> None:
    assert in_fives([3, 1, 4, 2]) == set()
    assert in_fives([3, 1, 4, 2, 9, 8]) == {3, 1, 4, 2, 9}
