"""XPath as forms use it: what becomes a condition of ours, and what is refused with a reason."""

import pytest

from surveys.questionnaires.xlsform import limits
from surveys.questionnaires.xlsform.expressions import Target, condition, must_fit
from surveys.questionnaires.xlsform.syntax import Unsayable, parse

TARGETS = {
    "a": Target("single", "a", {"1": "o_1", "2": "o_2"}),
    "m": Target("multi", "m", {"x": "x", "y": "y"}),
    "n": Target("number", "n", {}),
    "d": Target("number", "d", {}, decimals=2),
    "s": Target("single", "grid.s", {"1": "1", "0": "0"}, numeric=True),
    "t": Target("text", "t", {}),
    "c": Target("cascade", "c", {"k": "k", "l": "l"}),
    "r": Target("rows", "r", {}),
}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("${a} = '1'", {"is": ["a", "o_1"]}),
        ("'1' = ${a}", {"is": ["a", "o_1"]}),
        ("${a} = 1", {"is": ["a", "o_1"]}),
        ("${ a } != '2'", {"not": {"is": ["a", "o_2"]}}),
        ("selected(${m}, 'x')", {"has": ["m", "x"]}),
        ("selected(${a}, '2')", {"is": ["a", "o_2"]}),
        ("not(selected(${m},'x')) and ${n} >= 3", {"all": [{"not": {"has": ["m", "x"]}}, {"at_least": ["n", 3]}]}),
        ("${n} > 2.5", {"at_least": ["n", 3]}),
        ("${n} > 3", {"at_least": ["n", 4]}),
        ("3 > ${n}", {"at_most": ["n", 2]}),
        ("${d} <= 86.53", {"at_most": ["d", 8653]}),
        ("${n} = 2.5 or ${n} = 2", {"is": ["n", 2]}),
        ("${n} != -1", {"not": {"is": ["n", -1]}}),
        ("${s} = '0'", {"is": ["grid.s", 0]}),
        ("${s} >= 1", {"at_least": ["grid.s", 1]}),
        ("${t} != ''", {"answered": "t"}),
        ("${t} = ''", {"not": {"answered": "t"}}),
        ("string-length(${t}) > 0", {"answered": "t"}),
        ("count-selected(${m}) = 0", {"not": {"answered": "m"}}),
        ("${c} = 'l'", {"has": ["c", "l"]}),
        ("${c} != ''", {"answered": "c"}),
        ("count(${r}) > 0", {"answered": "r"}),
        ("'x' = 'x' and ${t} != ''", {"answered": "t"}),
        ("'x' = 'y' or ${t} != ''", {"answered": "t"}),
        ("true() and ${n} >= 1", {"at_least": ["n", 1]}),
        ("true() or ${n} >= 1", True),
        ("not(not(${a}='1'))", {"is": ["a", "o_1"]}),
        ("${n} + ${s} > 3", {"at_least": [{"sum": ["n", "grid.s"]}, 4]}),
        ("${n} + ${n} + 1 >= 5", {"at_least": [{"sum": ["n", "n", 1]}, 5]}),
        ("10 < ${n} - ${s}", {"at_least": [{"less": ["n", "grid.s"]}, 11]}),
        ("${n} * ${d} > 1.5", {"at_least": [{"times": ["n", "d"]}, 151]}),
        ("${d} + ${n} = 2.25", {"is": [{"sum": ["d", {"times": ["n", 100]}]}, 225]}),
        ("${n} > ${s}", {"at_least": [{"less": ["n", "grid.s"]}, 1]}),
        ("${d} <= ${n}", {"at_most": [{"less": ["d", {"times": ["n", 100]}]}, 0]}),
        ("count-selected(${m}) >= 2", {"at_least": [{"count": "m"}, 2]}),
        ("coalesce(${n}, 0) + ${s} = 3", {"is": [{"sum": [{"or": ["n", 0]}, "grid.s"]}, 3]}),
        ("if(${d} = '', 0.5, ${d}) < 1", {"at_most": [{"or": ["d", 50]}, 99]}),
        ("round(coalesce(${d}, 0.5) * 100) >= 7", {"at_least": [{"or": ["d", 50]}, 7]}),
        ("${n} div 10 >= 1.2", {"at_least": ["n", 12]}),
        ("1 + 1 = 2", True),
        ("if(${a} = '1', 'yes', 'no') = 'yes'", {"is": ["a", "o_1"]}),
        ("'no' = if(${a} = '1', 'yes', 'no')", {"not": {"is": ["a", "o_1"]}}),
        (
            "if(${a} = '1', ${n}, ${s}) > 2",
            {
                "any": [
                    {"all": [{"is": ["a", "o_1"]}, {"at_least": ["n", 3]}]},
                    {"all": [{"not": {"is": ["a", "o_1"]}}, {"at_least": ["grid.s", 3]}]},
                ]
            },
        ),
        (
            "${n} = ${s}",
            {
                "any": [
                    {"is": [{"less": ["n", "grid.s"]}, 0]},
                    {"all": [{"not": {"answered": "n"}}, {"not": {"answered": "grid.s"}}]},
                ]
            },
        ),
    ],
)
def test_what_forms_say_becomes_a_condition_of_ours(text: str, said: object) -> None:
    assert condition(parse(text), TARGETS.__getitem__) == said


