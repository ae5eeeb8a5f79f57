"""How a text is written: the vectors shared with the page, what is refused, and time that does not run away."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from surveys.questionnaires.rules import patterns
from surveys.questionnaires.rules.patterns.matching import Automaton
from surveys.questionnaires.rules.patterns.reading import Reader

VECTORS = json.loads((Path(__file__).parents[1] / "pattern_vectors.json").read_text(encoding="utf-8"))
PIECES = st.builds(
    lambda sign, count: sign + count,
    st.sampled_from(["a", "b", "[ab]", "[^a]", r"\d", ".", "[a-c]", r"\.", r"\w"]),
    st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "{0,2}"]),
)
PATTERNS = st.recursive(
    st.lists(PIECES, min_size=1, max_size=4).map("".join),
    lambda inner: st.one_of(
        st.builds(lambda one, count: f"({one}){count}", inner, st.sampled_from(["", "?", "*", "+", "{2}", "{1,2}"])),
        st.builds(lambda one, other: f"{one}|{other}", inner, inner),
        st.builds(lambda one, other: f"({one})({other})", inner, inner),
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["says"] for vector in VECTORS])
def test_every_shared_vector_is_as_the_page_finds_it_and_written_in_the_one_way(vector):
    fits = patterns.compiled(vector["pattern"])
    assert [text for text in vector["yes"] if not fits(text)] == []
    assert [text for text in vector["no"] if fits(text)] == []
    assert patterns.normal(vector["pattern"]) == vector["pattern"]


@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.text("abc1.", max_size=7))
@example("(a{1,2}b?){2}", "aab")
def test_it_matches_what_a_regular_expression_of_python_matches(pattern, text):
    assert Automaton(Reader(pattern).whole()).matches(text) is bool(re.fullmatch(pattern, text))
    try:
        written = patterns.normal(pattern)
    except patterns.NotAPattern:
        return
    assert patterns.normal(written) == written
    assert patterns.compiled(written)(text) is bool(re.fullmatch(pattern, text))


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("^[A-Z]{2}$", "[A-Z]{2}"),
        (r"(^\d{18}$)|(^\d{15}$)", r"\d{18}|\d{15}"),
        (r"^(?:a|b)$", "a|b"),
        (r"\@\-[+-][.\-]\/", r"@-[+\-][.\-]/"),
        ("a+?b*?", "a+b*"),
        ("a{1}{", None),
        ("", None),
        ("^$", None),
        ("a$b", None),
        ("(a", None),
        ("a)", None),
        ("[a", None),
        ("[]", None),
        ("[z-a]", None),
        (r"[a-\d]", None),
        ("[[:alpha:]]", None),
        ("[a&&b]", None),
        ("*a", None),
        ("a**", None),
        ("a{3,2}", None),
        ("a{,2}", None),
        ("a{99999}", None),
        ("(?=a)", None),
        ("(?i)a", None),
        ("(?<n>a)", None),
        (r"(a)\1", None),
        (r"\bа", None),
        (r"\x41", None),
        (r"\p{Han}", None),
        (r"[\P{L}]", None),
        ("((((((((((((((((((((((a))))))))))))))))))))))", None),
        ("(.{200}){200}", None),
        ("a" * 301, None),
    ],
)
def test_what_engines_read_alike_is_written_in_one_way_and_the_rest_is_refused(source, written):
    if written is not None:
        assert patterns.normal(source) == written
        return
    with pytest.raises(patterns.NotAPattern) as refused:
        patterns.normal(source)
    assert str(refused.value)


@pytest.mark.parametrize(
    "source",
    [
        *("(a+)+b", "(a|a)*b", "(a|ab)*c", "(a*)*", "(a?){20}", "(.*,)*x", r"\d*\d*\d*\d*x", r"(\w+\s?)+"),
        *("((ab)*|a)*", "a*a*b?a*a*b?a*a*x", "(ba*){2}a*a*a*x", "a?" * 25 + "a" * 25, "(a|aa)" * 25 + "b"),
    ],
)
def test_what_would_keep_a_phone_busy_is_refused_and_would_not_keep_us(source):
    with pytest.raises(patterns.NotAPattern, match="判断不完"):
        patterns.normal(source)
    assert not patterns.compiled(source)("a" * 2000 + "!")
