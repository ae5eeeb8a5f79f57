"""A household asks for a visit on its phone, the worker finds the door on his list and puts it off."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from kernel.database import reading
from kernel.places.queries import dwellings_of_estate
from tests.factories import Factory
from tests.support.browser import Phone, assert_usable, screenshot


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_visit_is_asked_for_found_put_off_and_told(make: Factory, visit: Callable[..., Phone]) -> None:
    estate = make.estate()
    home, other = dwellings_of_estate(reading(), estate.id)[:2]
    resident, _ = make.owner(home)
    worker = make.account()
    make.grant(worker, "community_worker", estate)

    mine = visit(resident)
    page = mine.go(f"/d/{home.public_id}")
    page.get_by_text("请工作人员上门").click()
    page.get_by_text("看不清、不会用手机").click()
    assert_usable(mine)
    screenshot(page, "visit-ask")
    page.get_by_role("button", name="请工作人员上门").click()
    expect(page.get_by_text("明天上午，看不清、不会用手机。")).to_be_visible()

    desk = visit(worker)
    page = desk.go(f"/work/d/{other.public_id}")
    page.get_by_role("button", name="记到今天").click()
    expect(page.get_by_text("约好的上门")).to_be_visible()
    page = desk.go("/")
    page.get_by_text("今天要上的门").click()
    expect(page.get_by_text(other.label)).to_be_visible()
    page.get_by_text("没有遇到，改天").click()
    assert_usable(desk)
    screenshot(page, "visit-today")
    page.get_by_role("button", name="记一次没遇到").click()
    expect(page.get_by_text("今天没有要上的门")).to_be_visible()
    expect(page.get_by_text("2 户")).to_be_visible()
    page = desk.go(f"/work/d/{home.public_id}")
    screenshot(page, "visit-door")
    page.get_by_role("button", name="已上门").click()
    expect(page.get_by_role("button", name="记到明天")).to_be_visible()

    page = mine.go(f"/d/{home.public_id}")
    expect(page.get_by_text(re.compile("明天上午"))).to_have_count(0)
