"""When a name and a phone tail fit the roster."""

import pytest

from portal.claims import rules
from portal.claims.rules import Listed, Match

CHEN = Listed(1, "陈秀英", "13800000001", "owner")
WANG = Listed(2, "王建国", None, "co_owner")
TENANT = Listed(3, "赵六六", "13900000003", "tenant")
HOME = [CHEN, WANG, TENANT]


@pytest.mark.parametrize(
    ("name", "tail", "match"),
    [
        ("陈秀英", "0001", Match(1, 1, "owner")),
        (" 陈 秀英 ", "0001", Match(1, 1, "owner")),
        ("陈秀英", "0002", None),
        ("陈秀兰", "0001", None),
        ("王建国", "0001", Match(2, 1, "co_owner")),
        ("王建国", "0003", None),
        ("赵六六", "0003", Match(3, 3, "tenant")),
        ("赵六六", "0001", None),
        ("", "0001", None),
    ],
)
def test_a_claim_fits_by_name_and_number_and_a_spouse_may_give_the_households_number(name, tail, match):
    assert rules.match(HOME, name, tail) == match


def test_namesakes_are_told_apart_by_their_numbers():
    home = [CHEN, Listed(9, "陈秀英", "13800000009", "owner")]
    assert rules.match(home, "陈秀英", "0009") == Match(9, 9, "owner")
    assert rules.named(home, "陈秀英") is None
    assert rules.named(HOME, "陈秀英") == 1


@pytest.mark.parametrize(
    ("said", "holding", "relation"),
    [
        ("self", "owner", "self"),
        ("self", "co_owner", "self"),
        ("self", "tenant", "tenant"),
        ("tenant", "tenant", "tenant"),
        ("family", "owner", "family"),
        ("family", "tenant", "family"),
    ],
)
def test_the_relation_follows_the_roster_and_family_stays_family(said, holding, relation):
    assert rules.relation(said, holding) == relation
