"""An organiser forms the self-management group of an election, and everybody reads who is in it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from kernel import clock
from kernel.database import reading
from kernel.places.queries import ancestors
from surveys.votes.results import services as results
from surveys.votes.services import counting
from surveys.votes.services.preparing import NewCandidate, NewMotion
from tests.factories import Factory
from tests.support.browser import LOOKS, Phone, assert_usable
from tests.surveys.votes.stories import STREET, an_estate, cast, opened

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Visit = Callable[..., Phone]
MOTION = NewMotion(
    "residents.group",
    "选举自管小组成员",
    candidates=(NewCandidate("chen", "1栋"), NewCandidate("li"), NewCandidate("zhao")),
    seats=2,
    most=2,
)
DOORS = (("chen", "101"), ("li", "201"), ("factory", "202"), ("zhao", "401"), ("qian", "402"))


@pytest.mark.parametrize("look", LOOKS)
def test_a_group_is_formed_and_hands_over(make: Factory, visit: Visit, look: str) -> None:
    estate = an_estate(make)
    now = clock.now()
    began = now - timedelta(days=2)
    vote_id = opened(estate, MOTION, now=began, closes_at=now - timedelta(hours=1))
    for who, door in DOORS:
        cast(vote_id, estate.voter(who), f"1栋1单元{door}", ["chen", "li"], now=began + timedelta(hours=1))
    counting.close(vote_id, by=STREET, now=now - timedelta(hours=1))
    counting.publish_result(vote_id, by=STREET, now=now - timedelta(hours=1))
    results.finalise(vote_id, by=STREET, now=now - timedelta(hours=1))
    street = next(place for place in ancestors(reading(), estate.place) if place.kind == "street")
    account = make.account("o-street")
    make.grant(account, "street_officer", street)

    phone = visit(account, look=look, size="large" if look == "large" else "normal")
    page = phone.go(f"/work/votes/{vote_id}")
    page.get_by_role("link", name="成立自管小组").click()
    assert_usable(phone)
    page.get_by_role("button", name="成立自管小组").click()
    expect(page.get_by_text("请在列入的成员里选一名组长。")).to_be_visible()
    page.get_by_role("group", name="组长", exact=True).locator(".choice", has_text="li").click()
    page.get_by_role("group", name="li", exact=True).locator(".choice", has_text="本人同意公布姓名").click()
    page.get_by_role("button", name="成立自管小组").click()
    expect(page.get_by_role("heading", name="桃园北巷 自管小组")).to_be_visible()
    assert_usable(phone)
    page.get_by_role("button", name="已经交接").first.click()
    page.get_by_role("button", name="确定", exact=True).click()
    expect(page.get_by_text("已交接", exact=True)).to_be_visible()
    page = phone.go(f"/g/{estate.place.code}")
    assert page.locator(".cell", has_text="组长").inner_text().split() == ["li", "组长"]
    expect(page.locator(".cell", has_text="c***")).to_have_count(0)
    expect(page.get_by_text("印章和授权文件")).to_be_visible()
    assert_usable(phone)
