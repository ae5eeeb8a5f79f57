"""Two keyings of one paper: what differs, who may do the next step, what is agreed in the end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.double_keying import differences, must_be_another, settled
from kernel.errors import Invalid, NotAllowed

KEYED = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2), max_size=6)


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [
        ({}, {}, []),
        ({"q1": "yes", "q2": ["a"]}, {"q2": ["a"], "q1": "yes"}, []),
        ({"q1": "yes"}, {"q1": "no"}, ["q1"]),
        ({"q1": "yes"}, {}, ["q1"]),
        ({}, {"q9": 0, "q1": None}, ["q1", "q9"]),
        ({"q1": [1, 2]}, {"q1": [2, 1]}, ["q1"]),
    ],
)
def test_what_two_keyings_do_not_share_is_named(first, second, differ):
    assert differences(first, second) == differ
    assert differences(second, first) == differ


def test_nobody_checks_his_own_keying():
    must_be_another(3, [1, 2])
    with pytest.raises(NotAllowed) as refused:
        must_be_another(2, [1, 2])
    assert refused.value.code == "same-person"


def test_a_third_decides_each_difference_for_one_of_the_two_readings():
    first, second = {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 5}
    assert settled(first, second, {"b": 5, "c": None}) == {"a": 1, "b": 5}
    assert settled(first, second, {"b": 2, "c": 3}) == {"a": 1, "b": 2, "c": 3}


@pytest.mark.parametrize(
    ("decided", "faulty"),
    [
        ({"b": 5}, ["c"]),
        ({"b": 7, "c": 3}, ["b"]),
        ({"a": 1, "b": 5, "c": 3}, ["a"]),
        ({}, ["b", "c"]),
    ],
)
def test_a_decision_that_is_open_new_or_uncalled_for_is_refused_by_field(decided, faulty):
    with pytest.raises(Invalid) as refused:
        settled({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 5}, decided)
    assert sorted(refused.value.fields) == faulty


@given(KEYED, KEYED)
def test_deciding_for_one_side_gives_just_that_side(first, second):
    for chosen in (first, second):
        decided = {name: chosen.get(name) for name in differences(first, second)}
        assert settled(first, second, decided) == chosen
