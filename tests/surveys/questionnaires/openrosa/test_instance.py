"""What a phone hands in, read back as answers: any form, with rows, nested as Collect nests them."""

import random
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from surveys.questionnaires.openrosa import instance
from surveys.questionnaires.rules import form
from surveys.questionnaires.rules.plan import Plan, together
from surveys.questionnaires.rules.questions.scales import number_text
from surveys.questionnaires.xlsform import compiling, exporting
from surveys.questionnaires.xlsform.sheets import Field
from tests.surveys.questionnaires.forms import answers, document
from tests.surveys.questionnaires.rules.test_asking import FORM, ROWS

TODAY = date(2026, 11, 25)
META = "<meta><instanceID>uuid:0123456789</instanceID></meta>"


def text_of(one: Field, held: Any) -> str:
    """An answer as the field's text, "" for none."""
    if one.how == "place":
        at = int(one.part) - 1
        return held[at] if at < len(held) else ""
    if one.part:
        held = held.get(one.part)
    if held is None:
        return ""
    if one.how == "yes_no":
        return "yes" if held else "no"
    if one.how == "number":
        return number_text(held, one.decimals)
    return " ".join(held) if isinstance(held, list) else str(held)


def elements(fields: Sequence[Field], held: Mapping[str, Any], cut: int = 0) -> str:
    """Fields as XML elements, each inside a group as forms have them."""
    made = [(one.name, text_of(one, held[one.code[cut:]])) for one in fields if one.code[cut:] in held]
    return "".join(f"<g_{name}><{name}>{escape(text)}</{name}></g_{name}>" for name, text in made if text)


def xml_of(fields: Sequence[Field], given_: Mapping[str, Any]) -> bytes:
    """A filled form."""
    body = elements([one for one in fields if not one.repeat], given_)
    for name in dict.fromkeys(one.repeat for one in fields if one.repeat):
        inner = [one for one in fields if one.repeat == name]
        code = inner[0].code.partition(".")[0]
        for row in given_.get(code, []):
            body += f"<{name}>{elements(inner, row, len(code) + 1)}</{name}>"
    return f'<data id="made" version="1">{body}{META}</data>'.encode()


@given(st.integers(0, 10**9))
def test_answers_written_as_a_phone_writes_them_are_read_as_they_were(seed: int) -> None:
    chance = random.Random(seed)
    try:
        read = form.read(document(chance))
    except Invalid:
        return
    plan, fields = Plan(read), exporting.export(read).fields
    for _ in range(20):
        try:
            checked = plan.check(answers(chance, read), {}, today=TODAY)
        except Invalid:
            continue
        whole = together(read, checked.answers, checked.private)
        found, pictures = instance.answers_of(fields, instance.parsed(xml_of(fields, whole)))
        assert plan.check(found, {}, today=TODAY) == checked
        assert pictures == []


def test_rows_of_a_form_for_visits_come_in_with_their_names() -> None:
    made = exporting.export(FORM, at_doors=True)
    assert "<repeat" in compiling.xform(made.sheets)
    filled = instance.parsed(xml_of(made.fields, {"people": 3, "old": ROWS, "where": ["zj", "dh"]}))
    found, _ = instance.answers_of(made.fields, filled)
    assert found == {"people": 3, "old": ROWS, "where": ["zj", "dh"]}


def test_a_number_nobody_can_read_inside_a_row_is_named() -> None:
    made = exporting.export(FORM)
    filled = instance.parsed(f'<data id="x"><old><old__age>vielleicht</old__age></old>{META}</data>'.encode())
    with pytest.raises(Invalid) as refused:
        instance.answers_of(made.fields, filled)
    assert list(refused.value.fields) == ["old.age"]


def test_a_moment_before_the_first_year_is_no_answer_rather_than_an_accident() -> None:
    filled = instance.parsed(f'<data id="x"><at>0001-01-01T00:00:00+14:00</at>{META}</data>'.encode())
    with pytest.raises(Invalid) as refused:
        instance.answers_of([Field("at", "at", "moment")], filled)
    assert list(refused.value.fields) == ["at"]


@pytest.mark.parametrize(
    "body",
    ["<people>1</people><people>2</people>", "<a>" * 40 + "</a>" * 40, "<g><people>1</people></g><people>1</people>"],
)
def test_a_field_that_comes_twice_and_a_form_nested_without_end_are_refused(body: str) -> None:
    made = exporting.export(FORM)
    with pytest.raises(Invalid):
        instance.answers_of(made.fields, instance.parsed(f'<data id="x">{body}{META}</data>'.encode()))
