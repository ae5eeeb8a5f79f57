"""Comparing two accounts: every line is matched or named, and the sums hold whatever was done to the bill."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.rules.reconcile import Difference, DifferenceKind, Fact, Item, Tally, compare, pair, states_agree
from payments.spool import in_order

PAYMENT = Item.PAYMENT.value


def paid(number: str, fen: int = 50_000, outside: str = "") -> Fact:
    return Fact(PAYMENT, number, fen, outside or f"42{number}", "SUCCESS")


def found(ours: list[Fact], theirs: list[Fact]) -> tuple[list[Difference], Tally]:
    tally = Tally()
    return list(compare(sorted(ours), sorted(theirs), tally)), tally


@pytest.mark.parametrize(
    ("ours", "theirs", "kinds"),
    [
        ([], [], []),
        ([paid("A")], [paid("A")], []),
        ([], [paid("A")], ["missing_here"]),
        ([paid("A")], [], ["missing_there"]),
        ([paid("A", 1)], [paid("A", 2)], ["amount"]),
        ([paid("A", outside="1")], [paid("A", outside="2")], ["state"]),
        ([paid("A")], [paid("A"), paid("A")], ["twice"]),
        ([paid("A"), paid("A")], [paid("A")], ["twice"]),
        ([paid("A", 5)], [paid("A", 7), paid("A", 5)], ["twice"]),
        ([], [paid("A"), paid("A")], ["missing_here", "twice"]),
        ([paid("A"), paid("C")], [paid("B"), paid("C")], ["missing_there", "missing_here"]),
    ],
)
def test_two_sides_agree_or_differ_in_a_named_way(ours: list[Fact], theirs: list[Fact], kinds: list[str]) -> None:
    assert [one.kind.value for one in found(ours, theirs)[0]] == kinds


def test_a_line_that_agrees_is_the_pair_even_beside_one_that_does_not() -> None:
    differences, tally = found([paid("A", 5)], [paid("A", 7), paid("A", 5)])
    assert tally.matched == 1
    assert [(one.theirs_fen, one.ours_fen) for one in differences] == [(7, None)]


@pytest.mark.parametrize(
    ("ours", "theirs", "agree"),
    [
        ("done", "SUCCESS", True),
        ("processing", "SUCCESS", False),
        ("done", "PROCESSING", True),
        ("processing", "PROCESSING", True),
        ("abnormal", "CHANGE", True),
        ("done", "FAIL", False),
        ("done", "anything", False),
    ],
)
def test_the_states_of_a_refund_go_together_or_not(ours: str, theirs: str, agree: bool) -> None:
    assert states_agree(Item.REFUND, ours, theirs) is agree
    here, there = Fact("refund", "R1", 5, "", ours), Fact("refund", "R1", 5, "", theirs)
    assert (pair(here, there) is None) is agree


def test_lines_out_of_order_are_a_fault_and_never_called_missing() -> None:
    with pytest.raises(ValueError, match="sorted"):
        list(compare([paid("B"), paid("A")], [], Tally()))


facts = st.builds(
    Fact,
    item=st.sampled_from(["payment", "refund"]),
    number=st.sampled_from([f"N{at}" for at in range(12)]),
    amount_fen=st.integers(1, 5),
    outside_id=st.sampled_from(["", "x", "y"]),
    state=st.sampled_from(["done", "processing", "SUCCESS", "FAIL"]),
)


@given(st.lists(facts, max_size=30), st.lists(facts, max_size=30))
def test_whatever_both_sides_say_every_line_is_accounted_for_and_the_sums_hold(
    ours: list[Fact], theirs: list[Fact]
) -> None:
    differences, tally = found(ours, theirs)
    for side, lines in (("ours", ours), ("theirs", theirs)):
        for item in ("payment", "refund"):
            mine = [line.amount_fen for line in lines if line.item == item]
            assert (tally.of(side, item).many, tally.of(side, item).fen) == (len(mine), sum(mine))
    gap = sum(line.amount_fen for line in theirs) - sum(line.amount_fen for line in ours)
    assert sum(one.effect_fen for one in differences) == gap
    here = tally.matched + sum(one.ours_fen is not None for one in differences)
    there = tally.matched + sum(one.theirs_fen is not None for one in differences)
    assert (here, there) == (len(ours), len(theirs))
    keys = Counter((one.item, one.number, one.kind, one.nth) for one in differences)
    assert not keys or max(keys.values()) == 1, "a difference is known again by these four"


@given(st.integers(0, 60), st.randoms(use_true_random=False), st.sets(st.integers(0, 59)), st.sets(st.integers(0, 59)))
def test_a_shuffled_bill_with_lines_dropped_and_doubled_is_classified_completely(
    many: int, chance: random.Random, dropped: set[int], doubled: set[int]
) -> None:
    ours = [paid(f"N{at:03}", at + 1) for at in range(many)]
    theirs = [line for at, line in enumerate(ours) if at not in dropped]
    theirs += [line for at, line in enumerate(ours) if at in doubled - dropped]
    chance.shuffle(theirs)
    differences = list(compare(in_order(ours, run=7), in_order(theirs, run=7), Tally()))
    by_kind = Counter(one.kind for one in differences)
    expected = Counter(
        {
            DifferenceKind.MISSING_THERE: len([at for at in dropped if at < many]),
            DifferenceKind.TWICE: len([at for at in doubled - dropped if at < many]),
        }
    )
    assert by_kind == +expected


@given(st.lists(facts, max_size=40), st.integers(1, 50))
def test_sorting_in_runs_is_sorting(lines: list[Fact], run: int) -> None:
    assert list(in_order(lines, run=run)) == sorted(lines)
