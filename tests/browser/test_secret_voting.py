"""A secret election on the phone: sealed in the browser, cast twice, opened by two trustees, found by its number."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from kernel import clock
from kernel.database import transaction
from surveys.votes import ceremony, queries
from surveys.votes.secret import queries as secret
from surveys.votes.secret.services import opening
from surveys.votes.services import counting
from tests.factories import Factory
from tests.support.browser import LOOKS, Phone, assert_usable
from tests.surveys.votes.secret_stories import Secret, cast_secretly, secret_election
from tests.surveys.votes.stories import GROUP, STREET, Estate, an_estate, line_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Visit = Callable[..., Phone]
DOOR = "1栋1单元401"


@pytest.fixture
def estate(make: Factory) -> Estate:
    return an_estate(make)


def open_now(estate: Estate) -> Secret:
    now = clock.now()
    return secret_election(estate, now=now - timedelta(hours=1), closes_at=now + timedelta(days=7))


def tick_and_read_back(page: Page, *names: str) -> str:
    """Choose names and go to the confirmation; gives the number that stands there."""
    for name in names:
        page.get_by_role("group", name=GROUP.title).locator(".choice", has_text=name).click()
    page.get_by_role("button", name="填好了，看一遍").click()
    number = page.locator("[data-number]").inner_text()
    assert re.fullmatch(r"\d{4} \d{4} \d{4}", number)
    return number


def cast_it(page: Page) -> None:
    page.get_by_role("button", name="确认投票").click()
    expect(page.get_by_role("heading", name="票已投出")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_a_household_votes_twice_in_secret_and_finds_its_last_ballot(estate: Estate, visit: Visit, look: str) -> None:
    election = open_now(estate)
    phone = visit(estate.accounts["zhao"], look=look, size="large" if look == "large" else "normal")
    page = phone.go(f"/v/{election.vote_id}")
    expect(page.get_by_role("heading", name="无记名投票")).to_be_visible()
    assert_usable(phone)
    page.get_by_role("link", name="去投票").click()
    assert_usable(phone)
    first = tick_and_read_back(page, "陈建国", "李桂兰")
    assert_usable(phone)
    cast_it(page)
    expect(page.locator("[data-number-of]")).to_have_text(first)
    assert_usable(phone)
    page.get_by_role("link", name="重投一次").click()
    second = tick_and_read_back(page, "赵敏")
    assert second != first
    cast_it(page)
    expect(page.locator("[data-number-of]")).to_have_text(second)
    kept = page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")
    with transaction() as session:
        vote = queries.vote_by_public_id(session, election.vote_id)
        ids = {
            each.public_id: each.name for group in queries.candidates_of(session, vote.id).values() for each in group
        }
        closes_at, vote_key = vote.closes_at, vote.id
        assert len(secret.counted_hashes(session, vote_key)) == 1, "a recast replaces"
    assert second.replace(" ", "") in kept
    assert not [identity for identity in ids if identity in kept], "the phone keeps no choice"

    assert closes_at is not None
    counting.close(election.vote_id, by=STREET, now=closes_at)
    document = ceremony.open_all(opening.envelopes(election.vote_id, by=STREET, now=closes_at), election.shares[1:])
    assert [[ids[name] for name in each] for each in document["ballots"][0]["choices"].values()] == [["赵敏"]]
    opening.open_envelopes(election.vote_id, document, by=STREET, now=closes_at)
    page = phone.go(f"/v/{election.vote_id}/numbers")
    expect(page.locator("[data-found]")).to_contain_text(second)
    expect(page.locator("li.mine")).to_contain_text("赵敏")
    assert_usable(phone)
    phone.go(f"/v/{election.vote_id}/result")
    expect(page.get_by_text("无记名，按号码逐张公布")).to_be_visible()
    assert_usable(phone)


def test_a_double_tap_casts_one_envelope(estate: Estate, visit: Visit) -> None:
    election = open_now(estate)
    page = visit(estate.accounts["zhao"]).go(f"/v/{election.vote_id}/ballot?line={line_of(election.vote_id, DOOR)}")
    tick_and_read_back(page, "陈建国")
    page.get_by_role("button", name="确认投票").dblclick()
    expect(page.get_by_role("heading", name="票已投出")).to_be_visible()
    with transaction() as session:
        vote = queries.vote_by_public_id(session, election.vote_id)
        assert len(queries.receipts_of(session, vote.id)) == 1


def test_a_phone_that_cannot_seal_is_told_where_to_go(estate: Estate, visit: Visit) -> None:
    election = open_now(estate)
    phone = visit(estate.accounts["zhao"])
    phone.context.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined });")
    page = phone.go(f"/v/{election.vote_id}/ballot?line={line_of(election.vote_id, DOOR)}")
    expect(page.get_by_text("这部手机太旧，不能把选票封好。")).to_be_visible()
    expect(page.get_by_role("button", name="填好了，看一遍")).to_be_disabled()


def test_another_member_of_the_household_reads_that_it_may_be_recast(estate: Estate, visit: Visit) -> None:
    election = open_now(estate)
    cast_secretly(election, estate, "li", "1栋1单元201", ["陈建国"], "111111111111", now=clock.now())
    page = visit(estate.accounts["wu"]).go(f"/v/{election.vote_id}")
    expect(page.get_by_text("家里人已经投过票。截止前可以重投，以最后一次为准。")).to_be_visible()
    page.get_by_role("link", name="看回执").click()
    expect(page.get_by_text("号码只留在投票的那部手机上。")).to_be_visible()
