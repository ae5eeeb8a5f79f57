"""A questionnaire is written on a phone: put right, looked at, published, asked with; two people do not collide."""

import copy

import pytest
from playwright.sync_api import expect

from kernel import clock
from kernel.database import reading
from surveys.questionnaires import data, queries
from surveys.questionnaires.results import queries as counts_of
from surveys.questionnaires.services import counting, forms
from surveys.questionnaires.xlsform import importing
from tests.support.browser import assert_usable, screenshot
from tests.surveys.questionnaires.authoring.test_authoring import above
from tests.surveys.questionnaires.conftest import open_survey
from tests.surveys.questionnaires.corrections.test_corrections import corrected
from tests.surveys.questionnaires.rules.test_mapping import DOCUMENT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_an_officer_writes_a_questionnaire_looks_at_it_and_asks_with_it(make, visit):
    estate = make.estate()
    account = make.account()
    make.grant(account, "city_officer", above(estate, "city"))
    phone = visit(account)
    page = phone.go("/work/questionnaires")
    assert_usable(phone)
    page.locator("[name='title']").fill("需求问卷")
    page.locator("[name='code']").fill("needs-2027")
    page.locator("[data-begin] button[type='submit']").click()
    page.wait_for_selector("body[data-ready]")
    page.locator("[data-question='q01']").click()
    page.get_by_label("题目文字").fill("您同意改造吗？")
    page.get_by_label("新题的题型").select_option("text")
    page.get_by_role("button", name="加一题").click()
    page.get_by_label("题目文字").fill("为什么不同意？")
    # 什么时候问这一题: the first question, its second option.
    asks = page.locator(".box", has_text="什么时候问这一题").first
    asks.get_by_role("button", name="加条件").click()
    asks.get_by_label("哪一项").select_option(label="不同意")
    page.get_by_label("最多多少字").fill("0")
    expect(page.locator("[data-saved]")).to_have_text("已存，有 1 处不对")
    expect(page.locator(".entry .error:visible")).to_contain_text("最多多少字")
    screenshot(page, "authoring-editor")
    assert_usable(phone)
    page.get_by_label("最多多少字").fill("60")
    expect(page.locator("[data-saved]")).to_have_text("已存")
    page.locator("[data-preview]").click()
    page.wait_for_selector("body[data-whole]")
    page.locator("[data-next]").click()
    page.locator("label:has(input[name='q01'][value='no'])").click()
    page.locator("[data-next]").click()
    page.locator("[name='q1']").fill("太贵")
    page.locator("[data-next]").click()
    screenshot(page, "authoring-preview")
    page.locator("[data-next]").click()
    expect(page.locator("body")).to_contain_text("检查通过：这样填可以提交，共 2 处有答案")
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.indexOf('q:') === 0)") == []
    page.go_back()
    page.wait_for_selector("body[data-ready]")

    # Somebody else has the same draft open and saves first.
    other = visit(account).go(page.url)
    other.wait_for_selector("body[data-ready]")
    other.get_by_label("名称", exact=True).fill("别人改的名称")
    expect(other.locator("[data-saved]")).to_have_text("已存")
    page.get_by_label("名称", exact=True).fill("我改的名称")
    expect(page.locator("[data-conflict]")).to_contain_text("没有覆盖别人的")
    page.get_by_role("button", name="把我的另存成一份").click()
    page.wait_for_url("**/drafts/*")
    page.wait_for_selector("body[data-ready]")
    expect(page.get_by_label("名称", exact=True)).to_have_value("我改的名称（我的改动）")

    other.locator("[data-publish]").click()
    other.wait_for_url("**/versions/*")
    other.locator("label:has(input[name='places'])").last.click()
    other.locator("[data-campaign] button[type='submit']").click()
    opening = other.get_by_role("button", name="现在开始")
    opening.click()
    other.get_by_role("button", name="再点一次确定").click()
    expect(other.get_by_role("button", name="现在截止")).to_be_visible()
    screenshot(other, "authoring-version")
    session = reading()
    session.rollback()
    assert [one.state for one in queries.campaigns(session)] == ["open"]


def test_the_editor_of_the_official_sheet_fits_a_desk_and_large_type(make, visit):
    estate = make.estate()
    account = make.account()
    make.grant(account, "city_officer", above(estate, "city"))
    client = make.signed_in(account)
    version = make_official()
    body = {"code": "mine", "title": "我的问卷", "version": version}
    draft = client.post("/api/v1/staff/questionnaires/drafts", json=body).json["draft"]
    phone = visit(account, size="large")
    page = phone.go(f"/work/questionnaires/drafts/{draft}")
    page.wait_for_selector("body[data-ready]")
    page.locator("[data-question='q07']").click()
    assert_usable(phone)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.locator("[data-question='q12']").click()
    screenshot(page, "authoring-desk")
    assert_usable(phone)


