"""An owner reads the notice, fills in the ballot, reads it back, casts it and finds it on the board."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from kernel import clock
from kernel.database import reading, transaction
from kernel.places.queries import ancestors
from surveys.votes import queries
from surveys.votes.services import counting
from tests.factories import Factory
from tests.support.browser import LOOKS, Phone, assert_usable
from tests.surveys.votes.stories import GROUP, PUMP, SCHEME, STREET, Estate, an_estate, cast, line_of, opened

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Visit = Callable[..., Phone]
HOUR = timedelta(hours=1)


@pytest.fixture
def estate(make: Factory) -> Estate:
    return an_estate(make)


def open_now(estate: Estate, *motions: object) -> str:
    """A vote that is open at this hour and for a week."""
    now = clock.now()
    return opened(estate, *motions, now=now - HOUR, closes_at=now + timedelta(days=7))  # type: ignore[arg-type]


def voted(vote_id: str) -> int:
    """Ballots that count now (a new snapshot each time: the app writes from threads of its own)."""
    with transaction() as session:
        return queries.turnout_of(session, queries.vote_by_public_id(session, vote_id).id).lines


def choose(page: Page, legend: str, word: str) -> None:
    page.get_by_role("group", name=legend).locator(".choice", has_text=word).click()


@pytest.mark.parametrize("look", LOOKS)
def test_an_owner_of_two_flats_votes_on_two_motions(estate: Estate, make: Factory, visit: Visit, look: str) -> None:
    vote_id = open_now(estate, PUMP, SCHEME)
    phone = visit(estate.accounts["chen"], look=look, size="large" if look == "large" else "normal")
    page = phone.go(f"/v/{vote_id}?d={estate.dwellings[0].public_id}")
    assert_usable(phone)
    expect(page.get_by_text("我的一票：1栋1单元101、1栋1单元102")).to_be_visible()
    page.get_by_role("link", name="去投票").click()
    assert_usable(phone)
    page.get_by_role("button", name="填好了，看一遍").click()
    expect(page.get_by_text("请在同意、反对、弃权里选一个。").first).to_be_visible()
    choose(page, "第 1 项", "反对")
    choose(page, "第 2 项", "弃权")
    page.get_by_role("button", name="填好了，看一遍").click()
    assert page.locator(".readback dd").all_inner_texts() == ["反对", "弃权"]
    assert_usable(phone)
    page.get_by_role("button", name="改一改").click()
    choose(page, "第 2 项", "同意")
    page.get_by_role("button", name="填好了，看一遍").click()
    assert voted(vote_id) == 0, "reading it back casts nothing"
    page.get_by_role("button", name="确认投票").click()
    expect(page.get_by_role("heading", name="票已投出")).to_be_visible()
    assert_usable(phone)
    assert voted(vote_id) == 1
    number = page.locator(".receipt-no").inner_text()
    page.get_by_role("link", name="在公示板上找").click()
    expect(page.locator("li:target")).to_contain_text(number)
    assert_usable(phone)


def test_what_was_cast_is_what_is_counted(estate: Estate, make: Factory, visit: Visit) -> None:
    vote_id = open_now(estate, GROUP)
    phone = visit(estate.accounts["zhao"])
    page = phone.go(f"/v/{vote_id}/ballot?line={line_of(vote_id, '1栋1单元401')}")
    for name in ("陈建国", "李桂兰", "吴志强", "赵敏"):
        choose(page, "选举自管小组成员", name)
    expect(page.get_by_text("最多选 3 人。要换人，请先去掉一个。")).to_be_visible()
    expect(page.locator("input:checked")).to_have_count(3)
    choose(page, "选举自管小组成员", "吴志强")
    page.get_by_role("button", name="填好了，看一遍").click()
    expect(page.locator(".readback dd")).to_have_text(["陈建国、李桂兰"])
    page.get_by_role("button", name="确认投票").click()
    expect(page.get_by_role("heading", name="票已投出")).to_be_visible()
    closes_at = queries.vote_by_public_id(reading(), vote_id).closes_at
    assert closes_at is not None
    counting.close(vote_id, by=STREET, now=closes_at)
    counting.publish_result(vote_id, by=STREET, now=closes_at)
    (ballot,) = counting.open_for_audit(vote_id, by=STREET, reason="测试", now=closes_at)
    session = reading()
    names = {
        each.public_id: each.name
        for group in queries.candidates_of(session, queries.vote_by_public_id(session, vote_id).id).values()
        for each in group
    }
    assert [sorted(names[each] for each in chosen) for chosen in ballot.choices.values()] == [["李桂兰", "陈建国"]]


def test_choosing_nobody_has_to_be_said(estate: Estate, make: Factory, visit: Visit) -> None:
    vote_id = open_now(estate, GROUP)
    page = visit(estate.accounts["zhao"]).go(f"/v/{vote_id}/ballot?line={line_of(vote_id, '1栋1单元401')}")
    page.get_by_role("button", name="填好了，看一遍").click()
    expect(page.get_by_text("请选人；一个也不选，请勾“都不选（弃权）”。")).to_be_visible()
    choose(page, "选举自管小组成员", "陈建国")
    choose(page, "选举自管小组成员", "都不选（弃权）")
    expect(page.locator("input:checked")).to_have_count(1)
    page.get_by_role("button", name="填好了，看一遍").click()
    expect(page.locator(".readback dd")).to_have_text(["都不选（弃权）"])


def test_a_page_opened_again_has_kept_what_was_ticked(estate: Estate, make: Factory, visit: Visit) -> None:
    vote_id = open_now(estate, PUMP)
    phone = visit(estate.accounts["zhao"])
    page = phone.go(f"/v/{vote_id}/ballot?line={line_of(vote_id, '1栋1单元401')}")
    choose(page, PUMP.title, "弃权")
    page.reload()
    assert page.locator("input:checked").get_attribute("value") == "abstain"


def test_a_double_tap_casts_once(estate: Estate, make: Factory, visit: Visit) -> None:
    vote_id = open_now(estate, PUMP)
    page = visit(estate.accounts["zhao"]).go(f"/v/{vote_id}/ballot?line={line_of(vote_id, '1栋1单元401')}")
    choose(page, PUMP.title, "同意")
    page.get_by_role("button", name="填好了，看一遍").click()
    page.get_by_role("button", name="确认投票").dblclick()
    expect(page.get_by_role("heading", name="票已投出")).to_be_visible()
    assert voted(vote_id) == 1


def test_the_other_co_owner_reads_that_the_line_was_used(estate: Estate, make: Factory, visit: Visit) -> None:
    vote_id = open_now(estate, PUMP)
    cast(vote_id, estate.voter("li"), "1栋1单元201", "against", now=clock.now())
    page = visit(estate.accounts["wu"]).go(f"/v/{vote_id}")
    expect(page.get_by_text("这一票已由共有人投出，不能再投；怎么投的不公开。")).to_be_visible()
    expect(page.get_by_role("link", name="去投票")).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS)
def test_the_result_and_the_roll_can_be_read_by_anyone(estate: Estate, make: Factory, visit: Visit, look: str) -> None:
    vote_id = open_now(estate, PUMP)
    for who, door in (("chen", "101"), ("li", "201"), ("factory", "202"), ("zhao", "401")):
        cast(vote_id, estate.voter(who), f"1栋1单元{door}", "approve", now=clock.now())
    closes_at = queries.vote_by_public_id(reading(), vote_id).closes_at
    assert closes_at is not None
    counting.close(vote_id, by=STREET, now=closes_at)
    counting.publish_result(vote_id, by=STREET, now=closes_at)
    phone = visit(look=look, width=320, size="large" if look == "large" else "normal")
    page = phone.go(f"/v/{vote_id}/result")
    expect(page.get_by_text("560.00 ㎡（87.5%）")).to_be_visible()
    assert_usable(phone)
    phone.go(f"/v/{vote_id}/roll")
    assert_usable(phone)


@pytest.mark.parametrize("look", LOOKS)
def test_an_organiser_drafts_an_election_and_brings_it_to_its_opening(
    estate: Estate, make: Factory, visit: Visit, look: str
) -> None:
    street = next(place for place in ancestors(reading(), estate.place) if place.kind == "street")
    account = make.account("o-street")
    make.grant(account, "street_officer", street)
    phone = visit(account, look=look, size="large" if look == "large" else "normal")
    page = phone.go("/work/votes")
    assert_usable(phone)
    page.get_by_role("link", name="起草一次表决").click()
    page.get_by_role("button", name="存成草稿").click()
    expect(page.locator(".error").first).to_have_text("请选小区，或者勾选合并表决的几个小区。")
    page.select_option("#f-place", estate.place.code)
    page.select_option("#f-matter", "residents.group")
    page.fill("#f-title", "自管小组成员选举")
    page.fill("#f-motion", "选举自管小组成员（2 人）")
    page.fill("#f-candidates", "陈建国 1栋，退休电工\n李桂兰\n\n吴志强，1栋")
    page.fill("#f-seats", "2")
    page.fill("#f-most", "3")
    page.fill("#f-notice_days", "0")
    assert_usable(phone)
    page.get_by_role("button", name="存成草稿").click()
    expect(page.get_by_role("heading", name="自管小组成员选举")).to_be_visible()
    for step, then in (("发布公告", "开始投票"), ("开始投票", "到时间会自动截止")):
        page.get_by_role("button", name=step).click()
        assert_usable(phone)
        page.get_by_role("button", name="确定", exact=True).click()
        expect(page.get_by_text(then).first).to_be_visible()
    page.get_by_role("link", name="看公告").click()
    assert page.locator(".cell-main", has_text="陈建国").inner_text().split("\n") == ["陈建国", "1栋，退休电工"]
