"""What becomes of answers that are in: settled, keyed from paper, asked for while it runs, seen and taken back."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Page, expect

from kernel import clock, outbox
from kernel.database import end_reading, reading
from kernel.people.models import Account
from kernel.places.queries import ancestors, place_by_id
from portal.jobs import HANDLERS
from portal.notices.models import Notice
from surveys.questionnaires import queries
from surveys.questionnaires.paper.models import SurveyPaper
from tests.browser.filling import forward, pick, sign, stored
from tests.support.browser import assert_usable, screenshot
from tests.surveys.questionnaires.conftest import Survey, open_survey
from tests.surveys.questionnaires.standing.conftest import House

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def survey(make) -> Survey:
    """A campaign of the official sheet, open since yesterday."""
    return open_survey(make, clock.now() - timedelta(days=1))


def staff(survey: Survey, name: str, role: str = "community_worker") -> Account:
    account = survey.make.account(name)
    place = place_by_id(reading(), survey.estate.id)
    if role == "street_officer":
        place = next(one for one in ancestors(reading(), place) if one.kind == "street")
    survey.make.grant(account, role, place)
    return reading().get_one(Account, account.id)


def deliver() -> None:
    """All news that waits is told."""
    while outbox.deliver_due(HANDLERS, now=clock.now() + timedelta(minutes=5)):
        pass
    end_reading()


def notices(account: Account) -> list[str]:
    end_reading()
    return list(reading().scalars(sa.select(Notice.kind).where(Notice.account_id == account.id).order_by(Notice.id)))


def test_two_sheets_of_one_home_are_settled_by_somebody_else_and_the_household_reads_why(survey, visit):
    house, now = House(survey), clock.now()
    one, other = house.member(), house.member()
    house.submit(one, q09="agree", now=now)
    house.submit(other, q09="disagree", q10=["cost"], now=now)
    phone = visit(staff(survey, "third"), look="large", size="large")
    page = phone.go("/work")
    page.get_by_role("link", name="待核对的问卷").click()
    assert_usable(phone)
    page.get_by_role("link", name=survey.dwellings[0].label).click()
    expect(page.locator("main")).to_contain_text("9. 您同意本小区改造吗")
    assert_usable(phone)
    screenshot(page, "survey-case-large")
    page.get_by_role("button", name="就这样定").click()
    expect(page.locator("[data-alert]")).to_contain_text("请先选哪一份算数")
    page.locator("label.choice:has-text('第 2 份')").click()
    page.get_by_role("button", name="就这样定").click()
    expect(page.locator(".error")).to_be_visible()  # why has to be said
    page.get_by_label("理由").fill("上门问过户主，以后一份为准。")
    page.get_by_role("button", name="就这样定").click()
    page.wait_for_url("**/work/surveys/cases")
    expect(page.locator("main")).to_contain_text("现在没有要核对的")
    assert stored(survey).answers["q09"] == "disagree"
    deliver()
    assert notices(one)[-1] == "response_settled"
    mine = visit(one)
    mine.go("/")
    expect(mine.page.locator("main")).to_contain_text("2 条未读")
    mine.go(f"/d/{survey.dwellings[0].public_id}")
    mine.page.get_by_role("link", name="定了哪一份算数").click()  # the card of the message leads to all of them
    expect(mine.page.locator("body")).to_have_attribute("data-read", "")
    assert_usable(mine)
    screenshot(mine.page, "notices")
    mine.go("/")
    expect(mine.page.locator("main")).not_to_contain_text("未读")
    mine.go(f"/q/{survey.campaign}/{survey.dwellings[0].public_id}/done")
    expect(mine.page.locator("main")).to_contain_text("这一户交过的每一份")


def photo(tmp_path: Path) -> Path:
    file = tmp_path / "paper.jpg"
    Image.new("RGB", (900, 1200), (250, 250, 245)).save(file, "JPEG")
    return file


def key(page: Page, consents: str) -> None:
    """Key a paper on which little was filled in; what is empty stays empty."""
    expect(page.locator("body")).to_have_attribute("data-whole", "")
    pick(page, "q02", "owner")
    pick(page, "q09", consents)
    page.get_by_role("button", name="录好了").click()
    page.wait_for_url("**/work/surveys/papers")


def test_a_paper_is_registered_keyed_by_two_who_differ_and_decided_by_a_third_and_another_made_void_by_two(
    survey, visit, tmp_path
):
    first, second, third = (staff(survey, name) for name in ("first", "second", "third"))
    home, other = survey.dwellings[:2]
    household = survey.owner(other, level=2)
    phone = visit(first)
    for dwelling in (home, other):
        page = phone.go(f"/work/d/{dwelling.public_id}")
        page.get_by_role("link", name="纸质问卷").click()
        page.get_by_label("什么时候收到的").fill(clock.china_stamp(clock.now()).replace(" ", "T"))
        page.locator("input[type=file]").set_input_files(photo(tmp_path))
        expect(page.locator("[data-evidence] li")).to_have_count(1)
        if dwelling is home:
            assert_usable(phone)
        page.get_by_role("button", name="登记").click()
        page.wait_for_url("**/work/surveys/papers/*")
        if dwelling is home:
            expect(page.locator(".shots img")).to_be_visible()  # what is keyed stands beside what it is keyed from
            screenshot(page, "survey-paper-key")
            assert_usable(phone)
            key(page, "agree")

    desk = visit(second)
    desk.go("/")
    desk.page.get_by_role("link", name="纸质问卷").click()
    desk.page.get_by_role("link", name=home.label).click()
    key(desk.page, "disagree")
    expect(desk.page.locator("main")).to_contain_text("两次录得不一样")

    last = visit(third, look="dark")
    page = last.go("/work/surveys/papers")
    page.get_by_role("link", name=home.label).click()
    assert_usable(last)
    screenshot(page, "survey-paper-differs-dark")
    page.locator("label.choice:has-text('第二个人录的')").click()
    page.get_by_role("button", name="照这样定").click()
    page.wait_for_url("**/work/surveys/papers")
    assert (stored(survey).channel, stored(survey).answers["q09"]) == ("paper_import", "disagree")

    # The other was registered for the wrong door: one asks, another who had no hand in it agrees.
    page.get_by_role("link", name=other.label).click()
    page.get_by_label("理由").fill("登记错了户，是隔壁单元的。")
    page.get_by_role("button", name="提出作废").click()
    page.wait_for_url("**/work/surveys/papers")
    expect(page.locator("main")).to_contain_text("有人提出作废")
    page = phone.go("/work/surveys/papers")
    page.get_by_role("link", name=other.label).click()
    expect(page.get_by_role("button", name="同意作废")).to_have_count(0)  # who received it does not throw it away
    page = desk.go("/work/surveys/papers")
    page.get_by_role("link", name=other.label).click()
    assert_usable(desk)
    page.get_by_role("button", name="同意作废").click()
    page.wait_for_url("**/work/surveys/papers")
    end_reading()
    assert reading().scalars(sa.select(SurveyPaper.state).order_by(SurveyPaper.id)).all() == ["done", "void"]
    deliver()
    assert notices(household) == ["survey_paper_void"]


def test_an_officer_runs_a_survey_from_its_page_grows_it_moves_its_end_reminds_and_closes(survey, visit, make):
    more = make.estate("工商局宿舍", floors=2, community=place_by_id(reading(), survey.estate.parent_id))
    answered, silent = survey.owner(survey.dwellings[0], level=2), survey.owner(survey.dwellings[1], level=2)
    survey.submit(answered, survey.dwellings[0], now=clock.now())
    phone = visit(staff(survey, "officer", "street_officer"))
    page = phone.go("/")
    page.get_by_role("link", name="问卷结果和需求清单").click()
    page.get_by_role("link", name="2026年居民问卷").click()
    page.get_by_role("link", name="开始、截止、增加小区、提醒").click()
    assert_usable(phone)
    screenshot(page, "survey-run")

    end = clock.now() + timedelta(days=20)
    later = clock.china_stamp(end).replace(" ", "T")
    page.get_by_label("新的截止时间").fill(later)
    page.locator("form:has-text('改截止时间')").get_by_label("理由").fill("老人多，再等两周。")
    with page.expect_navigation():
        page.get_by_role("button", name="改时间").click()
    expect(page.locator("main")).to_contain_text(clock.china_text(end))

    page.get_by_label("哪个小区").select_option(more.code)
    with page.expect_navigation():
        page.get_by_role("button", name="增加", exact=True).click()
    expect(page.locator("main")).to_contain_text("工商局宿舍")

    with page.expect_navigation():
        page.get_by_role("button", name="提醒").first.click()
    expect(page.locator("main")).to_contain_text("第 1 次提醒")
    deliver()
    assert (notices(silent), notices(answered)) == (["survey_reminder"], [])
    page.get_by_role("button", name="提醒").first.click()  # too soon again
    expect(page.locator("[data-alert]")).to_be_visible()

    close = page.locator("form:has-text('截止后不能重新开始')")
    close.get_by_label("为什么现在截止").fill("都填完了。")
    with page.expect_navigation():
        close.get_by_role("button", name="现在截止").click()
    expect(page.locator("main")).to_contain_text("已截止")
    end_reading()
    assert queries.campaign_by_public_id(reading(), survey.campaign).state == "closed"


def test_one_sees_ones_own_answers_corrects_them_takes_them_along_and_takes_a_consent_back(survey, visit, tmp_path):
    house = House(survey)
    me = house.member()
    house.submit(me, q37={"use": True, "call": True, "photos": True}, now=clock.now())
    phone = visit(me, look="large", size="large")
    page = phone.go("/me")
    page.get_by_role("link", name="问卷").first.click()
    page.locator("summary").first.click()
    expect(page.locator("main")).to_contain_text("陈秀英")
    assert_usable(phone)
    screenshot(page, "survey-mine-large")
    with page.expect_download() as download:
        page.get_by_role("link", name="带走我的信息").click()
    download.value.save_as(tmp_path / "mine.json")
    assert "13812341234" in (tmp_path / "mine.json").read_text()

    page.get_by_role("link", name="修改这一份").click()
    page.goto(page.url + "&mode=scroll")
    expect(page.locator("body")).to_have_attribute("data-whole", "")
    pick(page, "q09", "undecided")
    pick(page, "q10", "cost")
    sign(page)
    forward(page)
    page.wait_for_url("**/done")
    assert stored(survey).answers["q09"] == "undecided"

    page.goto("/me/surveys")
    page.once("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation():
        page.locator(".cell:has-text('照片')").get_by_role("button", name="撤回", exact=True).click()
    assert stored(survey).answers["q37"] == {"use": True, "call": True, "photos": False}
    page.once("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation():
        page.get_by_role("button", name="撤回整份问卷").click()
    expect(page.locator("main")).to_contain_text("已撤回")
    assert stored(survey) is None
    assert_usable(phone)
