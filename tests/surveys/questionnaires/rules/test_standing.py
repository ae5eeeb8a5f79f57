"""Which of two sheets counts: the whole table."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from kernel.errors import Gone, Invalid, NotAllowed
from surveys.questionnaires.rules import standing as rules
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.rules.standing import Counting, Evidence, Given, Verdict, Weighed
from surveys.questionnaires.rules.subjects import Part, Speaks, part_of, problems, speaks_as

NOW = datetime.fromisoformat("2026-11-22T10:00:00+08:00")
OWNER, TENANT = Speaks.OWNER, Speaks.TENANT
SELF, FAMILY, VISIT = Channel.WECHAT_SELF, Channel.WECHAT_BY_FAMILY, Channel.WORKER_VISIT
COUNTS, WAITS, OUT = Verdict.COUNTS, Verdict.WAITS, Verdict.OUT


def sheet(account, channel=SELF, level=2, speaks=OWNER, *, confirmed=False, two=True):
    return rules.given(channel, account_id=account, speaks=speaks, level=level, confirmed=confirmed, accompanied=two)


ALONE = sheet(9, VISIT, None, two=False)


CASES = [
    # old, new, had the new one's sender seen the old, what the new one is
    ("the family corrects what it has seen", sheet(1), sheet(2, FAMILY), True, COUNTS),
    ("two phones at once", sheet(1), sheet(2, FAMILY), False, WAITS),
    ("one's own correction from another phone", sheet(1), sheet(1), False, COUNTS),
    ("a proved member before one who only knew the name", sheet(1, level=1), sheet(2), False, COUNTS),
    ("who only knew the name after a proved member", sheet(1), sheet(2, level=1), True, WAITS),
    ("two who only knew the name, seen", sheet(1, level=1), sheet(2, level=1), True, COUNTS),
    ("two who only knew the name, not seen", sheet(1, level=1), sheet(2, level=1), False, WAITS),
    ("a visit before a name", sheet(1, level=1), sheet(9, VISIT, None), False, COUNTS),
    ("a visit after the household's own word", sheet(1), sheet(9, VISIT, None), True, WAITS),
    ("the household after a visit it has seen", sheet(9, VISIT, None), sheet(1), True, COUNTS),
    ("the household after a visit it has not seen", sheet(9, VISIT, None), sheet(1), False, WAITS),
    ("a name after a visit", sheet(9, VISIT, None), sheet(1, level=1), True, WAITS),
    ("a visit of one alone before a name", sheet(1, level=1), ALONE, True, WAITS),
    ("a proved member after a visit of one alone he has not seen", ALONE, sheet(1), False, COUNTS),
    ("a name after a visit of one alone it has seen", ALONE, sheet(1, level=1), True, COUNTS),
    ("a name after a visit of one alone it has not seen", ALONE, sheet(1, level=1), False, WAITS),
    (
        "a visit of one alone that the household confirmed",
        sheet(1, level=1),
        sheet(9, VISIT, None, confirmed=True, two=False),
        False,
        COUNTS,
    ),
    ("a visit of two after one of one alone", ALONE, sheet(8, VISIT, None), False, COUNTS),
    ("a visit of one alone after one of two", sheet(8, VISIT, None), ALONE, True, WAITS),
    (
        "a worker's tie to the dwelling makes no second visitor",
        sheet(1, level=1),
        sheet(9, VISIT, 2, two=False),
        False,
        WAITS,
    ),
    ("a second visit by another worker", sheet(9, VISIT, None), sheet(8, VISIT, None), True, COUNTS),
    ("a worker corrects his own entry", sheet(9, VISIT, None), sheet(9, VISIT, None), False, COUNTS),
    (
        "a worker corrects his entry after the household confirmed it",
        sheet(9, VISIT, None, confirmed=True),
        sheet(9, VISIT, None),
        True,
        WAITS,
    ),
    ("paper beside a visit", sheet(9, VISIT, None), sheet(8, Channel.PAPER_IMPORT, None), True, COUNTS),
    ("after it was settled", Given(1, OWNER, Evidence.SETTLED, own=True), sheet(2), True, WAITS),
    ("one's own correction after it was settled", Given(1, OWNER, Evidence.SETTLED, own=True), sheet(1), True, COUNTS),
]


@pytest.mark.parametrize(("old", "new", "seen", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_a_later_sheet_is(old, new, seen, expected):
    assert rules.verdict(new, old, seen=seen) == expected


def test_the_first_sheet_counts_whatever_it_is():
    assert rules.verdict(sheet(1, level=1), None, seen=False) == COUNTS


WEIGHED = [
    # new, needs, owners, seen, whether the owner's questions are asked, expected
    ("a tenant after the owner", sheet(2, speaks=TENANT), sheet(1), sheet(1), True, True, Weighed(COUNTS, OUT)),
    ("an owner after the tenant", sheet(1), sheet(2, speaks=TENANT), None, True, True, Weighed(COUNTS, COUNTS)),
    ("an owner beside the tenant", sheet(1), sheet(2, speaks=TENANT), None, False, True, Weighed(WAITS, COUNTS)),
    ("a tenant beside the owner", sheet(2, speaks=TENANT), sheet(1), sheet(1), False, True, Weighed(WAITS, OUT)),
    ("needs alone are asked", sheet(2), sheet(1), sheet(1), True, False, Weighed(COUNTS, COUNTS)),
    ("needs alone, at once", sheet(2), sheet(1), sheet(1), False, False, Weighed(WAITS, OUT)),
]


@pytest.mark.parametrize(
    ("new", "needs", "owners", "seen", "has_owners", "expected"), [c[1:] for c in WEIGHED], ids=[c[0] for c in WEIGHED]
)
def test_what_it_is_for_needs_and_for_the_owners_questions(new, needs, owners, seen, has_owners, expected):
    found = rules.weigh(new, needs, owners, seen_needs=seen, seen_owners=seen, has_owners=has_owners)
    assert found == expected


def test_an_owners_word_stays_when_the_tenant_takes_over_the_needs():
    found = rules.after(Counting(1, 1), 2, sheet(2, speaks=TENANT), Weighed(COUNTS, OUT), sheet(1))
    assert found == Counting(2, 1)
    assert found.parts() == {(2, Part.NEEDS), (1, Part.OWNERS)}


def test_who_corrects_himself_to_tenant_takes_back_what_he_said_as_an_owner():
    assert rules.after(Counting(1, 1), 2, sheet(1, speaks=TENANT), Weighed(COUNTS, OUT), sheet(1)) == Counting(2, None)


def test_choosing_a_tenants_sheet_leaves_the_owners_word_and_choosing_an_owners_takes_all():
    assert rules.chosen(Counting(1, 1), 2, TENANT) == Counting(2, 1)
    assert rules.chosen(Counting(2, 2), 2, TENANT) == Counting(2, None)
    assert rules.chosen(Counting(2, 1), 3, OWNER) == Counting(3, 3)


GIVEN = st.builds(
    rules.given,
    st.sampled_from(list(Channel)),
    account_id=st.integers(1, 3),
    speaks=st.sampled_from(list(Speaks)),
    level=st.sampled_from([None, 1, 2]),
    confirmed=st.booleans(),
)


@drawn(GIVEN, GIVEN, st.booleans())
def test_weaker_evidence_of_another_never_counts_and_nothing_is_silently_out(old, new, seen):
    found = rules.verdict(new, old, seen=seen)
    assert found in (COUNTS, WAITS)
    if new.account_id != old.account_id and new.strength < old.strength:
        assert found == WAITS


@drawn(GIVEN, GIVEN, GIVEN, st.booleans(), st.booleans())
def test_a_tenant_never_counts_for_consent_and_money(new, needs, owners, seen, has_owners):
    weighed = rules.weigh(new, needs, owners, seen_needs=seen, seen_owners=seen, has_owners=has_owners)
    counts = rules.after(Counting(1, 2), 3, new, weighed, owners)
    if new.speaks == TENANT:
        assert counts.owners != 3
    assert len({part for _, part in counts.parts()}) == len(counts.parts())


def test_parts_of_a_sheet_make_the_whole():
    answers, owners = {"q01": 1, "q26": 2, "q26.more": 3}, frozenset({"q26", "q26.more"})
    assert part_of(answers, owners, Part.NEEDS) == {"q01": 1}
    assert part_of(answers, owners, Part.OWNERS) == {"q26": 2, "q26.more": 3}
    assert part_of(answers, owners, Part.ALL) == answers


@pytest.mark.parametrize(
    ("relation", "said", "expected"),
    [("self", "owner", OWNER), ("self", "tenant", TENANT), ("tenant", "owner", TENANT), ("worker", None, OWNER)],
)
def test_a_sheet_speaks_for_a_tenant_as_soon_as_anything_says_so(relation, said, expected):
    document = {"speaks_as": {"question": "q02", "tenant": ["tenant"]}}
    assert speaks_as(document, relation, {"q02": said}) == expected
    assert speaks_as({}, "self", {"q02": "tenant"}) == OWNER


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"subjects": {"love": ["q1"]}}, "subjects"),
        ({"subjects": {"money": ["q9"]}}, "subjects"),
        ({"speaks_as": {"question": "q9", "tenant": []}}, "speaks_as"),
        ({"speaks_as": {"question": "q1", "tenant": ["x"]}}, "speaks_as"),
    ],
)
def test_subjects_that_name_nothing_are_found_before_the_questionnaire_is_frozen(document, where):
    assert [found for found, _ in problems(document, {"q1": frozenset({"a"})})] == [where]
    assert not list(problems({"subjects": {"money": ["q1"]}}, {"q1": frozenset()}))


def test_an_objection_is_in_time_until_the_very_instant():
    until = rules.may_object_until(NOW, 3)
    rules.must_be_in_time(until, 3, NOW + timedelta(days=3, microseconds=-1))
    with pytest.raises(Gone):
        rules.must_be_in_time(until, 3, NOW + timedelta(days=3))


def test_nobody_settles_what_he_entered_and_a_reason_has_words():
    rules.must_be_impartial(1, [None, 2])
    with pytest.raises(NotAllowed):
        rules.must_be_impartial(2, [None, 2])
    assert rules.must_have_reason("  核实过 \n") == "核实过"
    with pytest.raises(Invalid):
        rules.must_have_reason(" \n ")
