"""Conditions: the shared vectors, and what random conditions must always obey."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaires.rules import branching

VECTORS = json.loads((Path(__file__).parents[1] / "branching_vectors.json").read_text(encoding="utf-8"))

VALUES = st.one_of(st.integers(-3, 9), st.booleans(), st.sampled_from(["a", "b", ""]))
ANSWERS = st.dictionaries(
    st.sampled_from(["q1", "q2", "q3", "q1.other"]),
    st.one_of(VALUES, st.lists(VALUES, max_size=3), st.dictionaries(st.sampled_from(["x", "y"]), VALUES, max_size=2)),
)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "channel": st.sampled_from(branching.CHANNELS),
        "building.floors": st.integers(1, 9),
        "building.has_lift": st.booleans(),
    },
)
NAMES = st.sampled_from(
    ["q1", "q2", "q3", "q1.other", "q2.x", "q3.y", "channel", "building.floors", "building.has_lift"]
)
PLAIN_NAMES = st.sampled_from(["q1", "q2", "q3", "q1.other", "q2.x", "q3.y"])
AMOUNTS = st.recursive(
    st.one_of(
        PLAIN_NAMES,
        st.builds(lambda name: {"count": name}, PLAIN_NAMES),
        st.builds(lambda name, n: {"or": [name, n]}, PLAIN_NAMES, st.integers(-3, 9)),
    ),
    lambda inner: st.builds(
        lambda word, first, second: {word: [first, second]},
        st.sampled_from(["sum", "less", "times"]),
        inner,
        st.one_of(inner, st.integers(-3, 9)),
    ),
    max_leaves=4,
).filter(lambda amount: isinstance(amount, dict))
LEAVES = st.one_of(
    st.builds(
        lambda word, amount, n: {word: [amount, n]},
        st.sampled_from(["is", "at_least", "at_most"]),
        AMOUNTS,
        st.integers(-3, 30),
    ),
    st.builds(lambda name, value: {"is": [name, value]}, NAMES, VALUES),
    st.builds(lambda name, value: {"has": [name, value]}, NAMES, VALUES),
    st.builds(lambda name, values: {"in": [name, values]}, NAMES, st.lists(VALUES, min_size=1, max_size=3)),
    st.builds(lambda name, n: {"at_least": [name, n]}, NAMES, st.integers(-3, 9)),
    st.builds(lambda name, n: {"at_most": [name, n]}, NAMES, st.integers(-3, 9)),
    st.builds(lambda name: {"answered": name}, NAMES),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["says"] for vector in VECTORS])
def test_every_shared_vector_gives_its_answer(vector):
    assert branching.holds(vector["when"], vector["answers"], vector["facts"]) is vector["gives"]


@given(CONDITIONS, ANSWERS, FACTS)
def test_a_condition_and_its_opposite_never_agree(condition, answers, facts):
    opposite = {"not": condition}
    assert branching.holds(condition, answers, facts) is not branching.holds(opposite, answers, facts)


@given(CONDITIONS)
def test_a_condition_without_not_is_false_while_nothing_is_known(condition):
    # What is ticked may be none, and something may stand for none: that is known beforehand.
    if not any(word in json.dumps(condition) for word in ('"not"', '"count"', '"or"')):
        assert not branching.holds(condition, {}, {})


@given(CONDITIONS)
def test_whatever_can_be_built_is_well_formed(condition):
    assert list(branching.problems(condition)) == []
    assert branching.names(condition)


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"is": ["q1", 1], "not": {"answered": "q1"}},
        {"is": ["q1"]},
        {"is": ["q1", None]},
        {"is": [{"sum": ["q1", "q2"]}, "3"]},
        {"is": [{"sum": ["q1"]}, 3]},
        {"at_least": [{"sum": ["q1", 0.5]}, 3]},
        {"at_least": [{"or": [1, "q1"]}, 3]},
        {"at_least": [{"count": ["q1"]}, 3]},
        {"at_least": [{"per": ["q1", 2]}, 3]},
        {"has": [{"sum": ["q1", "q2"]}, 3]},
        {
            "at_least": [
                {
                    "sum": [
                        "q1",
                        {
                            "sum": [
                                "q1",
                                {
                                    "sum": [
                                        "q1",
                                        {
                                            "sum": [
                                                "q1",
                                                {"sum": ["q1", {"sum": ["q1", {"sum": ["q1", {"sum": ["q1", 1]}]}]}]},
                                            ]
                                        },
                                    ]
                                },
                            ]
                        },
                    ]
                },
                3,
            ]
        },
        {"is": ["q1", 1.5]},
        {"in": ["q1", []]},
        {"at_least": ["q1", True]},
        {"all": []},
        {"answered": ["q1"]},
        {"matches": ["q1", ".*"]},
        ["is", "q1", 1],
    ],
    ids=str,
)
def test_a_malformed_condition_is_named(broken):
    assert list(branching.problems(broken))


def test_a_condition_nested_without_end_is_refused():
    deep = {"answered": "q1"}
    for _ in range(20):
        deep = {"not": deep}
    assert "条件套得太深" in list(branching.problems(deep))
