"""民法典 §278 in integers: tables of real electorates, boundaries, and properties."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.votes.rules import catalogue, decision
from surveys.votes.rules.catalogue import Measure
from surveys.votes.rules.decision import Choice, Count, Weighted

ORDINARY = catalogue.in_force("owners.other", date(2026, 11, 22))
SPECIAL = catalogue.in_force("owners.scheme", date(2026, 11, 22))


@pytest.mark.parametrize(
    ("owners", "turnout", "ordinary", "special"),
    [(16, 11, 6, 9), (25, 17, 9, 13), (53, 36, 19, 27), (144, 96, 49, 72), (280, 187, 94, 141)],
)
def test_the_smallest_passing_numbers_of_real_guangdong_electorates(
    owners: int, turnout: int, ordinary: int, special: int
) -> None:
    assert decision.needed(ORDINARY, owners) == decision.Needed(turnout, ordinary)
    assert decision.needed(SPECIAL, owners) == decision.Needed(turnout, special)


@pytest.mark.parametrize(
    ("area_dm2", "turnout", "ordinary", "special"),
    [
        (308_656, 205_771, 102_886, 154_329),
        (301_125, 200_750, 100_376, 150_563),
        (536_963, 357_976, 178_989, 268_482),
        (1_276_976, 851_318, 425_660, 638_489),
        (2_483_857, 1_655_905, 827_953, 1_241_929),
    ],
)
def test_the_smallest_passing_areas_of_the_same_electorates(
    area_dm2: int, turnout: int, ordinary: int, special: int
) -> None:
    assert decision.needed(ORDINARY, area_dm2) == decision.Needed(turnout, ordinary)
    assert decision.needed(SPECIAL, area_dm2) == decision.Needed(turnout, special)


def same(roll: int, approve: int, against: int, abstain: int = 0) -> dict[Measure, Count]:
    """The same numbers for heads and for area."""
    count = Count(roll, approve, against, abstain)
    return {Measure.HEADS: count, Measure.AREA: count}


@pytest.mark.parametrize(
    ("approve", "ordinary", "special"), [(4, False, False), (5, True, False), (6, True, True), (8, True, True)]
)
def test_twelve_owners_of_whom_exactly_eight_take_part(approve: int, ordinary: bool, special: bool) -> None:
    counts = same(12, approve, 8 - approve)
    assert decision.outcome(ORDINARY, counts).carried is ordinary
    assert decision.outcome(SPECIAL, counts).carried is special


def test_one_short_of_two_thirds_is_lost_however_unanimous() -> None:
    judged = decision.outcome(ORDINARY, same(12, 7, 0))
    heads = judged.of(Measure.HEADS)
    assert heads is not None
    assert not judged.carried
    assert (heads.turnout_met, heads.turnout_missing, heads.approval_missing) == (False, 1, 0)


def test_heads_may_pass_while_area_fails_and_the_reverse() -> None:
    passing, failing = Count(12, 6, 2, 0), Count(120_000, 40_000, 45_000, 0)
    by_area = decision.outcome(ORDINARY, {Measure.HEADS: passing, Measure.AREA: failing})
    assert not by_area.carried
    assert [part.passed for part in by_area.measures] == [True, False]
    missing = by_area.of(Measure.AREA)
    assert missing is not None
    assert (missing.approval_needed, missing.approval_missing) == (42_501, 2_501)

    by_heads = decision.outcome(
        ORDINARY, {Measure.HEADS: Count(12, 4, 4, 0), Measure.AREA: Count(120_000, 60_000, 25_000, 0)}
    )
    assert [part.passed for part in by_heads.measures] == [False, True]


def test_an_abstention_takes_part_and_does_not_agree() -> None:
    assert not decision.outcome(ORDINARY, same(12, 4, 0, 4)).carried
    assert decision.outcome(ORDINARY, same(12, 5, 0, 4)).carried


def test_nobody_taking_part_carries_nothing_not_even_three_quarters_of_nothing() -> None:
    assert not decision.outcome(SPECIAL, same(12, 0, 0)).carried
    assert not decision.outcome(SPECIAL, same(0, 0, 0)).carried


def test_a_residents_decision_counts_households_only() -> None:
    rule = catalogue.in_force("residents.decision", date(2026, 11, 22))
    judged = decision.outcome(rule, {Measure.HEADS: Count(10, 4, 2, 0), Measure.AREA: Count(0, 0, 0, 0)})
    assert judged.carried
    assert judged.of(Measure.AREA) is None
    assert not decision.outcome(rule, same(10, 5, 0)).carried, "half is not more than half"


def test_sums_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError):
        Count(3, 2, 2, 0)


answers = st.lists(st.builds(Weighted, st.sampled_from(Choice), st.just(1), st.integers(1, 30_000)), max_size=60)


@given(answers, st.integers(0, 40), st.integers(0, 900_000), st.randoms())
def test_the_order_of_ballots_does_not_matter(cast: list[Weighted], idle: int, idle_area: int, random: Random) -> None:
    heads, area = len(cast) + idle, sum(each.area_dm2 for each in cast) + idle_area
    shuffled = list(cast)
    random.shuffle(shuffled)
    assert decision.count(cast, heads=heads, area_dm2=area) == decision.count(shuffled, heads=heads, area_dm2=area)


@given(st.sampled_from([ORDINARY, SPECIAL]), answers, st.integers(1, 40), st.integers(1, 30_000))
def test_one_more_agreeing_owner_never_loses_a_carried_motion(
    rule: catalogue.Rule, cast: list[Weighted], idle: int, each_area: int
) -> None:
    heads, area = len(cast) + idle, sum(each.area_dm2 for each in cast) + idle * each_area
    before = decision.outcome(rule, decision.count(cast, heads=heads, area_dm2=area))
    more = [*cast, Weighted(Choice.APPROVE, 1, each_area)]
    after = decision.outcome(rule, decision.count(more, heads=heads, area_dm2=area))
    assert after.carried or not before.carried


@given(st.sampled_from([ORDINARY, SPECIAL]), st.integers(1, 10**9))
def test_the_numbers_on_the_notice_pass_and_one_less_of_either_does_not(rule: catalogue.Rule, roll: int) -> None:
    least = decision.needed(rule, roll)
    assert decision.outcome(rule, same(roll, least.approval, least.turnout - least.approval)).carried
    fewer = least.turnout - 1
    assert not decision.outcome(rule, same(roll, fewer, 0)).carried
    assert not decision.outcome(rule, same(roll, least.approval - 1, least.turnout - least.approval + 1)).carried


@given(st.sampled_from([ORDINARY, SPECIAL]), st.integers(1, 5_000), st.data())
def test_what_is_reported_missing_is_exactly_what_is_missing(
    rule: catalogue.Rule, roll: int, data: st.DataObject
) -> None:
    took_part = data.draw(st.integers(0, roll))
    approve = data.draw(st.integers(0, took_part))
    part = decision.outcome(rule, same(roll, approve, took_part - approve)).measures[0]
    assert part.turnout_met is (part.turnout_missing == 0)
    assert part.approval_met is (part.approval_missing == 0)
    if part.turnout_missing:
        assert rule.turnout.met(took_part + part.turnout_missing, roll)
        assert not rule.turnout.met(took_part + part.turnout_missing - 1, roll)