def test_a_question_is_changed_moved_translated_and_the_sheet_tried_as_a_tenant(make, visit):
    estate = make.estate()
    account = make.account()
    make.grant(account, "city_officer", above(estate, "city"))
    client = make.signed_in(account)
    body = {"code": "mine", "title": "我的问卷", "version": make_official()}
    draft = client.post("/api/v1/staff/questionnaires/drafts", json=body).json["draft"]
    url = f"/work/questionnaires/drafts/{draft}"
    phone = visit(account, size="large", look="dark")
    page = phone.go(url)
    page.wait_for_selector("body[data-ready]")
    page.locator("[data-question='q09']").click()
    # Another code: what names the question elsewhere goes along.
    code = page.locator(".entry .form").get_by_label("代码").first
    code.fill("agrees")
    code.blur()
    expect(page.locator("[data-question='agrees']")).to_be_visible()
    expect(page.locator("[data-saved]")).to_have_text("已存")
    page.get_by_label("这一题听谁的").select_option("")
    page.get_by_label("移到别的部分").select_option(index=1)
    expect(page.locator("[data-part='0'] [data-question='agrees']")).to_be_visible()
    expect(page.locator("[data-saved]")).to_have_text("已存")
    screenshot(page, "authoring-moved")
    assert_usable(phone)
    # A condition over what two answers make together, and a number with its places, as people write it.
    asks = page.locator(".box", has_text="什么时候问这一题").first
    asks.get_by_role("button", name="加条件").click()
    asks.get_by_label("哪一题").select_option(label="5. 所在楼层、总层数：您家在第几层")
    asks.get_by_label("多少").fill("9")
    asks.get_by_label("和哪一题加起来").select_option(label="加上 5. 所在楼层、总层数：这栋楼一共几层")
    asks.get_by_role("button", name="再加一个条件").click()
    asks.get_by_label("哪一题").last.select_option(label="4. 建筑面积")
    asks.get_by_label("多少").last.fill("60.5")
    asks.get_by_label("多少").last.blur()
    expect(page.locator("[data-saved]")).to_have_text("已存")
    screenshot(page, "authoring-together")
    assert_usable(phone)
    saved = client.get(f"/api/v1/staff/questionnaires/drafts/{draft}").json["document"]
    assert saved["sections"][0]["questions"][-1]["show_if"] == {
        "all": [{"at_least": [{"sum": ["q05.floor", "q05.total"]}, 9]}, {"at_least": ["q04", 6050]}]
    }
    asks.get_by_role("button", name="去掉这个条件").last.click()
    asks.get_by_role("button", name="去掉这个条件").click()
    page.get_by_text("同意率、承租人、工程类别").click()
    screenshot(page, "authoring-whole")
    assert_usable(phone)
    saved = client.get(f"/api/v1/staff/questionnaires/drafts/{draft}").json["document"]
    assert saved["rates"]["agree"] == {"question": "agrees", "option": "agree"}
    assert "agrees" not in saved["subjects"]["consent"]
    assert saved["sections"][0]["questions"][-1]["code"] == "agrees"

    page.locator("[data-languages]").click()
    page.wait_for_selector("body[data-ready]")
    page.get_by_role("button", name="加一种语言").click()
    page.get_by_label("您是这套房子的", exact=True).fill("You are")
    expect(page.locator("[data-saved]")).to_have_text("已存")
    screenshot(page, "authoring-languages")
    assert_usable(phone)

    page = phone.go(f"{url}/preview?mode=scroll&lang=en&who=tenant&lift=yes")
    page.wait_for_selector("body[data-whole]")
    expect(page.locator("[data-questions]")).to_contain_text("You are")
    expect(page.locator("input[name='q02'][value='tenant']")).to_be_checked()
    page.get_by_text("假装是哪一户").click()
    expect(page.locator("#p-lift")).to_have_value("yes")
    page.locator("#p-who").select_option("owner")
    page.get_by_role("button", name="按这一户看").click()
    page.wait_for_selector("body[data-whole]")
    expect(page.locator("input[name='q02'][value='owner']")).to_be_checked()
    screenshot(page, "authoring-pretend")
    assert_usable(phone)

    page = phone.go(url)
    page.wait_for_selector("body[data-ready]")
    page.locator("[data-publish]").click()
    page.wait_for_url("**/versions/*")
    expect(page.locator("body")).to_contain_text("文字有 中文、English")
    screenshot(page, "authoring-published")
    link = page.get_by_role("link", name="下载 XLSForm 表格").get_attribute("href")
    read = importing.read_form(client.get(link).data)
    assert (read.refused, read.listed) == ([], [])
    assert read.document is not None
    assert read.document["languages"][0]["texts"] == {"q02/title": "You are"}


def make_official() -> str:
    """The official sheet as a version."""
    return forms.load(data.shipped("estate-renovation-needs"), actor="test", now=clock.now()).version.public_id


