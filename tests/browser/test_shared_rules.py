"""What phone and server both decide: conditions, who is asked, patterns and numbers, by the same vectors on both."""

from typing import Any

import pytest
from hypothesis import given, settings

from kernel import clock
from surveys.questionnaires.rules import branching
from tests.surveys.questionnaires.conftest import Survey, open_survey
from tests.surveys.questionnaires.rules.test_asking import VECTORS as ASKING
from tests.surveys.questionnaires.rules.test_branching import ANSWERS, CONDITIONS, FACTS, VECTORS
from tests.surveys.questionnaires.rules.test_patterns import VECTORS as PATTERNS
from tests.surveys.questionnaires.rules.test_questions import NUMBERS

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def survey(make) -> Survey:
    """An open campaign of the official sheet, by the real clock."""
    return open_survey(make, clock.now())


def test_conditions_mean_the_same_on_the_phone_as_on_the_server(survey, visit):
    home = survey.dwellings[0]
    page = visit(survey.owner(home)).go(f"/q/{survey.campaign}/{home.public_id}")
    page.wait_for_selector("body[data-whole]")
    module = page.locator("script[src*='questionnaires/fill.js']").get_attribute("src") or ""
    address = module.replace("fill.js", "branching.js")
    ask = """async ([address, cases]) => {
        const { holds } = await import(address);
        return cases.map((one) => holds(one.when, one.answers, one.facts));
    }"""
    assert page.evaluate(ask, [address, VECTORS]) == [vector["gives"] for vector in VECTORS]
    who = """async ([address, cases]) => {
        const { asked, flattened, needed, offered } = await import(address);
        return cases.map((one) => {
            const now = asked(flattened(one.questions), one.answers, one.facts);
            const known = [now.kept, now.facts];
            return now.list.map((q) => ({ code: q.code, needed: needed(q, ...known), options: offered(q, ...known) }));
        });
    }"""
    assert page.evaluate(who, [address, ASKING]) == [vector["asked"] for vector in ASKING]
    written = """async ([address, cases]) => {
        const { fits } = await import(address);
        return cases.map(([pattern, text]) => fits(pattern, text));
    }"""
    texts = [(one["pattern"], text, key == "yes") for one in PATTERNS for key in ("yes", "no") for text in one[key]]
    patterns = address.replace("branching.js", "patterns.js")
    assert page.evaluate(written, [patterns, [each[:2] for each in texts]]) == [each[2] for each in texts]
    typed = """async ([address, cases]) => {
        const { number, scaled } = await import(address);
        return cases.map(([spec, text]) => {
            const value = scaled(text, spec.decimals || 0);
            return number.fault(spec, value) === "" ? value : null;
        });
    }"""
    entered = [(one["spec"], text, value) for one in NUMBERS for text, value in one["takes"].items()]
    entered += [(one["spec"], text, None) for one in NUMBERS for text in one["refuses"]]
    numbers = address.replace("branching.js", "numbers.js")
    assert page.evaluate(typed, [numbers, [each[:2] for each in entered]]) == [each[2] for each in entered]
    beside = """async ([address, cases]) => {
        const { number } = await import(address);
        const now = () => ({ kept: { all: 30, grid: { all: 30 } }, facts: {} });
        return cases.map(([name, value]) => ["at_most", "at_least"].map((key) =>
            number.fault({ low: 0, high: 9, decimals: 1, [key]: name }, value, { now: now }) === ""));
    }"""
    others: list[Any] = [("all", 29), ("all", 30), ("grid.all", 31), ("nobody", 31)]
    assert page.evaluate(beside, [numbers, others]) == [[True, False], [True, True], [False, True], [True, True]]
    cases: list[dict[str, Any]] = []

    @settings(max_examples=300, deadline=None)
    @given(CONDITIONS, ANSWERS, FACTS)
    def collect(condition: Any, answers: Any, facts: Any) -> None:
        cases.append({"when": condition, "answers": answers, "facts": facts})

    collect()
    here = [branching.holds(case["when"], case["answers"], case["facts"]) for case in cases]
    assert page.evaluate(ask, [address, cases]) == here
