"""Approve up to k of n: ranks, seats, ties, alternates."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.votes.rules import catalogue, election
from surveys.votes.rules.catalogue import Measure
from surveys.votes.rules.election import Approval, Standing

RULE = catalogue.in_force("residents.group", date(2026, 11, 22))


def ballots(*texts: str) -> list[Approval]:
    return [Approval(frozenset(text)) for text in texts]


def judge(candidates, cast, *, roll: int, **more):
    """By the residents' rule, on a roll of so many households."""
    return election.outcome(RULE, candidates, cast, roll={Measure.HEADS: roll}, **more)


def standings(outcome: election.ElectionOutcome) -> dict[str, Standing]:
    return {each.candidate: each.standing for each in outcome.candidates}


def test_those_with_most_votes_and_a_majority_take_the_seats_and_the_next_are_alternates() -> None:
    judged = judge("abcd", ballots("ab", "abc", "acd", "ab", "abc"), roll=8, seats=2, most=3)
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
    judged = judge("ab", ballots("a", "a", "ab"), roll=6, seats=1, most=2)
    assert not judged.valid
    assert judged.turnout_missing == 1
    assert set(standings(judged).values()) == {Standing.NOT_ELECTED}
    assert judged.open_seats == 1


def test_half_of_those_who_took_part_is_not_a_majority() -> None:
    judged = judge("ab", ballots("a", "a", "b", ""), roll=4, seats=2, most=2)
    assert set(standings(judged).values()) == {Standing.NOT_ELECTED}
    assert (judged.measures[0].blank, judged.measures[0].approval_needed) == (1, 3)


def test_a_tie_across_the_last_seat_is_reported_and_the_seat_stays_open() -> None:
    judged = judge("abcd", ballots("abc", "abc", "ab", "ac", "ad"), roll=5, seats=2, most=3)
    assert standings(judged) == {
        "a": Standing.ELECTED,
        "b": Standing.TIED,
        "c": Standing.TIED,
        "d": Standing.NOT_ELECTED,
    }
    assert judged.open_seats == 1
    assert [each.rank for each in judged.candidates] == [1, 2, 2, 4]


def test_a_tie_that_fits_the_seats_is_no_tie() -> None:
    judged = judge("abc", ballots("ab", "ab", "abc"), roll=3, seats=2, most=3)
    assert [each.candidate for each in judged.with_standing(Standing.ELECTED)] == ["a", "b"]
    assert judged.with_standing(Standing.TIED) == ()


def test_those_below_a_tie_are_alternates() -> None:
    judged = judge("abc", ballots("abc", "abc", "abc", "ab"), roll=4, seats=1, most=3)
    assert standings(judged) == {"a": Standing.TIED, "b": Standing.TIED, "c": Standing.ALTERNATE}


def test_too_many_names_make_the_section_invalid_it_takes_part_and_approves_nobody() -> None:
    judged = judge("abc", ballots("abc", "ab", "a"), roll=3, seats=1, most=2)
    (heads,) = judged.measures
    assert (heads.took_part, heads.blank, heads.invalid) == (3, 0, 1)
    assert [(each.candidate, each.votes) for each in judged.candidates] == [("a", 2), ("b", 1), ("c", 0)]


def test_an_unknown_name_or_more_ballots_than_households_never_reach_the_count() -> None:
    with pytest.raises(ValueError):
        judge("abc", ballots("x"), roll=3, seats=1, most=2)
    with pytest.raises(ValueError):
        judge("abc", ballots("a", "a"), roll=1, seats=1, most=2)


def test_votes_for_somebody_who_withdrew_are_void_and_the_name_stays() -> None:
    judged = judge("ab", ballots("ab", "a", "ab"), roll=3, seats=1, most=2, withdrawn=("a",))
    assert standings(judged) == {"a": Standing.WITHDRAWN, "b": Standing.ELECTED}
    assert [(each.candidate, each.votes) for each in judged.candidates] == [("b", 2), ("a", 0)]


