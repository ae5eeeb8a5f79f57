"""The four rates and the re-weighted shares: tables and properties."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaires import data
from surveys.questionnaires.rules import ages, form
from surveys.questionnaires.rules.coverage import Share
from surveys.questionnaires.rules.rates import Home, Part, rates
from surveys.questionnaires.rules.sheet import (
    Answered,
    Door,
    added,
    agreement,
    read,
    sheet,
    strata,
    written,
)
from surveys.questionnaires.rules.weights import Stratum, weighed
from tests.surveys.questionnaires.answers import FULL

FORM = form.read(data.shipped("estate-renovation-needs"))


def test_every_rate_has_its_own_denominator_and_the_vacant_stay_in_the_total():
    told = rates(
        [
            Home(8000, reached=True, valid=True, may_agree=True, agrees=True),
            Home(5000, reached=True, valid=True, may_agree=True, agrees=False),
            Home(6000, valid=True, may_agree=False, agrees=True),
            Home(7000, reached=True),
            Home(9000),
            Home(None),
        ]
    )
    assert told.total == Part(6, 35000)
    assert told.no_area == 1
    assert told.reached == Part(3, 20000)
    assert told.valid == Part(3, 19000)
    assert told.may_agree == Part(2, 13000)
    assert told.agree == Part(1, 8000)


def answered(relation="self", channel="wechat_self", **changes):
    return Answered(FORM, channel, relation, {**FULL, **changes})


def test_a_tenants_sheet_never_agrees_and_a_refusal_at_the_door_was_a_contact():
    made = sheet(
        [
            Door(1, False, 8000, (), answered()),
            Door(1, True, 8000, (), answered("tenant")),
            Door(2, True, 8000, (), answered("self", q02="tenant")),
            Door(2, False, 8000, ("not_home", "refused")),
            Door(3, False, 8000, ("vacant",)),
            Door(3, False, 8000, ("not_home",), answered("worker", "worker_visit", q09="disagree")),
        ]
    )
    told = made.rates
    assert (told.total.homes, told.reached.homes, told.valid.homes) == (6, 2, 4)
    assert (told.may_agree.homes, told.agree.homes) == (2, 1)
    assert made.outcomes == {"refused": 1, "vacant": 1, "not_home": 1}


def test_a_questionnaire_that_does_not_say_what_agreeing_is_has_no_rate_of_it():
    plain = form.read({**FORM.document, "rates": {}})
    assert agreement(plain, FULL) == (None, True)
    assert agreement(FORM, FULL) == (True, True)
    assert agreement(FORM, {**FULL, "q02": "tenant"}) == (True, False)


def group(name, homes, **cells):
    """A group of homes, each of whose sheets is in one cell of a question."""
    return Stratum(name, homes, sum(cells.values()), {("q", "", cell): n for cell, n in cells.items() if n})


def share(told, cell):
    return Fraction(told.counts.get(("q", "", cell), 0), sum(told.counts.values()))


def test_weighing_gives_each_floor_its_own_weight_as_an_exact_fraction():
    told = weighed([group("低层", 90, agree=5, no=5), group("高层", 10, agree=30)])
    assert share(told, "agree") == Fraction(90 * 5, 10 * 100) + Fraction(10, 100) == Fraction(55, 100)
    assert (told.covered, told.homes, told.silent, told.thin) == (100, 100, [], [])


def test_a_group_nobody_answered_for_is_named_and_not_guessed():
    told = weighed([group("低层", 60, agree=1, no=3), group("高层", 40)])
    assert share(told, "agree") == Fraction(1, 4)
    assert (told.covered, told.homes, told.silent, told.thin) == (60, 100, ["高层"], ["低层"])
    assert weighed([group("高层", 40)]) is None


def test_a_question_only_some_are_asked_is_weighed_by_those_who_were():
    """Half of the low homes were asked why they disagree, all of the high ones: each sheet keeps its weight."""
    low = Stratum("低层", 80, 8, {("why", "", "cost"): 4})
    high = Stratum("高层", 20, 4, {("why", "", "cost"): 1, ("why", "", "away"): 3})
    counts = weighed([low, high]).counts
    assert Fraction(counts["why", "", "cost"], sum(counts.values())) == Fraction(4 * 10 + 5, 4 * 10 + 4 * 5)


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=5))
def test_full_answers_need_no_weights_and_each_group_weighs_what_it_has_homes(strata):
    made = [group(str(n), homes, a=a, b=b) for n, (homes, a, b) in enumerate(strata)]
    told = weighed(made)
    if told is None:
        assert not any(a + b for _, a, b in strata)
        return
    assert sum(told.counts.values()) == told.covered * told.scale
    everyone = [Stratum(each.name, each.sheets, each.sheets, each.counts) for each in made if each.sheets]
    plain = Fraction(sum(a for _, a, _ in strata), sum(a + b for _, a, b in strata))
    assert share(weighed(everyone), "a") == plain


def test_a_sheet_survives_being_kept_and_estates_add_up():
    doors = [
        Door(1, False, 8000, ("met",), answered()),
        Door(5, True, None, (), answered(q13=["parking"])),
        Door(5, False, 7000),
    ]
    one = sheet(doors)
    assert read(written(one)) == one
    two = added([one, read(written(one))])
    assert two.rates.total.homes == 6
    heard = two.ages["over_60"]
    assert (heard.having, heard.without, heard.said["q09"]) == (4, 0, 4)
    told = weighed(strata(one))
    assert told.counts["q13", "", "parking"] == told.counts["q13", "", "*"] == told.covered * told.scale
    assert (told.silent, told.thin) == (["4–6层，没有租户登记"], ["1层，没有租户登记", "4–6层，有租户登记"])


def test_coverage_by_age_needs_somebody_who_knows_how_many_there_are():
    one = sheet([Door(1, False, 8000, (), answered()), Door(1, False, 8000, (), answered(q07={"over_60": 0}))])
    assert ages.shares(one.ages, {}, 100) == []
    assert ages.shares(one.ages, {"over_60": 30, "preschool": 20, "over_80": 9}, 100) == [
        Share("有60岁以上老人的", 1, 30),
        Share("没有60岁以上老人的", 1, 70),
        Share("有80岁以上老人的", 1, 9),
        Share("有学龄前儿童的", 0, 20),
    ]
    assert one.ages["over_60"].said["q09"] == 1
    assert ages.shares({}, {"over_60": 30}, 100) == []
