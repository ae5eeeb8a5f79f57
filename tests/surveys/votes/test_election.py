"""Approve up to k of n: ranks, seats, ties, alternates."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.votes.rules import catalogue, election
from surveys.votes.rules.election import Standing

RULE = catalogue.in_force("residents.group", date(2026, 11, 22))


def ballots(*texts: str) -> list[frozenset[str]]:
    return [frozenset(text) for text in texts]


def standings(outcome: election.ElectionOutcome) -> dict[str, Standing]:
    return {each.candidate: each.standing for each in outcome.candidates}


def test_those_with_most_votes_and_a_majority_take_the_seats_and_the_next_are_alternates() -> None:
    judged = election.outcome(RULE, "abcd", ballots("ab", "abc", "acd", "ab", "abc"), roll=8, seats=2, most=3)
    assert standings(judged) == {
        "a": Standing.ELECTED,
        "b": Standing.ELECTED,
        "c": Standing.ALTERNATE,
        "d": Standing.NOT_ELECTED,
    }
    assert [(each.candidate, each.votes, each.rank) for each in judged.candidates] == [
        ("a", 5, 1),
        ("b", 4, 2),
        ("c", 3, 3),
        ("d", 1, 4),
    ]
    assert judged.open_seats == 0


def test_without_more_than_half_of_the_households_nobody_is_elected() -> None:
    judged = election.outcome(RULE, "ab", ballots("a", "a", "ab"), roll=6, seats=1, most=2)
    assert not judged.valid
    assert judged.turnout_missing == 1
    assert set(standings(judged).values()) == {Standing.NOT_ELECTED}
    assert judged.open_seats == 1


def test_half_of_those_who_took_part_is_not_a_majority() -> None:
    judged = election.outcome(RULE, "ab", ballots("a", "a", "b", ""), roll=4, seats=2, most=2)
    assert set(standings(judged).values()) == {Standing.NOT_ELECTED}
    assert (judged.blank, judged.approval_needed) == (1, 3)


def test_a_tie_across_the_last_seat_is_reported_and_the_seat_stays_open() -> None:
    judged = election.outcome(RULE, "abcd", ballots("abc", "abc", "ab", "ac", "ad"), roll=5, seats=2, most=3)
    assert standings(judged) == {
        "a": Standing.ELECTED,
        "b": Standing.TIED,
        "c": Standing.TIED,
        "d": Standing.NOT_ELECTED,
    }
    assert judged.open_seats == 1
    assert [each.rank for each in judged.candidates] == [1, 2, 2, 4]


def test_a_tie_that_fits_the_seats_is_no_tie() -> None:
    judged = election.outcome(RULE, "abc", ballots("ab", "ab", "abc"), roll=3, seats=2, most=3)
    assert [each.candidate for each in judged.with_standing(Standing.ELECTED)] == ["a", "b"]
    assert judged.with_standing(Standing.TIED) == ()


def test_those_below_a_tie_are_alternates() -> None:
    judged = election.outcome(RULE, "abc", ballots("abc", "abc", "abc", "ab"), roll=4, seats=1, most=3)
    assert standings(judged) == {"a": Standing.TIED, "b": Standing.TIED, "c": Standing.ALTERNATE}


def test_a_ballot_with_too_many_names_never_reaches_the_count() -> None:
    with pytest.raises(ValueError):
        election.outcome(RULE, "abc", ballots("abc"), roll=3, seats=1, most=2)
    with pytest.raises(ValueError):
        election.outcome(RULE, "abc", ballots("x"), roll=3, seats=1, most=2)


NAMES = "abcdef"
cast = st.lists(st.sets(st.sampled_from(NAMES), max_size=3).map(frozenset), max_size=30)


@given(cast, st.integers(0, 20), st.integers(1, 6), st.randoms())
def test_the_order_of_ballots_and_nothing_else_is_free(
    votes: list[frozenset[str]], idle: int, seats: int, random: Random
) -> None:
    shuffled = list(votes)
    random.shuffle(shuffled)
    roll = len(votes) + idle
    one = election.outcome(RULE, NAMES, votes, roll=roll, seats=seats, most=3)
    assert one == election.outcome(RULE, NAMES, shuffled, roll=roll, seats=seats, most=3)


@given(cast, st.integers(0, 20), st.integers(1, 6))
def test_seats_are_never_oversold_and_the_elected_stand_above_everyone_else(
    votes: list[frozenset[str]], idle: int, seats: int
) -> None:
    judged = election.outcome(RULE, NAMES, votes, roll=len(votes) + idle, seats=seats, most=3)
    elected = judged.with_standing(Standing.ELECTED)
    tied = judged.with_standing(Standing.TIED)
    assert len(elected) + judged.open_seats == seats
    assert not tied or len(tied) > judged.open_seats > 0
    assert len({each.votes for each in tied}) <= 1
    others = [each for each in judged.candidates if each not in elected]
    assert all(one.votes > other.votes for one in elected for other in others if other.majority)
    assert all(each.majority for each in (*elected, *tied))
    assert sum(each.votes for each in judged.candidates) == sum(map(len, votes))
