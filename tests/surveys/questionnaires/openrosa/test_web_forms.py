"""What ODK's own web client made of our forms, byte for byte (``web_forms.json`` says which client and version).

Its engine loaded the XML of a form of ours, was given answers as a person would give them, and serialised them.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Invalid
from surveys.questionnaires.openrosa import instance
from surveys.questionnaires.rules import form
from surveys.questionnaires.rules.plan import Plan
from surveys.questionnaires.xlsform import exporting
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.openrosa.collect import SIGNED, Visit, told

RECORDED = json.loads((Path(__file__).parent / "web_forms.json").read_text(encoding="utf-8"))
TODAY = date(2026, 11, 27)


def test_the_official_sheet_as_the_web_client_sends_it_is_the_households_response(visit: Visit) -> None:
    sent = RECORDED["official"].replace("ab12cd34ef", visit.codes[0].lower()).replace("AB12CD34EF", visit.codes[0])
    current = visit.filled(visit.codes[0])
    version = current[current.index('version="') :].split('"')[1]
    sent = sent.replace("camp", visit.survey.campaign, 1).replace("2026-1-b41f56a3c244", version, 1)
    done = visit.phone.send(sent, SIGNED)
    assert (done.status_code, told(done)) == (201, "已收到这一户的问卷。")
    answers = visit.response_of(0).answers
    private = {"q36", "q36_phone", "q38", "q20"}
    assert {code: answers.get(code) for code in FULL.keys() - private} == {
        code: value for code, value in FULL.items() if code not in private
    }


@pytest.mark.parametrize("sheet", RECORDED["sheets"], ids=["with rows", "without rows", "not as it must be written"])
def test_rows_times_patterns_and_ways_down_come_back_as_they_were_given(sheet: dict[str, Any]) -> None:
    read = form.read(RECORDED["document"])
    found, pictures = instance.answers_of(exporting.export(read).fields, instance.parsed(sheet["xml"].encode()))
    assert (found, pictures) == (sheet["answers"], [])
    if sheet["ready"]:
        assert Plan(read).check(found, {}, today=TODAY).answers == sheet["answers"]
        return
    with pytest.raises(Invalid) as refused:  # the client would not send it, and neither would we take it
        Plan(read).check(found, {}, today=TODAY)
    assert refused.value.fields.keys() == {"id"}
