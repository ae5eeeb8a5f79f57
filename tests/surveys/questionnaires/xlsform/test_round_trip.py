"""Whatever is accepted as a questionnaire comes back from a spreadsheet asking the same and taking the same answers."""

import random
from datetime import date
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kernel.errors import Invalid
from surveys.questionnaires.rules import form
from surveys.questionnaires.rules.plan import Plan, together
from surveys.questionnaires.xlsform import exporting, importing, workbook
from tests.surveys.questionnaires.forms import answers, document

TODAY = date(2026, 11, 25)


def read_or_none(raw: dict[str, Any]) -> form.Form | None:
    """The form of a document, or None for one that is not in order (a condition that can never hold)."""
    try:
        return form.read(raw)
    except Invalid:
        return None


def outcome(plan: Plan, given_: dict[str, Any]) -> Any:
    """What becomes of answers: kept in normal form, or which questions are wrong."""
    try:
        checked = plan.check(given_, {}, today=TODAY)
    except Invalid as refused:
        return sorted(refused.fields)
    return checked.answers | checked.private


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_a_form_comes_back_from_its_spreadsheet_taking_the_very_same_answers(seed: int) -> None:
    chance = random.Random(seed)
    first = read_or_none(document(chance))
    assume(first is not None)
    assert first is not None
    made = exporting.export(first)
    found = importing.read_form(workbook.written(made.sheets))
    assert [str(remark) for remark in found.refused] == []
    back = form.read(found.document)
    assert [(one.code, one.kind, one.title, one.required) for one in back.with_inner.values()] == [
        (one.code, one.kind, one.title, one.required) for one in first.with_inner.values()
    ]
    # Where fewer may be chosen than must be, the spreadsheet cannot say it, and the export says that it cannot.
    assume(not any("最少选几项" in text or "必填没有写" in text for text in made.listed))
    before, after = Plan(first), Plan(back)
    for _ in range(25):
        given_ = answers(chance, first)
        assert outcome(after, given_) == outcome(before, given_)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_what_is_taken_is_taken_again_and_what_is_hidden_never(seed: int) -> None:
    chance = random.Random(seed)
    read = read_or_none(document(chance))
    assume(read is not None)
    assert read is not None
    plan = Plan(read)
    for _ in range(25):
        given_ = answers(chance, read)
        try:
            checked = plan.check(given_, {}, today=TODAY)
        except Invalid:
            continue
        asked = {one.code: one for one in plan.asked(checked.answers, {})}
        assert checked.answers.keys() <= asked.keys()
        for code, value in checked.answers.items():
            if read.by_code[code].kind in ("single", "multi", "ranking"):
                chosen = [value] if isinstance(value, str) else value
                assert set(chosen) <= set(asked[code].options)
        assert all(one.code in checked.answers | checked.private for one in asked.values() if one.needed)
        assert plan.check(together(read, checked.answers, checked.private), {}, today=TODAY) == checked
