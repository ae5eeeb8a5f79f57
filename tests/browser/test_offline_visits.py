"""A worker takes a building along, goes from door to door without a network, and comes back."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kernel import clock
from kernel.database import reading
from kernel.places.queries import place_by_id
from surveys.questionnaires import queries
from surveys.questionnaires.services import campaigns
from tests.browser.filling import ANSWER, pick, sign, stored
from tests.support.browser import assert_usable, screenshot
from tests.surveys.questionnaires.conftest import Survey, open_survey

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def survey(make) -> Survey:
    """An open campaign of the official sheet, by the real clock."""
    return open_survey(make, clock.now())


@pytest.fixture
def pack(survey, make) -> tuple:
    """A worker of the estate and the address of the first building's pack."""
    worker = make.account("worker")
    make.grant(worker, "community_worker", survey.estate)
    building = place_by_id(reading(), survey.dwellings[0].building_id)
    make.grant(make.account("leader"), "building_leader", building)
    return worker, f"/work/surveys/{survey.campaign}/pack?building={building.public_id}"


def loaded(page: Page, path: str) -> Page:
    page.goto(path)
    expect(page.locator("body")).to_have_attribute("data-whole", "")
    return page


def expect_counts(page: Page, sent: int, waiting: int, refused: int) -> None:
    """The counts that are always on screen; they are read anew a moment after the doors are back."""
    for state, many in (("sent", sent), ("waiting", waiting), ("refused", refused)):
        expect(page.locator(f"[data-{state}]")).to_have_text(str(many))


def fill_in(page: Page, dwelling) -> None:
    """What a worker taps at a door, and 存好这一户."""
    page.locator(f"[data-door='{dwelling.public_id}']").click()
    expect(page.locator("[data-label]")).to_contain_text(dwelling.label)
    for number, tap in ANSWER.items():
        if tap and number != "38":
            tap(page)
    for pad in range(3):
        sign(page, pad)
    page.get_by_label("和您一起入户的人").select_option("李工")


def keep(page: Page) -> None:
    page.get_by_role("button", name="存好这一户").click()
    expect(page.locator("[data-doors]")).to_be_visible()


def test_a_worker_fills_three_households_without_a_network_and_comes_back(survey, visit, pack, make):
    worker, path = pack
    phone = visit(worker)
    survey.submit(survey.owner(survey.dwellings[4]), survey.dwellings[4], now=clock.now())
    page = loaded(phone.page, path)
    assert_usable(phone)
    phone.context.set_offline(True)
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.locator(f"[data-door='{survey.dwellings[4].public_id}']").click()  # has answered: asked once more, left alone
    expect(page.locator("[data-doors]")).to_be_visible()
    for number in range(3):
        fill_in(page, survey.dwellings[number])
        if number == 0:
            assert_usable(phone)
        keep(page)
        expect_counts(page, 0, number + 1, 0)
    # A tap without a network says so and loses nothing.
    page.get_by_role("button", name="马上上传").click()
    expect(page.locator("[data-alert]")).to_be_visible()
    screenshot(page, "offline-visits-waiting")
    expect_counts(page, 0, 3, 0)
    assert [stored(survey, number) for number in range(3)] == [None, None, None]

    phone.context.set_offline(False)
    expect(page.locator("[data-sent]")).to_have_text("3")
    expect(page.locator("[data-waiting]")).to_have_text("0")
    expect(page.locator(f"[data-door='{survey.dwellings[1].public_id}'] .tag")).to_have_text("已传")
    for number in range(3):
        response = stored(survey, number)
        assert (response.channel, response.relation) == ("worker_visit", "worker")
        assert len({response.answers[code] for code in ("q38", "q38_visitor_1", "q38_visitor_2")}) == 3
    # Who came along, chosen without a network, says so afterwards on his own phone.
    other = visit(make.account("leader"))
    theirs = other.page
    theirs.goto("/")
    theirs.get_by_role("link", name="两人入户的确认").click()
    expect(theirs.locator("[data-asked]")).to_have_count(3)
    assert_usable(other)
    screenshot(theirs, "visits-waiting")
    theirs.get_by_role("button", name="我没有去").nth(1).click()
    expect(theirs.locator("[data-asked]")).to_have_count(2)
    theirs.on("dialog", lambda dialog: dialog.accept())
    theirs.get_by_role("button", name="这 2 户我都去了").click()
    expect(theirs.locator("main")).to_contain_text("现在没有")
    done = f"/q/{survey.campaign}/{survey.dwellings[0].public_id}/done"
    mine = visit(worker)
    mine.page.goto(done)
    expect(mine.page.locator("main")).to_contain_text("已确认一起去了这一户")
    mine.page.goto(f"/q/{survey.campaign}/{survey.dwellings[1].public_id}/done")
    expect(mine.page.get_by_label("和您一起去的人")).to_be_visible()
    assert_usable(mine)
    screenshot(mine.page, "visit-second-declined")
    # Nothing of what was answered stays on the phone, only that it was sent.
    left = page.evaluate(
        """() => new Promise((done) => { const asked = indexedDB.open("gongjian-visits");
        asked.onsuccess = () => { const all = asked.result.transaction("entries").objectStore("entries").getAll();
        all.onsuccess = () => done(JSON.stringify(all.result)); }; })"""
    )
    assert "body" not in left
    assert "answers" not in left
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('q:')).length") == 0


