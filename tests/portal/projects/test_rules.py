"""Quarters, indicators, ranks and what may be published."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import NotFound
from portal.projects.rules.disclosure import publishable
from portal.projects.rules.facts import RecordFacts
from portal.projects.rules.indicators import INDICATORS, SETS, members, size, size_text
from portal.projects.rules.quarter import Quarter
from portal.projects.rules.ranking import ranks
from portal.projects.rules.words import Stage


def record(number: int = 1, **changes) -> RecordFacts:
    values = {
        "record_id": f"r{number}",
        "estate_code": f"e{number}",
        "estate": f"小区{number}",
        "district_code": "440203",
        "district": "武江区",
        "households": 80,
        "in_central_task": False,
        "started_on": None,
        "completed_on": None,
        **changes,
    }
    return RecordFacts(**values)


def plan(planned: int, started: int, central: int) -> list[RecordFacts]:
    return [
        record(number, started_on=date(2023, 5, 1) if number < started else None, in_central_task=number < central)
        for number in range(planned)
    ]


@pytest.mark.parametrize(
    ("text", "last_day", "said"),
    [
        ("2023Q1", date(2023, 3, 31), "2023年第一季度"),
        ("2023Q2", date(2023, 6, 30), "2023年第二季度"),
        ("2023Q3", date(2023, 9, 30), "2023年第三季度"),
        ("2024Q4", date(2024, 12, 31), "2024年第四季度"),
    ],
)
def test_a_quarter_ends_with_its_last_day(text: str, last_day: date, said: str) -> None:
    quarter = Quarter.parse(text)
    assert quarter.last_day == last_day
    assert quarter.text == said
    assert str(quarter) == text
    assert Quarter.of(last_day) == quarter


@pytest.mark.parametrize("text", ["", "2023", "2023Q5", "2023Q0", "23Q3", "2023Q3 ", "2023q3", "２０２３Q3"])
def test_a_quarter_that_is_none_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        Quarter.parse(text)


def test_the_city_report_comes_out_of_records_to_the_printed_digit() -> None:
    facts = plan(161, 149, 80)
    assert INDICATORS["start_rate"].measure(facts).text == "92.5%"
    assert INDICATORS["task_rate"].measure(facts).text == "186.2%"
    assert size(facts, "not_started") == 12


def test_money_spent_is_measured_against_money_arrived_over_all_sources() -> None:
    facts = [
        record(1, received={"central": 60_000_000_00, "county": 40_000_000_00}, spent={"central": 20_000_000_00}),
        record(2, received={"residents": 3_130_000_00}, spent={"residents": 4_425_700_00}),
    ]
    measure = INDICATORS["disbursement_rate"].measure(facts)
    assert measure.text == "23.7%"
    assert (measure.numerator_text, measure.denominator_text) == ("2,442.57万元", "10,313万元")


@pytest.mark.parametrize("key", INDICATORS)
def test_without_records_every_rate_is_a_dash(key: str) -> None:
    measure = INDICATORS[key].measure([])
    assert measure.text == "—"
    assert measure.exact is None


@pytest.mark.parametrize("key", INDICATORS)
def test_every_indicator_prints_its_formula_and_names_the_lists_behind_it(key: str) -> None:
    indicator = INDICATORS[key]
    assert indicator.key == key
    assert "÷" in indicator.formula
    assert indicator.numerator_set in SETS
    assert indicator.denominator_set in SETS


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 10**12), st.integers(0, 10**12)), max_size=40))
def test_a_figure_is_exactly_the_list_it_can_be_opened_to(rows) -> None:
    facts = [
        record(
            number,
            started_on=date(2023, 1, 1) if started else None,
            in_central_task=central,
            received={"central": received} if received else {},
            spent={"central": spent} if spent else {},
        )
        for number, (started, central, received, spent) in enumerate(rows)
    ]
    assert size(facts, "planned") == len(members(facts, "planned")) == len(rows)
    assert size(facts, "started") + size(facts, "not_started") == len(rows)
    assert size(facts, "spent") == sum(fact.spent_fen for fact in members(facts, "spent"))
    assert size_text(facts, "started") == f"{len(members(facts, 'started'))}个"


def test_a_record_survives_being_frozen() -> None:
    facts = record(started_on=date(2023, 5, 1), completed_on=date(2023, 9, 1), received={"central": 5}, spent={})
    assert RecordFacts.from_json(facts.to_json()) == facts
    assert facts.stage is Stage.COMPLETED
    assert record(started_on=date(2023, 5, 1)).stage is Stage.STARTED
    assert record().stage is Stage.PLANNED


def test_equal_rates_share_a_rank_and_the_next_one_is_skipped() -> None:
    assert ranks([Fraction(1, 2), Fraction(2, 4), Fraction(1, 3)]) == [1, 1, 3]


def test_ranks_follow_exact_ratios_and_not_the_shown_ones() -> None:
    assert ranks([Fraction(92544, 100000), Fraction(92545, 100000)]) == [2, 1]


def test_who_has_no_denominator_is_not_ranked() -> None:
    assert ranks([None, Fraction(0), Fraction(1)]) == [None, 2, 1]


@given(st.lists(st.one_of(st.none(), st.fractions(0, 3)), max_size=20))
def test_a_better_rate_never_stands_behind_a_worse_one(rates) -> None:
    placed = [(rate, rank) for rate, rank in zip(rates, ranks(rates), strict=True) if rate is not None]
    for rate, rank in placed:
        assert 1 <= rank <= len(placed)
        assert all((rate > other) == (rank < its) for other, its in placed)


@pytest.mark.parametrize(("households", "shown"), [(0, True), (1, False), (4, False), (5, True), (88, True)])
def test_a_breakdown_of_fewer_than_five_households_is_not_shown(households: int, shown: bool) -> None:
    assert publishable(households) is shown
