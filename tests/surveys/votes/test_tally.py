"""The count against a second one, written on its own; silence; the counterfactual sheet."""

import itertools
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.votes.rules import catalogue, decision, deemed, election, tally
from surveys.votes.rules.bylaws import Silence
from surveys.votes.rules.catalogue import Measure
from surveys.votes.rules.decision import Choice
from surveys.votes.rules.deemed import Silent
from surveys.votes.rules.election import Approval
from surveys.votes.rules.tally import Body, Cast, Mark, Section
from tests.surveys.votes import second_tally as second

DAY = date(2026, 11, 22)
ORDINARY, SPECIAL, COMMITTEE, GROUP = (
    catalogue.in_force(matter, DAY)
    for matter in ("owners.other", "owners.scheme", "owners.committee_members", "residents.group")
)
# A busy machine is slow at drawing, too; that is no finding.
BUSY = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
areas = st.integers(1, 30_000)
answered = st.tuples(st.sampled_from(Choice), areas, st.frozensets(st.sampled_from(Mark)))


def casts_of(cast: list[tuple[Choice, int, frozenset[Mark]]]) -> list[Cast]:
    return [Cast({"m": choice}, 1, area, marks) for choice, area, marks in cast]


def lines_of(casts: list[Cast]) -> list[tuple[str, second.Line]]:
    return [(str(cast.answers["m"]), (cast.heads, cast.area_dm2)) for cast in casts]


@BUSY
@given(st.lists(answered, max_size=30), st.lists(areas, max_size=15), st.booleans())
def test_a_motion_is_carried_as_the_second_tally_says(cast: Any, idle: list[int], special: bool) -> None:
    casts = casts_of(cast)
    roll = [(each.heads, each.area_dm2) for each in casts] + [(1, area) for area in idle]
    body = Body(len(roll), sum(area for _, area in roll))
    judged = tally.judge(Section("m", SPECIAL if special else ORDINARY), casts, body)
    assert judged["carried"] is second.owners_carry(roll, lines_of(casts), special=special)


@BUSY
@given(st.lists(answered, max_size=25), st.lists(areas, max_size=15), st.data())
def test_silence_joins_the_majority_exactly_and_both_outcomes_are_stated(cast: Any, idle: list[int], data: Any) -> None:
    casts = casts_of(cast)
    delivered = idle[: data.draw(st.integers(0, len(idle)))]
    roll = [(each.heads, each.area_dm2) for each in casts] + [(1, area) for area in idle]
    body = Body(len(roll), sum(area for _, area in roll))
    silence = Silent(Silence.MAJORITY, len(delivered), len(delivered), sum(delivered))
    judged = tally.judge(Section("m", ORDINARY), casts, body, silence)
    joins = second.leading(lines_of(casts))
    assert judged["deemed"]["joins"] == joins
    heard = lines_of(casts) + [(joins, (1, area)) for area in delivered if joins]
    assert judged["carried_cast"] is second.owners_carry(roll, lines_of(casts), special=False)
    assert judged["carried"] is second.owners_carry(roll, heard, special=False)
    assert judged["measures"] == tally.judge(Section("m", ORDINARY), casts, body)["measures"], "what was cast stays"
    for row, column in zip(judged["deemed"]["measures"], (0, 1), strict=True):
        for word in ("approve", "against", "abstain"):
            assert row[word] == sum(line[column] for answer, line in heard if answer == word)


def counts(approve: int, against: int, abstain: int, area: tuple[int, int, int] | None = None) -> Any:
    heads = decision.Count(100, approve, against, abstain)
    return {Measure.HEADS: heads, Measure.AREA: decision.Count(100, *area) if area else heads}


@pytest.mark.parametrize(
    ("cast", "joins"),
    [
        (counts(5, 3, 1), Choice.APPROVE),
        (counts(3, 5, 1), Choice.AGAINST),
        (counts(1, 2, 6), Choice.ABSTAIN),
        (counts(5, 5, 1), None),
        (counts(0, 0, 0), None),
        (counts(5, 3, 1, (30, 40, 2)), None),
        (counts(5, 3, 1, (40, 40, 2)), None),
    ],
)
def test_silence_joins_only_what_leads_in_heads_and_in_area(cast: Any, joins: Choice | None) -> None:
    assert deemed.joined(ORDINARY, cast, Silence.MAJORITY) is joins
    assert deemed.joined(ORDINARY, cast, Silence.TOOK_PART) is Choice.ABSTAIN


