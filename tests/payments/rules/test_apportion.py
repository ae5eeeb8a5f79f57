"""Sharing a cost: exact, whatever the order, and nobody bears less for weighing more."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from payments.rules.apportion import (
    ByArea,
    ByFloor,
    ByHousehold,
    ByItem,
    ByList,
    Cost,
    Exemption,
    ExemptionBearer,
    Home,
    Mixed,
    apportion,
    difference,
    method_from,
)

HOMES = [
    Home(f"h{n}", f"{n:03}", f"1栋{n}", 5_000 + 350 * n, 1 + n % 7, frozenset({"1栋" if n < 6 else "2栋", "1栋/1"}))
    for n in range(10)
]

homes = st.lists(st.tuples(st.integers(1, 30_000), st.integers(1, 33)), min_size=1, max_size=40).map(
    lambda facts: [Home(n, f"{n:04}", str(n), area, floor) for n, (area, floor) in enumerate(facts)]
)
methods = st.sampled_from(
    [
        ByHousehold(),
        ByArea(),
        ByFloor({1: 500, 5: 1000, 9: 1300}),
        ByFloor({1: 1, 2: 3}, by_area=False),
        Mixed(((ByHousehold(), 40), (ByArea(), 60))),
    ]
)


def dues(cost: Cost, given_homes, **more) -> dict:
    return apportion([cost], given_homes, **more).dues()


@given(st.integers(1, 10**12), methods, homes)
def test_the_parts_add_up_to_the_cost_to_the_fen(cost_fen: int, how, given_homes) -> None:
    assert sum(dues(Cost("外墙", cost_fen, how), given_homes).values()) == cost_fen


@given(st.integers(1, 10**9), methods, homes, st.randoms())
def test_the_order_in_which_homes_are_given_changes_nothing(cost_fen: int, how, given_homes, chance) -> None:
    cost = Cost("外墙", cost_fen, how)
    mixed_up = list(given_homes)
    chance.shuffle(mixed_up)
    assert dues(cost, mixed_up) == dues(cost, given_homes)


@given(st.integers(1, 10**9), methods, homes)
def test_who_weighs_more_never_bears_less(cost_fen: int, how, given_homes) -> None:
    borne = dues(Cost("外墙", cost_fen, how), given_homes)
    weights = dict(zip([home.key for home in given_homes], how.weights(given_homes), strict=True))
    walked = sorted(given_homes, key=lambda home: (weights[home.key], borne.get(home.key, 0)))
    for lighter, heavier in pairwise(walked):
        assert borne.get(lighter.key, 0) <= borne.get(heavier.key, 0)


@given(st.integers(1, 10**9), methods, homes, st.integers(1, 10**6))
def test_a_higher_cost_is_a_lower_share_for_nobody_by_more_than_the_odd_fen(cost_fen, how, given_homes, more) -> None:
    before, after = dues(Cost("a", cost_fen, how), given_homes), dues(Cost("a", cost_fen + more, how), given_homes)
    assert all(after.get(key, 0) >= fen - 1 for key, fen in before.items())


@given(st.integers(1, 10**9), methods, homes, st.integers(1, 1000), st.sampled_from(list(ExemptionBearer)))
def test_with_exemptions_homes_and_fund_still_add_up(cost_fen, how, given_homes, thousandths, borne_by) -> None:
    if len(given_homes) < 2:
        borne_by = ExemptionBearer.FUND
    let_off = [Exemption(given_homes[0].key, thousandths, "低保")]
    shared = apportion([Cost("外墙", cost_fen, how)], given_homes, exemptions=let_off, borne_by=borne_by)
    assert sum(shared.dues().values()) + shared.by_fund_fen == cost_fen
    assert all(fen >= 0 for fen in shared.dues().values())
    assert borne_by is ExemptionBearer.FUND or shared.by_fund_fen == 0


def test_a_hundred_thousand_over_three_equal_flats() -> None:
    """DOMAIN §3.3."""
    three = [Home(n, str(n), str(n), 8_000, 1) for n in range(3)]
    assert list(dues(Cost("楼道", 10_000_000, ByArea()), three).values()) == [3_333_334, 3_333_333, 3_333_333]


@pytest.mark.parametrize("floors", [7, 9])
def test_the_floor_coefficients_of_guangzhou_collect_all_of_the_cost_in_any_house(floors: int) -> None:
    house = [Home(floor, f"{floor:02}", f"{floor}01", 8_000, floor) for floor in range(1, floors + 1)]
    borne = dues(Cost("电梯", 60_000_000, ByFloor()), house)
    assert sum(borne.values()) == 60_000_000
    assert 1 not in borne
    assert 2 not in borne
    assert borne[floors] > borne[3]


def test_the_formula_says_how_a_home_comes_to_its_share() -> None:
    two = [Home("a", "1", "1栋101", 8_350, 1), Home("b", "2", "1栋102", 662_850, 2)]
    first, _ = apportion([Cost("外墙", 120_000_000, ByArea())], two).lines
    assert first.words == "83.50 ㎡ ÷ 6,712.00 ㎡ × 1,200,000.00 元 = 14,928.49 元"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (ByHousehold(), "1 户 ÷ 2 户 × 100.00 元 = 50.00 元"),
        (
            ByFloor({1: 500, 2: 1500}),
            "1 层系数 0.500 × 100.00 ㎡；50.000 折算㎡ ÷ 200.000 折算㎡ × 100.00 元 = 25.00 元",
        ),
        (ByList({"a": 1_000, "b": 3_000}), "10.00 元 ÷ 40.00 元 × 100.00 元 = 25.00 元"),
        (ByItem(frozenset({"a"}), by_area=False), "1 户 ÷ 1 户 × 100.00 元 = 100.00 元"),
        (
            Mixed(((ByHousehold(), 1), (ByArea(), 1))),
            "（1/2 × 1 户 ÷ 2 户 + 1/2 × 100.00 ㎡ ÷ 200.00 ㎡） × 100.00 元 = 50.00 元",
        ),
    ],
)
def test_every_method_explains_itself(how, words: str) -> None:
    two = [Home("a", "1", "1栋101", 10_000, 1), Home("b", "2", "1栋201", 10_000, 2)]
    assert apportion([Cost("楼道", 10_000, how)], two).lines[0].words == words


def test_a_scope_is_shared_within_it_alone() -> None:
    borne = dues(Cost("2栋屋面", 1_000_00, ByArea(), scope="2栋"), HOMES)
    assert set(borne) == {home.key for home in HOMES if "2栋" in home.places}


def test_an_item_is_borne_by_whom_it_benefits() -> None:
    borne = dues(Cost("电梯", 1_000_00, ByItem(frozenset({"h1"}), from_floor=5)), HOMES)
    assert set(borne) == {"h1"} | {home.key for home in HOMES if home.floor >= 5}


def test_a_list_that_does_not_add_up_is_shared_in_its_proportion() -> None:
    borne = dues(Cost("议定", 400, ByList({"h0": 100, "h1": 100})), HOMES)
    assert borne == {"h0": 200, "h1": 200}


def test_an_exemption_is_a_line_of_its_own_with_its_reason() -> None:
    shared = apportion([Cost("外墙", 10_000, ByHousehold())], HOMES, exemptions=[Exemption("h3", 500, "低保户")])
    line = next(line for line in shared.lines if line.is_exemption)
    assert (line.key, line.amount_fen, line.words, shared.by_fund_fen) == ("h3", -500, "外墙减免：低保户", 500)


def test_what_an_exemption_takes_off_may_be_borne_by_the_others_in_the_open() -> None:
    shared = apportion(
        [Cost("外墙", 10_000, ByHousehold())],
        HOMES,
        exemptions=[Exemption("h0", 1000, "特困")],
        borne_by=ExemptionBearer.OTHERS,
    )
    borne = shared.dues()
    assert (borne["h0"], shared.by_fund_fen, sum(borne.values())) == (0, 0, 10_000)
    assert sum("分担减免的 10.00 元" in line.words for line in shared.lines) == 9


@pytest.mark.parametrize(
    ("cost", "given_homes", "code"),
    [
        (Cost("a", 0, ByArea()), HOMES, "cost-too-small"),
        (Cost("a", 1, ByArea(), scope="9栋"), HOMES, "scope-empty"),
        (Cost("a", 1, ByItem(frozenset({"nobody"}))), HOMES, "nobody-bears"),
        (Cost("a", 1, ByArea()), [Home("x", "1", "1栋101", None, 1)], "area-missing"),
        (Cost("a", 1, ByFloor()), [Home("x", "1", "1栋101", 100, None)], "floor-missing"),
        (Cost("a", 1, ByList({"h0": -1})), HOMES, "amount-below-zero"),
        (Cost("a", 1, Mixed(((ByArea(), 1), (ByItem(), 1)))), HOMES, "nobody-bears"),
    ],
)
def test_what_cannot_be_shared_is_said_in_words(cost: Cost, given_homes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        apportion([cost], given_homes)
    assert caught.value.code == code


def test_when_everybody_is_let_off_nobody_is_left_to_bear_it() -> None:
    every = [Exemption(home.key, 1000, "特困") for home in HOMES]
    with pytest.raises(Invalid) as caught:
        apportion([Cost("a", 100, ByArea())], HOMES, exemptions=every, borne_by=ExemptionBearer.OTHERS)
    assert caught.value.code == "nobody-bears"


@pytest.mark.parametrize("thousandths", [0, -1, 1001])
def test_an_exemption_is_a_share_between_nothing_and_all(thousandths: int) -> None:
    with pytest.raises(Invalid):
        Exemption("h0", thousandths, "低保")
    with pytest.raises(Invalid):
        Exemption("h0", 1000, " ")


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ({"method": "household"}, ByHousehold()),
        ({"method": "area"}, ByArea()),
        ({"method": "floor", "coefficients": {"3": 700}, "by_area": False}, ByFloor({3: 700}, by_area=False)),
        ({"method": "item", "homes": ["h1"], "from_floor": 3}, ByItem(frozenset({"h1"}), 3)),
        ({"method": "fixed", "amounts": {"h1": 5}}, ByList({"h1": 5})),
        (
            {"method": "mixed", "parts": [{"method": "area", "part": 3}, {"method": "household", "part": 1}]},
            Mixed(((ByArea(), 3), (ByHousehold(), 1))),
        ),
    ],
)
def test_a_method_is_read_as_it_is_written_down(said: dict, made) -> None:
    assert method_from(said) == made


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"method": "luck"},
        {"method": "floor", "coefficients": {"x": 1}},
        {"method": "floor", "coefficients": {"1": -1}},
        {"method": "fixed"},
        {"method": "mixed", "parts": [{"method": "area", "part": 1}]},
        {"method": "mixed", "parts": [{"method": "area"}, {"method": "household", "part": 1}]},
    ],
)
def test_a_method_nobody_understands_is_refused(said: dict) -> None:
    with pytest.raises(Invalid):
        method_from(said)


@pytest.mark.parametrize(
    ("before", "after", "means"),
    [(100, 130, ("top_up", 30)), (130, 100, ("back", 30)), (100, 100, ("same", 0))],
)
def test_what_a_new_version_means(before: int, after: int, means: tuple[str, int]) -> None:
    assert difference(before, after) == means
