"""The catalogue of rules: dated, complete, and in the law's words."""

from datetime import date

import pytest

from kernel.errors import Invalid
from surveys.votes.rules import catalogue, decision
from surveys.votes.rules.catalogue import Electorate, Form, Measure, Threshold
from surveys.votes.rules.decision import Count


def test_six_seven_and_eight_of_the_owners_matters_are_special_the_others_ordinary() -> None:
    special = {rule.matter for rule in catalogue.RULES if rule.approval == catalogue.THREE_QUARTERS}
    assert special == {"owners.fund_raising", "owners.scheme", "owners.common_parts"}
    of_278 = [rule for rule in catalogue.RULES if "第二百七十八条" in rule.clause]
    owners = [rule for rule in of_278 if rule.electorate is Electorate.OWNERS]
    assert {rule.matter for rule in owners if rule.form is Form.QUESTION} >= special
    assert sum(rule.form is Form.QUESTION for rule in owners) == 9
    assert all(rule.turnout == catalogue.TWO_THIRDS for rule in owners)
    assert all(rule.measures == (Measure.HEADS, Measure.AREA) for rule in owners)


@pytest.mark.parametrize(
    ("took_part", "agreed", "carried"), [(3, 3, True), (3, 2, False), (2, 2, False), (0, 0, False)]
)
def test_a_flat_becomes_a_shop_only_when_all_concerned_agree(took_part: int, agreed: int, carried: bool) -> None:
    rule = catalogue.in_force("owners.home_to_business", date(2026, 11, 22))
    assert rule.clause.endswith("第二百七十九条")
    count = Count(roll=3, approve=agreed, against=0, abstain=took_part - agreed)
    assert decision.outcome(rule, {Measure.HEADS: count}).carried is carried
    assert (rule.turnout.smallest(280), rule.approval.smallest(280)) == (280, 280)


def test_a_group_election_is_the_residents_and_counts_households() -> None:
    rule = catalogue.in_force("residents.group", date(2026, 11, 22))
    assert (rule.electorate, rule.form, rule.measures) == (Electorate.RESIDENTS, Form.ELECTION, (Measure.HEADS,))


def test_a_matter_before_its_law_or_outside_the_catalogue_is_refused() -> None:
    with pytest.raises(Invalid):
        catalogue.in_force("owners.other", date(2020, 12, 31))
    with pytest.raises(Invalid):
        catalogue.in_force("owners.anything", date(2026, 1, 1))


def test_every_entry_is_found_again_by_its_version() -> None:
    assert len({rule.version for rule in catalogue.RULES}) == len(catalogue.RULES)
    assert all(catalogue.of_version(rule.version) is rule for rule in catalogue.RULES)


def test_thresholds_are_printed_as_the_law_says_them() -> None:
    assert catalogue.TWO_THIRDS.words() == "三分之二以上"
    assert catalogue.THREE_QUARTERS.words() == "四分之三以上"
    assert catalogue.MAJORITY.words() == "过半数"
    assert Threshold(2, 3, strict=True).words() == "超过三分之二"


def test_every_notice_text_says_the_shares_its_numbers_are_made_of() -> None:
    for rule in catalogue.RULES:
        assert rule.turnout.words() in rule.text
        assert rule.approval.words() in rule.text