def test_silence_that_only_takes_part_can_meet_the_turnout_and_agrees_with_nobody() -> None:
    casts = casts_of([(Choice.APPROVE, 100, frozenset())] * 5)
    body = Body(12, 1200)
    silence = Silent(Silence.TOOK_PART, 4, 4, 400)
    judged = tally.judge(Section("m", ORDINARY), casts, body, silence)
    assert (judged["carried_cast"], judged["carried"]) == (False, True)
    assert [row["abstain"] for row in judged["deemed"]["measures"]] == [4, 400]


def test_more_deemed_than_silent_is_refused() -> None:
    casts = casts_of([(Choice.APPROVE, 100, frozenset())] * 5)
    with pytest.raises(ValueError):
        tally.judge(Section("m", ORDINARY), casts, Body(6, 600), Silent(Silence.MAJORITY, 2, 2, 200))


def test_all_patterns_of_ties_end_as_the_second_tally_says() -> None:
    names, households = "abcd", 3
    for votes in itertools.product(range(households + 1), repeat=len(names)):
        cast = [
            Approval(frozenset(name for name, number in zip(names, votes, strict=True) if number > household))
            for household in range(households)
        ]
        merit = {name: (number,) for name, number in zip(names, votes, strict=True)}
        passed = [name for name in names if merit[name][0] >= 2]
        for seats, alternates in itertools.product(range(1, 5), (None, 0, 1, 2)):
            judged = election.outcome(
                GROUP, names, cast, roll={Measure.HEADS: households}, seats=seats, most=4, alternates=alternates
            )
            ends = second.seats_of(merit, passed, seats=seats, alternates=alternates)
            assert {each.candidate: str(each.standing) for each in judged.candidates} == ends, (
                votes,
                seats,
                alternates,
            )


ticked = st.tuples(st.frozensets(st.sampled_from("abcdef")), areas)


@BUSY
@given(
    st.lists(ticked, max_size=20),
    st.lists(areas, max_size=10),
    st.booleans(),
    st.integers(1, 6),
    st.integers(1, 6),
    st.one_of(st.none(), st.integers(0, 3)),
    st.frozensets(st.sampled_from("abcdef"), max_size=1),
)
def test_an_election_of_k_of_n_ends_as_the_second_tally_says(
    cast: Any, idle: list[int], owners: bool, seats: int, most: int, alternates: int | None, withdrawn: frozenset[str]
) -> None:
    lines = [(names, (1, area)) for names, area in cast]
    roll = [line for _, line in lines] + [(1, area) for area in idle]
    valid, votes, ends = second.election(
        "abcdef", roll, lines, owners=owners, seats=seats, most=most, alternates=alternates, withdrawn=withdrawn
    )
    judged = election.outcome(
        COMMITTEE if owners else GROUP,
        "abcdef",
        [Approval(names, *line) for names, line in lines],
        roll={Measure.HEADS: len(roll), Measure.AREA: sum(area for _, area in roll)},
        seats=seats,
        most=most,
        alternates=alternates,
        withdrawn=withdrawn,
    )
    assert judged.valid is valid
    assert {each.candidate: (each.votes, each.area_dm2) for each in judged.candidates} == votes
    assert {each.candidate: str(each.standing) for each in judged.candidates} == ends


# --------------------------------------------------------------------------------------------- the counterfactual sheet


def sheet(casts: list[Cast], heads: int, silence: Silent | None = None) -> dict[str, dict[str, Any]]:
    found = tally.counterfactual(Section("m", ORDINARY), casts, Body(heads, heads * 100), silence)
    return {each["without"]: each for each in found}


def vote(choice: Choice, times: int, *marks: Mark) -> list[Cast]:
    return [Cast({"m": choice}, 1, 100, frozenset(marks))] * times


