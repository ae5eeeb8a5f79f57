"""From a result to the works and back: staff find what is wanted and say what became of it, the household reads it on
next year's form, takes its answers over, and says what it thinks of what was done."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from kernel import clock
from kernel.database import reading
from kernel.people.models import Account
from kernel.places.queries import place_by_id
from surveys.questionnaires.publicly.services import release_waiting
from surveys.questionnaires.services import campaigns, counting
from surveys.questionnaires.sheets.services import refresh_due
from tests.support.browser import assert_usable
from tests.surveys.questionnaires.conftest import Survey, open_survey

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def last_year(make) -> Survey:
    """A campaign six of eight homes answered, which is over, and this year's, which runs (``next``)."""
    begun = clock.now() - timedelta(hours=2)
    survey = open_survey(make, begun)
    survey.owners = [survey.owner(home, level=2) for home in survey.dwellings[:6]]
    for account, home in zip(survey.owners, survey.dwellings, strict=False):
        survey.submit(account, home, now=begun)
    while counting.drain_tally(now=begun):
        pass
    release_waiting(now=begun)
    refresh_due(now=begun)
    campaigns.close_by_hand(survey.campaign, person_id=None, actor="test", now=begun + timedelta(hours=1))
    survey.next = campaigns.create(
        version=survey.version,
        title="2027年居民问卷",
        year=2027,
        place_codes=[survey.estate.code],
        opens_at=None,
        closes_at=clock.now() + timedelta(days=30),
        person_id=None,
        actor="test",
        now=clock.now(),
    )
    campaigns.open_by_hand(survey.next, person_id=None, actor="test", now=clock.now())
    return survey


def say(page, item, became, reason):
    """Staff set what became of an item, in the open page of needs."""
    form = page.locator(f"form[data-item='{item}']")
    form.locator("xpath=..").locator("summary").click()
    form.locator("[name=became]").select_option(became)
    form.locator("[name=reason]").fill(reason)
    with page.expect_navigation():
        form.get_by_role("button", name="保存").click()


def test_what_was_wished_for_is_followed_from_the_results_to_the_households_own_mark(last_year, make, visit):
    officer = make.account()
    street = place_by_id(reading(), place_by_id(reading(), last_year.estate.parent_id).parent_id)
    make.grant(officer, "street_officer", street)
    desk = visit(reading().get_one(Account, officer.id), size="large")
    page = desk.page
    page.goto(f"/work/surveys/{last_year.campaign}/results?estate={last_year.estate.code}")
    assert_usable(desk)
    page.get_by_role("link", name="大家最想改什么").click()
    say(page, "drainage", "listed", "列入今年方案")
    say(page, "drainage", "done", "雨污分流完工")
    say(page, "lift", "not_listed", "要先定分摊办法")
    expect(page.get_by_text("雨污分流完工")).to_be_visible()
    assert_usable(desk)

    home, account = last_year.dwellings[0], last_year.owners[0]
    phone = visit(account)
    page = phone.page
    page.goto(f"/d/{home.public_id}")
    expect(page.get_by_text("提过的事做了")).to_be_visible()
    page.goto(f"/q/{last_year.next}/{home.public_id}")
    expect(page.get_by_text("您家提出").first).to_be_visible()
    expect(page.get_by_text("要先定分摊办法").first).to_be_visible()
    assert_usable(phone)
    page.get_by_role("link", name="给做好的项目打分").click()
    expect(page.locator("[name=lift]")).to_have_count(0)
    page.locator("[name=drainage][value='4']").check()
    assert_usable(phone)
    page.get_by_role("button", name="交上去").click()
    expect(page.get_by_text("已经打过分了")).to_be_visible()
    page.goto(f"/q/{last_year.next}/{home.public_id}")
    page.locator("[data-copy-last]").click()
    expect(page.locator("[data-copy-last]")).to_have_count(0)
    page.goto(f"/q/e/{last_year.estate.code}")
    expect(page.get_by_text("办得怎么样").first).to_be_visible()
    expect(page.get_by_text("做好了").first).to_be_visible()
    assert_usable(phone)
