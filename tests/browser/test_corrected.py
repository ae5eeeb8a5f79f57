"""A questionnaire is corrected while three neighbours are filling it in: nobody loses a word, nobody is sent away."""

import copy

import pytest
from playwright.sync_api import expect

from kernel import clock
from surveys.questionnaires.corrections import services as corrections
from surveys.questionnaires.services import forms
from tests.browser.filling import forward, pick, stored, type_in
from tests.support.browser import assert_usable, screenshot
from tests.surveys.questionnaires.conftest import open_survey
from tests.surveys.questionnaires.corrections.conftest import corrected
from tests.surveys.questionnaires.rules.test_mapping import DOCUMENT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MAPPING = {
    "questions": {"agree": "consent", "order": None},
    "options": {"agree": {"rather": "yes"}, "works": {"roof": None}},
    "added": ["first"],
}


def without_roof():
    """Another code for one question, an option gone from another, a third gone and a new one in its place."""
    after = copy.deepcopy(corrected())
    questions = after["sections"][0]["questions"]
    works = next(one for one in questions if one["code"] == "works")
    works["options"] = [one for one in works["options"] if one["code"] != "roof"]
    questions[:] = [one for one in questions if one["code"] != "order"]
    options = [{"code": "water", "label": "水管"}, {"code": "gas", "label": "煤气"}]
    questions.append({"code": "first", "no": "", "kind": "single", "title": "先改哪一样", "options": options})
    return after


def kept_as_a_draft(answer) -> bool:
    """The server has taken a draft of what is filled in."""
    return "/drafts/" in answer.url and answer.request.method == "PATCH" and answer.ok


def test_three_neighbours_fill_in_a_sheet_that_is_corrected_meanwhile(make, visit):
    survey = open_survey(make, clock.now(), document=DOCUMENT)
    phones, pages = [], []
    for number, (size, way) in enumerate((("normal", "?mode=scroll"), ("large", ""), ("normal", "?mode=scroll"))):
        home = survey.dwellings[number]
        phones.append(visit(survey.owner(home), size=size))
        pages.append(phones[-1].go(f"/q/{survey.campaign}/{home.public_id}{way}"))
    for page in pages:
        page.wait_for_selector("body[data-whole]")
    carried, asked_again, halfway = pages
    pick(carried, "agree", "rather")
    type_in(carried, "people", "3")
    with halfway.expect_response(kept_as_a_draft):  # in the old words; in the new ones the phones agree anew
        pick(halfway, "agree", "no")
    forward(asked_again)
    while asked_again.locator(".q").count():
        if asked_again.locator("[name=people]").count():
            type_in(asked_again, "people", "2")
        if asked_again.locator("[name=works]").count():
            pick(asked_again, "works", "water", "roof")
        if asked_again.locator("[name=agree]").count():
            pick(asked_again, "agree", "rather")
        forward(asked_again)
    version = forms.load(without_roof(), actor="test", now=clock.now()).version.public_id
    corrections.correct(
        survey.campaign,
        version=version,
        mapping=MAPPING,
        reason="没有屋顶这一项",
        person_id=None,
        actor="test",
        now=clock.now(),
    )

    forward(carried)  # every answer of his is carried: there is nothing to say to him
    carried.wait_for_url("**/done")
    assert stored(survey).answers == {"agree": "rather", "people": 3}

    forward(asked_again)
    expect(asked_again.locator("[data-corrected]")).to_contain_text(
        "您填好的都还在。只有这 1 题请您再看一下，再点下面的按钮。"
    )
    expect(asked_again.locator("[data-again=works]")).to_contain_text("您原来填的是：water；roof")
    expect(asked_again.locator(".q")).to_have_count(1)
    assert_usable(phones[1])
    screenshot(asked_again, "questionnaire-corrected")
    asked_again.reload()  # and it is still there when she puts the phone away
    asked_again.wait_for_selector("body[data-whole]")
    expect(asked_again.locator("[data-again=works]")).to_be_visible()
    pick(asked_again, "works", "other")
    forward(asked_again)
    asked_again.wait_for_url("**/done")
    assert stored(survey, 1).answers == {"consent": "yes", "people": 2, "works": ["water", "other"]}

    halfway.reload()
    halfway.wait_for_selector("body[data-whole]")
    expect(halfway.locator("input[name=consent][value=no]")).to_be_checked()
    with halfway.expect_response(kept_as_a_draft):
        pick(halfway, "first", "gas")
    forward(halfway)
    halfway.wait_for_url("**/done")
    assert stored(survey, 2).answers == {"consent": "no", "first": "gas"}
