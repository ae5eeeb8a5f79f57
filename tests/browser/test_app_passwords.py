"""A worker sets ODK Collect up from his own phone, and takes a lost phone's password back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.factories import Factory
from tests.support.browser import Phone, axe_violations, sideways_overflow_px, small_targets

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_an_app_password_is_made_shown_once_and_taken_back(make: Factory, visit: Callable[..., Phone]) -> None:
    worker = make.account()
    make.grant(worker, "community_worker", make.estate())
    phone = visit(worker)
    page = phone.go("/work")
    page.click("text=没有网络也能填")
    page.fill("[name=label]", "红米手机")
    page.click("[data-make] [type=submit]")
    page.wait_for_selector("[data-made]:not([hidden])")
    password = page.inner_text("[data-password]")
    assert len(password) == 29
    assert page.locator("[data-code] svg path").get_attribute("d")
    for size, least in (("normal", 44), ("xlarge", 60)):
        page.evaluate("(size) => document.documentElement.setAttribute('data-size', size)", size)
        assert small_targets(page, least) == []
        assert sideways_overflow_px(page) <= 0
    assert axe_violations(page) == []
    page = phone.go("/work/app-passwords")
    assert password not in page.content()
    page.click("[data-revoke]")
    assert "再点一次" in page.inner_text("[data-revoke]")
    page.click("[data-revoke]")
    expect(page.locator("[data-password-card]")).to_have_count(0)
