"""The page about oneself: where one is signed in, and the way out."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from kernel import clock
from portal.auth import services
from portal.wechat.port import Visitor
from tests.support.browser import Phone

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def signed_in_phone(visit: Callable[..., Phone], device: str) -> Phone:
    """A phone with a real session of one and the same WeChat account."""
    token = services.sign_in(Visitor("o-1", snapshot=False), device=device, replaced_token=None, now=clock.now())
    phone = visit()
    phone.context.add_cookies([{"name": "s", "value": token, "url": phone.base_url}])
    return phone


def test_a_lost_phone_is_signed_out_from_the_other(visit: Callable[..., Phone]) -> None:
    lost, kept = signed_in_phone(visit, "微信 · 丢了的"), signed_in_phone(visit, "微信 · 手上的")
    assert "这一台" in kept.go("/me").inner_text("main")
    kept.page.click("[data-end-session]")
    kept.page.click("[data-end-session]")
    expect(kept.page.locator("[data-end-session]")).to_have_count(0)
    answer = lost.page.request.get("/me", max_redirects=0)
    assert (answer.status, answer.headers["location"]) == (302, "/signin?next=/me")
    assert "手上的" in kept.go("/me").inner_text("main")


def test_signing_out_everywhere_ends_all_and_leads_home(visit: Callable[..., Phone]) -> None:
    other, here = signed_in_phone(visit, "微信 · 另一台"), signed_in_phone(visit, "微信 · 手上的")
    here.go("/me")
    here.page.click("[data-sign-out=everywhere]")
    assert "再点一次" in here.page.inner_text("[data-sign-out=everywhere]")
    here.page.click("[data-sign-out=everywhere]")
    here.page.wait_for_url(f"{here.base_url}/")
    assert "扫一扫" in here.page.inner_text("main")
    assert "扫一扫" in other.go("/").inner_text("main")