def test_what_is_waiting_survives_the_page_and_an_answer_lost_on_the_way_counts_once(survey, visit, pack):
    worker, path = pack
    phone = visit(worker)
    page = loaded(phone.page, path)
    phone.context.set_offline(True)
    fill_in(page, survey.dwellings[0])
    keep(page)
    # The server takes it, the answer gets lost; then the page is opened anew.
    sent = []
    page.route("**/responses", lambda route: (sent.append(route.fetch().status), route.abort()))
    phone.context.set_offline(False)
    page.get_by_role("button", name="马上上传").click()
    expect(page.locator("[data-alert]")).to_be_visible()
    assert 201 in sent
    expect_counts(page, 0, 1, 0)
    # Whoever leaves the page is led back to it; a sheet begun is marked so.
    page.locator(f"[data-door='{survey.dwellings[1].public_id}']").click()
    pick(page, "q02", "owner")
    page.get_by_role("button", name="先放着").click()
    expect(page.locator(f"[data-door='{survey.dwellings[1].public_id}'] .tag")).to_have_text("填了一半")
    page.goto("/work")
    expect(page.locator("[data-visits-left]")).to_be_visible()
    assert_usable(phone)
    screenshot(page, "offline-visits-left")
    page.unroute("**/responses")
    page.get_by_role("link", name=survey.dwellings[0].label).click()
    expect(page.locator("[data-sent]")).to_have_text("1")
    page.goto("/work")
    expect(page.locator("[data-visits-left]")).to_be_hidden()
    session = reading()
    session.rollback()
    campaign = queries.campaign_by_public_id(session, survey.campaign)
    assert queries.answered_by_estate(session, campaign.id) == {survey.estate.id: 1}
    campaigns.close_by_hand(survey.campaign, person_id=None, actor="test", now=clock.now())
    expect(loaded(page, path).locator("[data-loaded]")).to_contain_text("问卷已经截止")


def test_what_the_server_refuses_comes_back_with_its_reason_and_is_mended(survey, visit, pack):
    worker, path = pack
    phone = visit(worker)
    page = loaded(phone.page, path)
    phone.context.set_offline(True)
    fill_in(page, survey.dwellings[0])
    keep(page)

    def tampered(route):
        body = json.loads(route.request.post_data)
        body["answers"]["q02"] = "nobody"
        route.continue_(post_data=json.dumps(body))

    page.route("**/responses", tampered)
    phone.context.set_offline(False)
    expect(page.locator("[data-refused]")).to_have_text("1")
    expect(page.locator("[data-refusal]")).to_contain_text(survey.dwellings[0].label)
    screenshot(page, "offline-visits-refused")
    assert_usable(phone)
    page.unroute("**/responses")
    page.get_by_role("button", name="改一改再存").click()
    expect(page.locator("[name='q02'][value='owner']")).to_be_checked()
    pick(page, "q02", "tenant")
    keep(page)
    expect(page.locator("[data-sent]")).to_have_text("1")
    expect(page.locator("[data-refused]")).to_have_text("0")
    assert stored(survey).answers["q02"] == "tenant"


def test_the_queue_goes_to_another_phone_of_the_same_worker_as_a_file(survey, visit, pack, make, tmp_path: Path):
    worker, path = pack
    phone = visit(worker)
    page = loaded(phone.page, path)
    phone.context.set_offline(True)
    fill_in(page, survey.dwellings[0])
    keep(page)
    page.locator("summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="存成文件").click()
    file = tmp_path / "visits.json"
    download.value.save_as(file)

    stranger = make.account("other")
    make.grant(stranger, "community_worker", survey.estate)
    for account, told in [(stranger, "读入 0 份。另有 1 份不是您这次问卷的"), (worker, "读入 1 份。")]:
        other = loaded(visit(account).page, path)
        other.locator("summary").click()
        other.locator("[data-import]").set_input_files(file)
        expect(other.locator("[data-alert]")).to_contain_text(told)
    expect(other.locator("[data-sent]")).to_have_text("1")
    assert stored(survey).channel == "worker_visit"