@pytest.mark.parametrize(
    "text",
    [
        "${a} = '9'",
        "${a} > 1",
        "${a} = ${n}",
        "${m} = 'x'",
        "${t} + 1 > 3",
        "${n} + 'two' > 3",
        "today() - ${n} > 3",
        "count-selected(${n}) > 3",
        "if(${n} > 2, ${t}, 1) > 3",
        "${n} mod 2 = 0",
        "${n} div 2 > 1",
        "${t} = '张三'",
        "${n} = 'viele'",
        "jr:choice-name(${a}, '1') = 'x'",
        "/data/a = '1'",
        "count(${m}) > 1",
        "regex(${t}, 'a+')",
        "${a} = '1",
        "${a} = '1')",
        "(${a} = '1'",
        "'x'",
        "",
        "(" * 60 + "true()" + ")" * 60,
    ],
)
def test_what_our_conditions_cannot_say_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(Unsayable) as refused:
        condition(parse(text), TARGETS.__getitem__)
    assert str(refused.value)


def test_a_test_within_a_test_is_refused_before_what_it_says_fills_the_machine() -> None:
    text = "${n} > 1"
    for _ in range(3):
        text = f"if({text}, ${{n}}, ${{d}}) > 1"
    must_fit(condition(parse(text), TARGETS.__getitem__))
    for _ in range(30):
        text = f"if({text}, ${{n}}, ${{d}}) > 1"
    with pytest.raises(Unsayable, match="太长"):
        must_fit(condition(parse(text), TARGETS.__getitem__))


def test_limits_are_read_whichever_way_they_are_written() -> None:
    assert vars(limits.read("0 < . and . < 10", whole=True)) | {"low": 1, "high": 9} == vars(
        limits.read(". >= 1 and . <= 9", whole=True)
    )
    assert limits.read("string-length(.) < 21", whole=True).longest == 20
    ticks = limits.read("count-selected(.) <= 3 and not(selected(., 'no') and count-selected(.) > 1)", whole=True)
    assert (ticks.most, ticks.alone) == (3, ["no"])
    assert limits.read(". >= 1 and . <= 9 and round(. * 100) div 100 = .", whole=False).decimals == 2


@pytest.mark.parametrize("text", [". != ${other}", ". > ${other}", ". mod 2 = 0", ". or 1", ". > 1 or . < 0"])
def test_a_limit_that_is_not_about_the_answer_alone_is_refused(text: str) -> None:
    with pytest.raises(Unsayable):
        limits.read(text, whole=True)
