"""The questionnaire on a phone: a resident alone with it, a worker at the door, and everything that can go wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kernel import clock
from surveys.questionnaires.services import campaigns, sealing
from tests.browser.filling import ANSWER, expected, forward, number_at, pick, sign, stored, type_in
from tests.support.browser import assert_usable, screenshot
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.conftest import Survey, open_survey

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FIRST_SCREEN_BYTES = 15_000


@pytest.fixture
def survey(make) -> Survey:
    """An open campaign of the official sheet, by the real clock."""
    return open_survey(make, clock.now())


@pytest.mark.parametrize("look", ["normal", "large", "dark"])
def test_a_resident_finishes_the_whole_sheet_one_question_a_screen(survey, visit, look):
    home = survey.dwellings[0]
    phone = visit(survey.owner(home), look=look, size="large" if look == "large" else "normal")
    page = phone.go(f"/q/{survey.campaign}/{home.public_id}")
    page.wait_for_selector("body[data-whole]")
    screenshot(page, f"questionnaire-{look}-0")
    assert_usable(phone)
    forward(page)
    seen = []
    while page.locator(".q").count():
        number = number_at(page)
        seen.append(number)
        if ANSWER[number]:
            ANSWER[number](page)
        box = page.locator("[data-next]").bounding_box()
        assert box is not None
        assert 812 * 0.7 < box["y"] < 812  # always where the thumb of the hand that holds the phone is
        if number in ("2", "5", "11", "12", "15", "20", "27", "37", "38"):
            screenshot(page, f"questionnaire-{look}-{number}")
            assert_usable(phone)
        expect(page.locator("[data-saved]")).to_have_text("已保存") if len(seen) > 2 else None
        forward(page)
    assert seen == list(ANSWER)
    screenshot(page, f"questionnaire-{look}-review")
    assert_usable(phone)
    forward(page)
    page.wait_for_url("**/done")
    screenshot(page, f"questionnaire-{look}-done")
    assert_usable(phone)
    response = stored(survey)
    assert sealing.open_sealed(response) == {"q36": "陈秀英", "q36_phone": "13812341234"}
    kept = dict(response.answers)
    want = expected()
    assert len(kept.pop("q38")) == len(want.pop("q38"))
    assert kept.pop("q38_date") == clock.china_day(clock.now()).isoformat()
    want.pop("q38_date")
    assert kept == want
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('q:')).length") == 0


def test_a_worker_fills_it_in_on_one_page_with_two_visitors_and_a_family_member_says_who_he_is(survey, visit, make):
    home = survey.dwellings[0]
    worker = make.account("worker")
    make.grant(worker, "community_worker", survey.estate)
    phone = visit(worker)
    page = phone.go(f"/q/{survey.campaign}/{home.public_id}?mode=scroll")
    page.wait_for_selector("body[data-whole]")
    assert_usable(phone)
    for number, answer in ANSWER.items():
        if answer and number != "38":
            answer(page)
    forward(page)
    expect(page.locator(".q:has-text('入户人员签名（第一人）') .error")).to_have_text("这一题要填。")
    for pad in range(3):
        sign(page, pad)
    screenshot(page, "questionnaire-worker")
    forward(page)  # who came along has not been said yet
    expect(page.locator("[data-alert]")).to_contain_text("请选和您一起入户的人")
    page.get_by_label("和您一起入户的人").select_option("alone")
    forward(page)
    page.wait_for_url("**/done")
    expect(page.locator("main")).to_contain_text("社区入户代填（李工，没有第二人）")
    response = stored(survey)
    assert (response.channel, response.relation) == ("worker_visit", "worker")
    assert len({response.answers[code] for code in ("q38", "q38_visitor_1", "q38_visitor_2")}) == 3

    # The household looks at what was filled in for it, and says what is not so.
    owner = visit(survey.owner(home, level=2), size="xlarge")
    page = owner.go(f"/q/{survey.campaign}/{home.public_id}/done")
    assert_usable(owner)
    page.get_by_role("button", name="提出异议").click()
    expect(page.locator("[data-opinions] .error")).to_contain_text("请写明理由")
    page.get_by_label("哪里不对").fill("我家没有人说过同意改造。")
    page.get_by_role("button", name="提出异议").click()
    expect(page.locator("main")).to_contain_text("您对这一份提出了异议")
    expect(page.locator("main")).to_contain_text("社区还在核对")
    screenshot(page, "questionnaire-contested-xlarge")


def test_a_child_who_fills_it_in_is_marked_and_says_who_he_is(survey, visit, make):
    home = survey.dwellings[0]
    child = make.account("child")
    make.tie(child, home, level=1, relation="family")
    page = visit(child).go(f"/q/{survey.campaign}/{home.public_id}?mode=scroll")
    page.wait_for_selector("body[data-whole]")
    expect(page.locator("input[name=channel][value=wechat_by_family]")).to_be_checked()
    for number, answer in ANSWER.items():
        if answer and number != "38":
            answer(page)
    type_in(page, "q38_proxy_name", "陈小明")
    pick(page, "q38_proxy_relation", "child")
    type_in(page, "q38_proxy_phone", "13912341234")
    sign(page)
    forward(page)
    page.wait_for_url("**/done")
    response = stored(survey)
    assert (response.channel, response.relation) == ("wechat_by_family", "family")
    assert sealing.open_sealed(response)["q38_proxy_name"] == "陈小明"


def begun(survey: Survey, visit: Any, number: int = 0, **options: Any) -> Page:
    """A page in scroll mode with everything filled in but not sent."""
    home = survey.dwellings[number]
    page = visit(survey.owner(home), **options).go(f"/q/{survey.campaign}/{home.public_id}?mode=scroll")
    page.wait_for_selector("body[data-whole]")
    for answer in ANSWER.values():
        if answer:
            answer(page)
    return page


def kept_on_phone(page: Page) -> dict[str, Any]:
    """The answers as the phone holds them."""
    text = page.evaluate("localStorage.getItem(Object.keys(localStorage).find(key => key.startsWith('q:')))")
    answers: dict[str, Any] = json.loads(text)["answers"]
    return answers


def test_a_page_that_was_closed_opens_where_it_was_with_everything_typed(survey, visit):
    home = survey.dwellings[0]
    phone = visit(survey.owner(home))
    page = phone.go(f"/q/{survey.campaign}/{home.public_id}")
    page.wait_for_selector("body[data-whole]")
    forward(page)
    forward(page)
    pick(page, "q02", "other")
    type_in(page, "q02.other", "侄子")
    forward(page)
    assert number_at(page) == "3"
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert number_at(page) == "3"
    page.locator("[data-previous]").click()
    expect(page.locator("input[name='q02'][value='other']")).to_be_checked()
    expect(page.locator("[name='q02.other']")).to_have_value("侄子")
    pick(page, "q02", "owner")
    expect(page.locator("[name='q02.other']")).to_be_hidden()


def test_a_required_question_holds_one_back_in_words_and_nothing_moves_by_itself(survey, visit):
    home = survey.dwellings[0]
    page = visit(survey.owner(home)).go(f"/q/{survey.campaign}/{home.public_id}")
    page.wait_for_selector("body[data-whole]")
    forward(page)
    forward(page)
    forward(page)
    assert number_at(page) == "2"
    expect(page.locator(".q .error:visible")).to_have_text("这一题要填。")
    pick(page, "q02", "owner")
    assert number_at(page) == "2"
    expect(page.locator(".q .error:visible")).to_have_count(0)
    forward(page)
    forward(page)
    type_in(page, "q04", "9")
    forward(page)
    expect(page.locator(".q .error:visible")).to_have_text("请填 10 到 500。")


def test_whoever_changes_an_answer_goes_straight_to_it_and_what_it_opens_and_back(survey, visit):
    home = survey.dwellings[0]
    account = survey.owner(home)
    survey.submit(account, home, now=clock.now())
    phone = visit(account, size="xlarge")
    page = phone.go(f"/q/{survey.campaign}/{home.public_id}?edit=1")
    page.wait_for_selector("body[data-whole]")
    expect(page.locator("[data-intro]")).to_contain_text("不交，就还按已经交的算")
    forward(page)
    page.get_by_role("link", name="9. 您同意本小区改造吗").click()
    pick(page, "q09", "disagree")
    screenshot(page, "questionnaire-change")
    forward(page)  # it asks why, and nothing else
    assert number_at(page) == "10"
    pick(page, "q10", "cost")
    forward(page)
    expect(page.get_by_role("heading", name="请核对一遍")).to_be_visible()
    forward(page)  # the signature is given anew
    assert number_at(page) == "38"
    sign(page)
    assert_usable(phone)
    forward(page)
    forward(page)
    page.wait_for_url("**/done")
    assert (stored(survey).answers["q09"], stored(survey).answers["q10"]) == ("disagree", ["cost"])


def test_of_three_reasons_no_more_than_three_can_be_ticked_and_none_excludes_the_rest(survey, visit):
    page = begun(survey, visit)
    pick(page, "q09", "disagree")
    pick(page, "q10", "cost", "quality", "disturbance", "away")
    expect(page.locator("[data-alert]")).to_contain_text("最多选 3 项")
    assert kept_on_phone(page)["q10"] == ["cost", "quality", "disturbance"]
    pick(page, "q14", "enhancing_none")
    assert kept_on_phone(page)["q14"] == ["enhancing_none"]
    pick(page, "q14", "shop")
    assert kept_on_phone(page)["q14"] == ["shop"]
    pick(page, "q09", "agree")
    expect(page.locator("[name='q10']").first).to_be_hidden()
    forward(page)
    page.wait_for_url("**/done")
    assert "q10" not in stored(survey).answers


def test_when_somebody_of_the_household_was_first_one_is_told_kindly_and_loses_nothing(survey, visit):
    page = begun(survey, visit)
    home = survey.dwellings[0]
    other = survey.owner(home)
    survey.submit(other, home, now=clock.now())
    forward(page)
    page.wait_for_url("**/done")
    expect(page.locator(".msg")).to_contain_text("还要社区核对一下")
    screenshot(page, "questionnaire-second")
    expect(page.locator("main")).to_contain_text("第 2 份填的内容")
    expect(page.locator("main")).to_contain_text("第 1 份")


def test_a_campaign_that_closed_meanwhile_says_so_and_loses_nothing(survey, visit):
    page = begun(survey, visit)
    campaigns.close_by_hand(survey.campaign, person_id=None, actor="test", now=clock.now())
    forward(page)
    expect(page.locator("[data-over='campaign-closed']")).to_contain_text("已经截止")
    assert kept_on_phone(page)["q35"] == FULL["q35"]
    page.reload()
    expect(page.locator("main")).to_contain_text("填过的内容还留着")


def test_without_a_network_nothing_is_lost_and_the_second_tap_sends_it_once(survey, visit):
    page = begun(survey, visit)
    page.context.set_offline(True)
    forward(page)
    expect(page.locator("[data-alert]")).to_contain_text("还在")
    assert kept_on_phone(page)["q35"] == FULL["q35"]
    page.context.set_offline(False)
    forward(page)
    page.wait_for_url("**/done")
    assert stored(survey).answers["q35"] == FULL["q35"]


def test_an_answer_lost_on_the_way_back_is_asked_for_again_with_the_same_key(survey, visit):
    page = begun(survey, visit)
    lost = []

    def lose_the_first(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)  # the server has it; the phone never hears
        route.abort()

    page.route("**/responses", lose_the_first)
    forward(page)
    page.wait_for_url("**/done")
    assert lost == [201]
    expect(page.locator("main")).to_contain_text("回执编号")


def test_what_the_server_refuses_is_shown_at_its_question(survey, visit):
    page = begun(survey, visit)

    def spoil(route: Any) -> None:
        body = route.request.post_data_json
        body["answers"]["q04"] = 1
        route.continue_(post_data=json.dumps(body))

    page.route("**/responses", spoil)
    forward(page)
    expect(page.locator(".q:has([name='q04']) .error")).to_contain_text("10 到 500")
    page.unroute("**/responses")
    forward(page)
    page.wait_for_url("**/done")


def test_photos_are_shrunk_sent_and_described_and_can_be_taken_out(survey, visit, tmp_path: Path):
    from PIL import Image

    picture = tmp_path / "wall.jpg"
    Image.new("RGB", (3000, 2000), (120, 90, 60)).save(picture)
    page = begun(survey, visit)
    page.locator("[name='q20']").set_input_files([str(picture), str(picture)])
    expect(page.locator(".shots li")).to_have_count(2)
    page.locator(".shots input").first.fill("三楼楼梯口漏水")
    page.get_by_role("button", name="删掉这张").nth(1).click()
    expect(page.locator(".shots li")).to_have_count(1)
    forward(page)
    page.wait_for_url("**/done")
    photos = stored(survey).answers["q20"]
    assert [photo["caption"] for photo in photos] == ["三楼楼梯口漏水"]


def test_the_first_usable_screen_is_small_and_the_rest_loads_after(survey, visit):
    home = survey.dwellings[0]
    phone = visit(survey.owner(home))
    sizes: dict[str, int] = {}
    phone.page.on(
        "response",
        lambda answer: sizes.update({answer.url: answer.request.sizes()["responseBodySize"]}),
    )
    # What comes behind the first screen is held back until it has been looked at, however busy the machine is.
    phone.page.add_init_script("window.behind = []; window.setTimeout = (work) => behind.push(work);")
    phone.go(f"/q/{survey.campaign}/{home.public_id}")
    phone.page.wait_for_selector("body[data-ready]")
    phone.page.wait_for_load_state("networkidle")
    first = dict(sizes)
    phone.page.evaluate("behind.splice(0).forEach((work) => work())")
    phone.page.wait_for_selector("body[data-whole]")
    total = sum(first.values())
    assert total <= FIRST_SCREEN_BYTES, sorted(first.items(), key=lambda pair: -pair[1])
    assert [url for url in first if "/sections/" in url and not url.endswith("/0")] == []
    named = phone.page.request.get(f"/q/{survey.campaign}/{home.public_id}").text()
    assert [url for url in first if "/assets/" in url and url.split("/assets/")[1] not in named] == []


@pytest.mark.parametrize("width", [320, 414])
def test_the_page_fits_other_phones_too(survey, visit, width):
    for size in ("normal", "large", "xlarge"):
        phone = visit(survey.owner(survey.dwellings[0]), width=width, size=size)
        page = phone.go(f"/q/{survey.campaign}/{survey.dwellings[0].public_id}?mode=scroll")
        page.wait_for_selector("body[data-whole]")
        assert_usable(phone)
        screenshot(page, f"questionnaire-{width}-{size}")
