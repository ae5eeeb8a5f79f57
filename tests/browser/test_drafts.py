"""A sheet begun on one phone, gone on with on another, on phones that meet and phones that lose the network."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from kernel import clock
from kernel.database import reading
from kernel.people.models import Account, Tie
from surveys.questionnaires.drafts.models import Draft
from tests.browser.filling import forward, number_at, pick, type_in
from tests.surveys.questionnaires.conftest import Survey, open_survey
from tests.surveys.questionnaires.openrosa.collect import labelled

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def survey(make) -> Survey:
    """An open campaign of the official sheet, by the real clock."""
    return open_survey(make, clock.now())


def saved(page):
    """Wait until what was touched last has reached the server."""
    return page.expect_response(lambda answer: "/drafts/" in answer.url and answer.request.method == "PATCH")


def test_a_draft_moves_to_another_phone_of_the_same_person_and_both_sides_are_put_together(survey, visit):
    home = survey.dwellings[0]
    account, path = survey.owner(home), f"/q/{survey.campaign}/{home.public_id}"
    first = visit(account).page
    first.goto(path)
    expect(first.locator("body")).to_have_attribute("data-whole", "")
    forward(first)
    forward(first)
    with saved(first) as done:
        pick(first, "q02", "owner")
    assert done.value.status == 200
    with saved(first):
        forward(first)
        pick(first, "q03", "reformed")

    second = visit(account).page
    second.goto(f"/h/{labelled(home)}")  # the code on the door is all one needs to know
    second.get_by_role("link", name="2026年居民问卷").click()
    expect(second.locator("[data-elsewhere]")).to_contain_text("已填了 2 处")
    second.get_by_role("button", name="接着填", exact=True).first.click()
    expect(second.locator("body")).to_have_attribute("data-whole", "")
    assert number_at(second) == "3"
    expect(second.locator("[name='q03'][value='reformed']")).to_be_checked()
    with saved(second):
        forward(second)
        type_in(second, "q04", "86.5")

    # The first phone did not know: it is told, and takes over what the second one has.
    forward(first)
    forward(first)
    with saved(first) as refused:
        type_in(first, "q05.floor", "5")
    assert refused.value.status == 409
    expect(first.locator("[data-elsewhere]")).to_be_visible()
    with saved(first) as done:
        first.locator("[data-elsewhere] button").click()
    assert done.value.status == 200
    expect(first.locator("[name='q05.floor']")).to_have_value("5")
    found = second.evaluate(f"fetch('/api/v1/campaigns/{survey.campaign}/drafts/{home.public_id}').then(a => a.json())")
    assert found["answers"] == {"q02": "owner", "q03": "reformed", "q04": 8650, "q05": {"floor": 5}}


def test_without_a_network_the_phone_keeps_all_and_sends_it_afterwards(survey, visit):
    home = survey.dwellings[0]
    phone = visit(survey.owner(home))
    page = phone.page
    page.goto(f"/q/{survey.campaign}/{home.public_id}")
    expect(page.locator("body")).to_have_attribute("data-whole", "")
    forward(page)
    forward(page)
    phone.context.set_offline(True)
    pick(page, "q02", "owner")
    forward(page)
    pick(page, "q03", "reformed")
    expect(page.locator("[data-saved]")).to_have_text("已保存")
    with saved(page):
        phone.context.set_offline(False)
    page.wait_for_function("JSON.parse(Object.entries(localStorage).find(e => e[0].startsWith('qd:'))[1]).number > 0")
    session = reading()
    session.rollback()
    assert session.query(Draft).one().number >= 1


def test_a_phone_whose_storage_is_full_keeps_its_sheet_on_the_server_and_goes_on_from_there(survey, visit):
    home = survey.dwellings[0]
    phone = visit(survey.owner(home))
    phone.context.add_init_script("Storage.prototype.setItem = () => { throw new Error('full'); };")
    page = phone.page
    page.goto(f"/q/{survey.campaign}/{home.public_id}?mode=scroll")
    expect(page.locator("body")).to_have_attribute("data-whole", "")
    pick(page, "q02", "owner")
    expect(page.locator("[data-saved]")).to_have_text("手机存不下了，请尽快提交")
    expect(page.locator("[data-saved]")).to_have_text("已存到网上")
    page.reload()
    page.locator("[data-elsewhere] button").click()
    expect(page.locator("[name='q02'][value='owner']")).to_be_checked()


def test_two_pages_of_one_phone_take_turns_and_what_was_handed_in_is_not_filled_in_again(survey, visit):
    home = survey.dwellings[0]
    phone, path = visit(survey.owner(home)), f"/q/{survey.campaign}/{home.public_id}"
    one, other, idle = phone.page, phone.context.new_page(), phone.context.new_page()
    for page in (one, other, idle):
        page.goto(path)
        with page.expect_response("**/drafts/*"):  # asked once all is there: from then on both pages know of each other
            expect(page.locator("body")).to_have_attribute("data-whole", "")
    to_front = "window.dispatchEvent(new Event('pageshow'))"
    forward(one)
    forward(one)
    pick(one, "q02", "owner")
    other.evaluate(to_front)
    assert number_at(other) == "2"
    expect(other.locator("[name='q02'][value='owner']")).to_be_checked()
    forward(other)
    pick(other, "q03", "reformed")
    one.evaluate(to_front)
    assert number_at(one) == "3"
    expect(one.locator("[name='q03'][value='reformed']")).to_be_checked()
    survey.submit(
        reading().scalar(sa.select(Account).join(Tie).where(Tie.dwelling_id == home.id)), home, now=clock.now()
    )
    other.evaluate("localStorage.removeItem(Object.keys(localStorage).find(key => key.startsWith('q:')))")
    for page in (one, idle):  # also the page nobody has touched: its old answers are not to be handed in over these
        page.evaluate(to_front)
        expect(page.locator("main")).to_contain_text("这一户已经填过了")