def test_a_vote_nothing_can_be_said_against_has_no_sheet() -> None:
    assert sheet(vote(Choice.APPROVE, 10), 12) == {}


def test_a_result_that_hangs_on_proxies_is_flagged() -> None:
    casts = vote(Choice.APPROVE, 4) + vote(Choice.AGAINST, 5) + vote(Choice.APPROVE, 6, Mark.PROXY)
    found = sheet(casts, 15)
    assert set(found) == {"proxy"}
    assert found["proxy"] | {"measures": 0} == {
        "motion": "m",
        "without": "proxy",
        "ballots": 6,
        "flips": True,
        "carried": False,
        "measures": 0,
    }
    assert [row["took_part"] for row in found["proxy"]["measures"]] == [9, 900]


def test_sums_that_would_tell_of_fewer_than_five_ballots_are_withheld_the_verdict_is_not() -> None:
    casts = vote(Choice.APPROVE, 10) + vote(Choice.AGAINST, 4, Mark.PAPER)
    assert sheet(casts, 14)["paper"]["measures"] is None
    assert sheet(casts, 14)["paper"]["flips"] is False
    # six on paper, of whom five by proxy: the difference would tell of one
    casts = (
        vote(Choice.APPROVE, 10) + vote(Choice.AGAINST, 5, Mark.PAPER, Mark.PROXY) + vote(Choice.ABSTAIN, 1, Mark.PAPER)
    )
    found = sheet(casts, 16)
    assert [found[kind]["measures"] is None for kind in ("proxy", "paper", "all")] == [False, True, True]


def test_all_kinds_together_are_judged_too_and_their_sums_stand_where_they_say_nothing_new() -> None:
    casts = vote(Choice.APPROVE, 12) + vote(Choice.AGAINST, 5, Mark.PAPER) + vote(Choice.AGAINST, 5, Mark.PROXY)
    found = sheet(casts, 22)
    assert list(found) == ["proxy", "paper", "all"]
    assert [row["took_part"] for row in found["all"]["measures"]] == [12, 1200]
    assert found["all"]["flips"] is True, "twelve of twenty-two are not two thirds"


def test_deemed_votes_are_a_scenario_of_their_own() -> None:
    silence = Silent(Silence.MAJORITY, 6, 6, 600)
    found = sheet(vote(Choice.APPROVE, 10), 20, silence)
    assert (found["deemed"]["carried"], found["deemed"]["flips"]) == (False, True)


def test_an_election_that_elects_others_without_paper_is_flagged() -> None:
    section = Section("m", GROUP, candidates=("a", "b"), seats=1, most=2)
    casts = [Cast({"m": frozenset("a")}, 1, 0)] * 4 + [Cast({"m": frozenset("b")}, 1, 0, frozenset({Mark.PAPER}))] * 5
    (found,) = tally.counterfactual(section, casts, Body(9, 0))
    assert found | {"measures": 0} == {
        "motion": "m",
        "without": "paper",
        "ballots": 5,
        "flips": True,
        "elected": [],
        "measures": 0,
    }


@BUSY
@given(st.lists(answered, max_size=30), st.integers(0, 10))
def test_no_two_sums_on_the_sheet_differ_by_fewer_than_five_ballots(cast: Any, idle: int) -> None:
    casts = casts_of(cast)
    body = Body(len(casts) + idle, sum(each.area_dm2 for each in casts) + idle * 50)
    shown = [{*range(len(casts))}]
    for row in tally.counterfactual(Section("m", ORDINARY), casts, body):
        struck = {
            place
            for place, each in enumerate(casts)
            if (each.marks if row["without"] == "all" else row["without"] in each.marks)
        }
        left = [each for place, each in enumerate(casts) if place not in struck]
        assert row["ballots"] == len(struck)
        roll = [(1, 0)] * body.heads
        assert row["carried"] is second.owners_carry([*roll, (0, body.area_dm2)], lines_of(left), special=False)
        if row["measures"] is not None:
            shown.append({*range(len(casts))} - struck)
    for one, other in itertools.combinations(shown, 2):
        assert not (one < other) or len(other - one) >= tally.FEWEST
