"""Objections, corrections and amendments as rules: tables, and a property of the replay."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Conflict, Invalid
from surveys.votes.rules import roll_changes as rules
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.roll import Entry, Holder, LineKind, RollLine, Use
from surveys.votes.rules.roll_changes import ChangeKind, Effect, Override
from tests.surveys.votes.stories import NOW

ONE = RollLine(1, LineKind.OWNER, 1, 8_000, ("d1",), ("1栋101",), ("chen",))
TWO = RollLine(2, LineKind.OWNER, 1, 16_000, ("d2", "d3"), ("1栋102", "1栋201"), ("li",))
BUYER = [Holder("zhao")]


@pytest.mark.parametrize(
    ("state", "after", "code"),
    [
        (State.DRAFT, 0, "not-announced"),
        (State.PUBLISHED, -1, None),
        (State.PUBLISHED, 0, "objection-period-over"),
        (State.OPEN, -1, "objection-period-over"),
        (State.RESULT, 1, "objection-period-over"),
    ],
)
def test_objections_are_taken_until_the_instant_the_notice_names(state: State, after: int, code: str | None) -> None:
    now = NOW + timedelta(microseconds=after)
    if code is None:
        rules.may_object(state=state, opens_at=NOW, now=now)
        return
    with pytest.raises(Conflict) as refused:
        rules.may_object(state=state, opens_at=NOW, now=now)
    assert refused.value.code == code


def test_a_correction_lies_over_the_register_and_what_is_left_out_is_gone() -> None:
    entries = [Entry(name, name, 8_000, Use.HOME, ()) for name in ("a", "b", "c")]
    made = rules.corrected(entries, {"a": Override(area_dm2=7_999), "b": Override(left_out=True)})
    assert [(entry.dwelling, entry.area_dm2) for entry in made] == [("a", 7_999), ("c", 8_000)]


def test_the_buyer_of_a_flat_uses_its_line_when_the_seller_has_not() -> None:
    effect, lines = rules.transferred(ONE, "d1", 8_000, BUYER, used=False, next_number=3)
    assert effect is Effect.APPLIED
    assert lines == [RollLine(1, LineKind.OWNER, 1, 8_000, ("d1",), ("1栋101",), ("zhao",))]


def test_a_line_that_was_used_stands_whoever_owns_it_now() -> None:
    assert rules.transferred(ONE, "d1", 8_000, BUYER, used=True, next_number=3) == (Effect.STANDS, [])


def test_a_flat_sold_out_of_several_becomes_a_line_with_one_head() -> None:
    effect, lines = rules.transferred(TWO, "d3", 8_000, [*BUYER, Holder("qian")], used=False, next_number=3)
    assert effect is Effect.APPLIED
    assert lines == [
        RollLine(2, LineKind.OWNER, 1, 8_000, ("d2",), ("1栋102",), ("li",)),
        RollLine(3, LineKind.CO_OWNERS, 1, 8_000, ("d3",), ("1栋201",), ("qian", "zhao")),
    ]


def test_a_split_that_leaves_no_area_is_refused() -> None:
    with pytest.raises(Invalid):
        rules.transferred(TWO, "d3", 16_000, BUYER, used=False, next_number=3)


@pytest.mark.parametrize(
    ("holders", "kind"),
    [
        ([], LineKind.UNKNOWN_OWNER),
        ([Holder("a")], LineKind.OWNER),
        ([Holder("a", organisation=True)], LineKind.ORGANISATION),
        ([Holder("a"), Holder("b")], LineKind.CO_OWNERS),
    ],
)
def test_what_stands_behind_a_line_follows_from_its_owners(holders: list[Holder], kind: LineKind) -> None:
    assert rules.kind_of(holders) is kind


@pytest.mark.parametrize(("difference", "area"), [(1, 8_001), (-7_999, 1)])
def test_an_area_found_wrong_moves_its_line(difference: int, area: int) -> None:
    assert rules.measured(ONE, difference).area_dm2 == area


def test_no_line_is_measured_down_to_nothing() -> None:
    with pytest.raises(Invalid):
        rules.measured(ONE, -8_000)


@pytest.mark.parametrize(
    ("kind", "electorate", "frozen", "fits"),
    [
        (ChangeKind.AREA, Electorate.OWNERS, True, True),
        (ChangeKind.AREA, Electorate.RESIDENTS, False, False),
        (ChangeKind.SALE, Electorate.RESIDENTS, True, False),
        (ChangeKind.LEFT_OUT, Electorate.RESIDENTS, False, True),
        (ChangeKind.LEFT_OUT, Electorate.OWNERS, True, False),
        (ChangeKind.PUT_BACK, Electorate.OWNERS, False, True),
    ],
)
def test_which_changes_fit_which_roll(kind: ChangeKind, electorate: Electorate, frozen: bool, fits: bool) -> None:
    if fits:
        rules.must_fit(kind, electorate=electorate, frozen=frozen)
        assert kind in rules.kinds_for(electorate, frozen=frozen, left_out=kind is ChangeKind.PUT_BACK)
    else:
        with pytest.raises((Conflict, Invalid)):
            rules.must_fit(kind, electorate=electorate, frozen=frozen)


ROWS = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)).map(list), max_size=6)


@given(frozen=ROWS, amendments=st.lists(ROWS, max_size=4))
def test_replaying_gives_of_each_number_the_newest_row(
    frozen: list[list[int]], amendments: list[list[list[int]]]
) -> None:
    made = rules.replayed(frozen, amendments)
    assert [row[0] for row in made] == sorted({row[0] for rows in [frozen, *amendments] for row in rows})
    flat = [row for rows in [frozen, *amendments] for row in rows]
    assert all(row == [each for each in flat if each[0] == row[0]][-1] for row in made)
