"""Who stands on a roll, and the hash it is frozen with."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from surveys.votes.rules import roll
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.roll import Claim, Entry, HeadcountMode, Holder, LineKind, Use


def home(number: int, *people: str, area: int | None = 8_000, use: Use = Use.HOME, organisation: bool = False) -> Entry:
    return Entry(f"d{number}", f"1栋{number}", area, use, tuple(Holder(person, organisation) for person in people))


def owners_roll(*entries: Entry, **settings: Any) -> list[tuple[LineKind, int, int, tuple[str, ...]]]:
    lines = roll.build(entries, Electorate.OWNERS, **settings)
    return [(line.kind, line.heads, line.area_dm2, line.dwellings) for line in lines]


def test_one_owner_with_three_flats_is_one_line_one_head_and_the_whole_area() -> None:
    assert owners_roll(home(1, "chen", area=5_000), home(2, "li"), home(3, "chen", area=7_055), home(4, "chen")) == [
        (LineKind.OWNER, 1, 20_055, ("d1", "d3", "d4")),
        (LineKind.OWNER, 1, 8_000, ("d2",)),
    ]


def test_an_owning_organisation_with_twelve_flats_is_one_line() -> None:
    flats = [home(number, "factory", organisation=True) for number in range(12)]
    ((kind, heads, area, dwellings),) = owners_roll(*flats)
    assert (kind, heads, area, len(dwellings)) == (LineKind.ORGANISATION, 1, 96_000, 12)


def test_co_owners_have_one_line_a_flat() -> None:
    assert owners_roll(home(1, "chen", "wu"), home(2, "wu", "chen"), home(3, "chen")) == [
        (LineKind.CO_OWNERS, 1, 8_000, ("d1",)),
        (LineKind.CO_OWNERS, 1, 8_000, ("d2",)),
        (LineKind.OWNER, 1, 8_000, ("d3",)),
    ]


def test_a_flat_whose_owner_is_not_known_stays_in_the_denominators() -> None:
    assert owners_roll(home(1), home(2, "li")) == [
        (LineKind.UNKNOWN_OWNER, 1, 8_000, ("d1",)),
        (LineKind.OWNER, 1, 8_000, ("d2",)),
    ]


def test_heads_may_be_counted_by_flat_when_the_notice_says_so() -> None:
    lines = owners_roll(home(1, "chen"), home(2, "chen"), headcount=HeadcountMode.BY_DWELLING)
    assert [dwellings for *_, dwellings in lines] == [("d1",), ("d2",)]


def test_parking_counts_only_by_switch() -> None:
    entries = home(1, "chen"), home(2, "chen", area=1_200, use=Use.PARKING)
    assert owners_roll(*entries) == [(LineKind.OWNER, 1, 8_000, ("d1",))]
    assert owners_roll(*entries, include_parking=True) == [(LineKind.OWNER, 1, 9_200, ("d1", "d2"))]


def test_residents_have_one_representative_a_household_whoever_owns() -> None:
    entries = home(1, "chen"), home(2, "chen"), home(3), home(4, "shop", use=Use.SHOP)
    lines = roll.build(entries, Electorate.RESIDENTS)
    assert [(line.kind, line.heads, line.dwellings) for line in lines] == [
        (LineKind.HOUSEHOLD, 1, ("d1",)),
        (LineKind.HOUSEHOLD, 1, ("d2",)),
        (LineKind.HOUSEHOLD, 1, ("d3",)),
    ]


def test_an_owners_roll_without_areas_names_the_flats_that_lack_one() -> None:
    with pytest.raises(Invalid) as refused:
        owners_roll(home(1, "chen"), home(2, "li", area=None))
    assert "1栋2" in refused.value.detail
    assert roll.build([home(2, area=None)], Electorate.RESIDENTS), "households need none"


def test_an_empty_roll_is_refused() -> None:
    with pytest.raises(Invalid):
        roll.build([], Electorate.RESIDENTS)


def test_a_body_of_fewer_than_twenty_dwellings_is_small() -> None:
    assert roll.totals(roll.build([home(n) for n in range(19)], Electorate.RESIDENTS)).small
    assert not roll.totals(roll.build([home(n) for n in range(20)], Electorate.RESIDENTS)).small


entries = st.lists(
    st.builds(
        lambda number, people, area: home(number, *people, area=area),
        st.integers(1, 400),
        st.sets(st.sampled_from(["chen", "li", "wu", "zhao"]), max_size=3),
        st.integers(1, 30_000),
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda entry: entry.dwelling,
)


# A busy machine is no fault of the roll.
@given(entries, st.sampled_from(HeadcountMode))
def test_every_flat_stands_on_exactly_one_line_and_no_area_is_lost(register: list[Entry], mode: HeadcountMode) -> None:
    lines = roll.build(register, Electorate.OWNERS, headcount=mode)
    on_it = [dwelling for line in lines for dwelling in line.dwellings]
    assert sorted(on_it) == sorted(entry.dwelling for entry in register)
    assert roll.totals(lines).area_dm2 == sum(entry.area_dm2 or 0 for entry in register)
    sole = [entry.holders[0].person for entry in register if len(entry.holders) == 1]
    others = sum(len(entry.holders) != 1 for entry in register)
    expected = len(set(sole)) if mode is HeadcountMode.BY_OWNER else len(sole)
    assert roll.totals(lines).heads == expected + others


@given(entries, st.randoms())
def test_the_hash_does_not_depend_on_the_order_lines_are_read_back_in(register: list[Entry], random: Random) -> None:
    lines = list(roll.build(register, Electorate.OWNERS))
    frozen = roll.roll_hash("vote", lines)
    random.shuffle(lines)
    assert roll.roll_hash("vote", lines) == frozen
    assert roll.roll_hash("another vote", lines) != frozen


def test_the_hash_changes_with_any_value_of_any_line() -> None:
    lines = roll.build([home(1, "chen"), home(2, "li")], Electorate.OWNERS)
    frozen = roll.roll_hash("vote", lines)
    first, second = lines
    for changed in (
        replace(second, area_dm2=8_001),
        replace(second, heads=2),
        replace(second, holders=("wu",)),
        replace(second, labels=("1栋3",)),
        replace(second, dwellings=("d9",)),
        replace(second, kind=LineKind.ORGANISATION),
    ):
        assert roll.roll_hash("vote", [first, changed]) != frozen


def test_the_canonical_roll_names_nobody() -> None:
    lines = roll.build([home(1, "chen-random-id")], Electorate.OWNERS)
    text = roll.canonical("vote", lines).decode()
    assert "chen-random-id" not in text
    assert roll.commitment("vote", "chen-random-id") in text


OWNERS_LINE, *_ = roll.build([home(1, "chen")], Electorate.OWNERS)
HOUSEHOLD, *_ = roll.build([home(1, "chen")], Electorate.RESIDENTS)


def test_the_owner_proved_at_level_two_may_use_the_line() -> None:
    claim = Claim("d1", 2, "self", "chen")
    assert roll.must_be_on_it(OWNERS_LINE, [claim], Electorate.OWNERS) is claim


@pytest.mark.parametrize(
    ("claim", "error", "code"),
    [
        (Claim("d2", 2, "self", "li"), NotFound, "no-such-line"),
        (Claim("d1", 2, "neighbour", None), NotFound, "no-such-line"),
        (Claim("d1", 1, "self", "chen"), NotAllowed, "verify-first"),
        (Claim("d1", 2, "tenant", "tenant"), NotAllowed, "owners-only"),
        (Claim("d1", 2, "family", None), NotAllowed, "proxy-needed"),
        (Claim("d1", 2, "family", "chen"), NotAllowed, "proxy-needed"),
        (Claim("d1", 2, "self", None), NotAllowed, "owners-only"),
        (Claim("d2", 2, "self", None), NotFound, "no-such-line"),
    ],
)
def test_everybody_else_is_told_why_not(claim: Claim, error: type[DomainError], code: str) -> None:
    with pytest.raises(error) as refused:
        roll.must_be_on_it(OWNERS_LINE, [claim], Electorate.OWNERS)
    assert refused.value.code == code


def test_an_owner_may_use_every_line_he_stands_on_from_any_of_his_doors() -> None:
    claim = Claim("d9", 2, "self", "chen")
    assert roll.must_be_on_it(OWNERS_LINE, [claim], Electorate.OWNERS) is claim
    with pytest.raises(NotFound):
        roll.must_be_on_it(HOUSEHOLD, [claim], Electorate.RESIDENTS)


def test_the_representative_of_an_owning_organisation_may_use_its_line() -> None:
    line, *_ = roll.build([home(1, "factory", organisation=True)], Electorate.OWNERS)
    claim = Claim("d1", 2, "representative", "factory")
    assert roll.must_be_on_it(line, [claim], Electorate.OWNERS) is claim


def test_a_tenant_may_speak_for_the_household_where_residents_vote() -> None:
    tenant = Claim("d1", 2, "tenant", "tenant")
    assert roll.must_be_on_it(HOUSEHOLD, [tenant], Electorate.RESIDENTS) is tenant
    with pytest.raises(NotAllowed):
        roll.must_be_on_it(HOUSEHOLD, [Claim("d1", 1, "tenant", "tenant")], Electorate.RESIDENTS)