def test_alternates_have_their_number_of_places_and_losers_of_a_tie_come_first() -> None:
    cast = ballots("abcd", "abcd", "abcd", "abc", "ab")
    judged = judge("abcd", cast, roll=5, seats=1, most=4, alternates=1)
    assert standings(judged) == {
        "a": Standing.TIED,
        "b": Standing.TIED,
        "c": Standing.NOT_ELECTED,
        "d": Standing.NOT_ELECTED,
    }
    drawn = judge("abcd", cast, roll=5, seats=1, most=4, alternates=1, lots=[("b", "a")])
    assert standings(drawn)["b"] is Standing.ELECTED
    assert standings(drawn)["a"] is Standing.ALTERNATE
    assert [each.candidate for each in drawn.candidates][:2] == ["b", "a"]


def test_a_tie_for_the_last_place_of_alternates_is_reported() -> None:
    judged = judge("abc", ballots("abc", "abc", "a"), roll=3, seats=1, most=3, alternates=1)
    assert standings(judged)["b"] is standings(judged)["c"] is Standing.ALTERNATE_TIED
    drawn = judge("abc", ballots("abc", "abc", "a"), roll=3, seats=1, most=3, alternates=1, lots=[("c", "b")])
    assert standings(drawn) == {"a": Standing.ELECTED, "c": Standing.ALTERNATE, "b": Standing.NOT_ELECTED}


COMMITTEE = catalogue.in_force("owners.committee_members", date(2026, 11, 22))


def test_an_owners_committee_needs_heads_and_area_for_every_candidate() -> None:
    # three small owners and one who owns more than half of the area
    cast = [
        Approval(frozenset("ab"), 1, 100),
        Approval(frozenset("ab"), 1, 100),
        Approval(frozenset("a"), 1, 100),
        Approval(frozenset("bc"), 1, 400),
    ]
    roll = {Measure.HEADS: 4, Measure.AREA: 700}
    judged = election.outcome(COMMITTEE, "abc", cast, roll=roll, seats=3, most=3)
    assert {each.candidate: (each.votes, each.area_dm2, each.majority) for each in judged.candidates} == {
        "a": (3, 300, False),
        "b": (3, 600, True),
        "c": (1, 400, False),
    }
    assert [each.candidate for each in judged.candidates] == ["b", "a", "c"], "equal heads rank by area"
    assert judged.open_seats == 2
    assert [part.measure for part in judged.measures] == [Measure.HEADS, Measure.AREA]
    too_few = election.outcome(COMMITTEE, "abc", cast[:3], roll=roll, seats=3, most=3)
    assert not too_few.valid, "three of four heads took part, but not two thirds of the area"


NAMES = "abcdef"
cast = st.lists(st.sets(st.sampled_from(NAMES), max_size=3).map(frozenset).map(Approval), max_size=30)


@given(cast, st.integers(0, 20), st.integers(1, 6), st.randoms())
def test_the_order_of_ballots_and_nothing_else_is_free(
    votes: list[Approval], idle: int, seats: int, random: Random
) -> None:
    shuffled = list(votes)
    random.shuffle(shuffled)
    roll = len(votes) + idle
    one = judge(NAMES, votes, roll=roll, seats=seats, most=3)
    assert one == judge(NAMES, shuffled, roll=roll, seats=seats, most=3)


@given(cast, st.integers(0, 20), st.integers(1, 6))
def test_seats_are_never_oversold_and_the_elected_stand_above_everyone_else(
    votes: list[Approval], idle: int, seats: int
) -> None:
    judged = judge(NAMES, votes, roll=len(votes) + idle, seats=seats, most=3)
    elected = judged.with_standing(Standing.ELECTED)
    tied = judged.with_standing(Standing.TIED)
    assert len(elected) + judged.open_seats == seats
    assert not tied or len(tied) > judged.open_seats > 0
    assert len({each.votes for each in tied}) <= 1
    others = [each for each in judged.candidates if each not in elected]
    assert all(one.votes > other.votes for one in elected for other in others if other.majority)
    assert all(each.majority for each in (*elected, *tied))
    assert sum(each.votes for each in judged.candidates) == sum(len(each.names) for each in votes)