def test_a_running_survey_is_corrected_on_the_page_that_compares(make, visit):
    survey = open_survey(make, clock.now(), DOCUMENT)
    home = survey.dwellings[0]
    survey.submit(survey.owner(home), home, answers={"agree": "rather"}, now=clock.now())
    counting.drain_tally(now=clock.now())
    version = forms.load(corrected(), actor="test", now=clock.now()).version.public_id
    account = make.account()
    make.grant(account, "city_officer", above(survey.estate, "city"))
    phone = visit(account)
    page = phone.go(f"/work/questionnaires/versions/{version}/compare?with={survey.version}")
    page.wait_for_selector("body[data-ready]")
    page.get_by_label("“同意吗”变成了").select_option("consent")
    page.get_by_label("“同意吗”里的“rather”变成了").select_option("yes")
    page.locator("[name='reason']").fill("选项分得太细")
    screenshot(page, "authoring-correct")
    assert_usable(phone)
    page.get_by_role("button", name="改用新的一版").click()
    page.wait_for_url("**/versions/*")
    expect(page.locator("body")).to_contain_text("改正过 1 次")
    session = reading()
    session.rollback()
    found = queries.campaign_by_public_id(session, survey.campaign)
    assert counts_of.counters(session, found.id)["consent", "", "yes"] == 1
    assert counting.differences(found.id) == {}

    # It was the wrong answer: the mapping is put right on the same page, and everything counted again.
    page = phone.go(f"/work/questionnaires/versions/{version}/compare?with={survey.version}")
    page.wait_for_selector("body[data-ready]")
    page.get_by_label("“同意吗”里的“rather”变成了").select_option("no")
    page.locator("[name='reason']").fill("对错了")
    page.get_by_role("button", name="改用新的一版").click()
    page.wait_for_url("**/versions/*")
    expect(page.locator("body")).to_contain_text("换过 1 次对照")
    session.rollback()
    assert counts_of.counters(session, found.id)["consent", "", "no"] == 1

    # For next year's sheets one proposes and another agrees, on the same page.
    page = phone.go(f"/work/questionnaires/versions/{version}/compare?with={survey.version}")
    page.wait_for_selector("body[data-ready]")
    page.locator("[name='campaign']").select_option("")
    page.locator("[name='reason']").fill("同一题，换了题号")
    page.get_by_role("button", name="提出对照").click()
    expect(page.get_by_role("button", name="撤回")).to_be_visible()
    other = make.account()
    make.grant(other, "city_officer", above(survey.estate, "city"))
    second = visit(other)
    page = second.go(f"/work/questionnaires/versions/{version}/compare?with={survey.version}")
    page.wait_for_selector("body[data-ready]")
    screenshot(page, "authoring-yearly-mapping")
    assert_usable(second)
    page.get_by_role("button", name="同意这份对照").click()
    expect(page.locator("body")).to_contain_text("现在用的")


def test_a_sheet_in_two_languages_is_read_in_the_one_that_was_chosen(make, visit):
    texts = {
        "intro/1": "One sheet a household.",
        "agree/title": "Do you agree?",
        "agree/options/yes": "Yes",
        "agree/missing": "Please choose.",
    }
    document = copy.deepcopy(DOCUMENT)
    document["intro"] = ["一户一份。"]
    agree = next(one for one in document["sections"][0]["questions"] if one["code"] == "agree")
    agree |= {"required": True, "missing": "请选一个。"}
    document["languages"] = [{"code": "en", "name": "English", "texts": texts}]
    document["sections"][0]["questions"].sort(key=lambda one: one["code"] != "agree")
    survey = open_survey(make, clock.now(), document)
    home = survey.dwellings[0]
    account = survey.owner(home)
    phone = visit(account)
    page = phone.go(f"/q/{survey.campaign}/{home.public_id}?mode=scroll")
    page.wait_for_selector("body[data-whole]")
    expect(page.locator("[data-questions]")).to_contain_text("同意吗")
    page.get_by_role("link", name="English").click()
    page.wait_for_selector("body[data-whole]")
    expect(page.locator("[data-intro]")).to_contain_text("One sheet a household.")
    expect(page.locator("[data-questions]")).to_contain_text("Do you agree?")
    page.locator("[data-next]").click()
    expect(page.locator(".q .error:visible").first).to_have_text("Please choose.")
    screenshot(page, "questionnaire-languages")
    assert_usable(phone)
    # Remembered on this phone.
    page = phone.go(f"/q/{survey.campaign}/{home.public_id}?mode=scroll")
    page.wait_for_url("**lang=en")
    page.wait_for_selector("body[data-whole]")
    page.locator("label:has(input[name='agree'][value='yes'])").click()
    page.locator("[data-next]").click()
    page.wait_for_url("**/done")
    session = reading()
    session.rollback()
    found = queries.campaign_by_public_id(session, survey.campaign)
    assert queries.valid_response(session, found.id, home.id).answers["agree"] == "yes"
