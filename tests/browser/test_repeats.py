"""Rows that are added and taken away, options that come and go, a way down a tree: on the phone, in both modes."""

from typing import Any

import pytest
from playwright.sync_api import expect

from kernel import clock
from kernel.database import reading
from surveys.questionnaires import data, queries
from surveys.questionnaires.services import sealing
from tests.support.browser import assert_usable, screenshot
from tests.surveys.questionnaires.conftest import drawn, open_survey
from tests.surveys.questionnaires.rules.test_asking import OLD, PEOPLE, WHERE, sheet

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HELP: dict[str, Any] = {
    "code": "help",
    "kind": "multi",
    "title": "要哪些帮助",
    "max": 2,
    "options": [
        {"code": "meals", "label": "助餐"},
        {"code": "lift", "label": "加装电梯", "show_if": {"at_least": ["people", 2]}},
        {"code": "none", "label": "都不要", "alone": True},
    ],
}
NUMBERED = [{**one, "no": str(n)} for n, one in enumerate((PEOPLE, {**OLD, "min": 1}, HELP, WHERE), 1)]


@pytest.mark.parametrize("mode", ["step", "scroll"])
def test_a_household_fills_in_a_row_for_each_of_its_old_people(make, visit, mode):
    survey = open_survey(make, clock.now(), sheet(*NUMBERED))
    home = survey.dwellings[0]
    phone = visit(
        survey.owner(home),
        look="large" if mode == "scroll" else "normal",
        size="large" if mode == "scroll" else "normal",
    )
    page = phone.go(f"/q/{survey.campaign}/{home.public_id}?mode={mode}")
    page.wait_for_selector("body[data-whole]")
    go_on = (lambda: page.locator("[data-next]").click()) if mode == "step" else (lambda: None)
    go_on()
    page.locator("[name='people']").fill("2")
    go_on()
    page.locator("[name='old.0.name']").fill("陈秀英")
    page.locator("[name='old.0.age']").fill("90")
    page.locator("label:has(input[name='old.0.care'][value='centre'])").click()
    page.locator("[data-add='old']").click()
    page.locator("[name='old.1.age']").fill("75")
    expect(page.locator("label:has(input[name='old.1.care'][value='centre'])")).to_be_hidden()
    page.locator("label:has(input[name='old.1.care'][value='other'])").click()
    page.locator("[name='old.1.care.other']").fill("邻居")
    page.locator("[data-add='old']").click()
    screenshot(page, f"repeat-{mode}")
    assert_usable(phone)
    page.locator("[data-row='2'] + [data-drop] button").click()
    expect(page.locator("[data-row]")).to_have_count(2)
    # Younger after all: what was chosen for the older one is not offered now, and the page says so.
    page.locator("[name='old.0.age']").fill("72")
    page.locator("[data-next]").click()
    expect(page.locator(".q .error:visible").first).to_contain_text("改选")
    page.locator("[name='old.0.age']").fill("88")
    go_on()
    page.locator("label:has(input[name='help'][value='lift'])").click()
    go_on()
    page.locator("[name='where.1']").select_option("zj")
    page.locator("[name='where.2']").select_option("dh")
    go_on()
    if mode == "step":
        expect(page.locator("[data-questions]")).to_contain_text("第 2 位老人：年龄 75；谁照料 其他；请说明 邻居")
    page.locator("[data-next]").click()
    page.wait_for_url("**/done")
    session = reading()
    session.rollback()
    campaign = queries.campaign_by_public_id(session, survey.campaign)
    response = queries.valid_response(session, campaign.id, home.id)
    assert response is not None
    assert response.answers == {
        "people": 2,
        "old": [{"age": 88, "care": "centre"}, {"age": 75, "care": "other", "care.other": "邻居"}],
        "help": ["lift"],
        "where": ["zj", "dh"],
    }
    assert sealing.open_sealed(response) == {"old.name": ["陈秀英", None]}


def test_each_row_has_its_own_photos_and_signature(make, visit, tmp_path):
    seen = {"code": "seen", "kind": "signature", "title": "Signed by"}
    document = data.shipped("elders-at-home")
    document["sections"][0]["questions"][1]["questions"].append(seen)
    survey = open_survey(make, clock.now(), document)
    home = survey.dwellings[0]
    phone = visit(survey.owner(home))
    page = phone.go(f"/q/{survey.campaign}/{home.public_id}?mode=scroll&lang=en")
    page.wait_for_selector("body[data-whole]")
    expect(page.locator("[data-questions]")).to_contain_text("Does anybody aged 60 or over")
    page.locator("label:has(input[name='e01'][value='yes'])").click()
    picture = tmp_path / "stairs.png"
    picture.write_bytes(drawn())
    for row, age in enumerate(("81", "77")):
        page.locator(f"[name='e02.{row}.age']").fill(age)
        page.locator(f"label:has(input[name='e02.{row}.walk'][value='slow'])").click()
        page.locator(f"[name='e02.{row}.spots']").set_input_files(str(picture))
        expect(page.locator(f"[data-row='{row}'] .shots img")).to_have_count(1)
        pad = page.locator(f"[data-row='{row}'] canvas.sign-pad")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 40, box["y"] + 60)
        page.mouse.down()
        for x, y in ((120, 110), (180, 50), (240, 100)):
            page.mouse.move(box["x"] + x, box["y"] + y, steps=4)
        page.mouse.up()
        if row == 0:
            page.locator("[data-add='e02']").click()
    for item in ("use", "visit"):
        page.locator(f"label:has(input[name='e04.{item}'][value='true'])").click()
    screenshot(page, "repeat-pictures")
    assert_usable(phone)
    page.locator("[data-next]").click()
    page.wait_for_url("**/done")
    session = reading()
    session.rollback()
    campaign = queries.campaign_by_public_id(session, survey.campaign)
    response = queries.valid_response(session, campaign.id, home.id)
    assert response is not None
    rows = response.answers["e02"]
    assert [(row["age"], row["walk"], len(row["spots"])) for row in rows] == [(81, "slow", 1), (77, "slow", 1)]
    assert len({rows[0]["seen"], rows[1]["seen"], rows[0]["spots"][0]["file"], rows[1]["spots"][0]["file"]}) == 4
