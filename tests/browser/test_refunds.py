"""Asking a deposit back in a real browser, and the officers who approve it: on small screens, in every look."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from payments.refunds.services import transferring
from tests.factories import Factory
from tests.payments.refunds.conftest import PAYEE, Desk
from tests.payments.world import NOW
from tests.support.browser import LOOKS, Phone, axe_violations, screenshot, sideways_overflow_px, small_targets

Visit = Callable[..., Phone]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Pages are the same on either database."""
    return sqlite_url


@pytest.fixture
def desk(app: Flask, make: Factory) -> Desk:
    """An estate that collects, with its staff."""
    return Desk(make)


def test_a_payer_asks_takes_back_and_asks_again_and_an_officer_approves(
    visit: Visit, desk: Desk, make: Factory
) -> None:
    deposit, account = desk.held()
    page = visit(account).go(f"/receipt/{deposit.public_id}")
    page.get_by_role("link", name="申请退还").click()
    page.get_by_role("button", name="申请退还").click()
    expect(page.get_by_text("核准以前，您可以随时撤回")).to_be_visible()
    page.get_by_role("button", name="撤回申请").click()
    page.get_by_label("改主意了").check()
    page.get_by_role("button", name="申请退还").click()
    expect(page.get_by_role("button", name="撤回申请")).to_be_visible()
    for name in ("one", "two"):
        work = visit(make.account(name)).go(f"/work/refunds/{desk.estate.public_id}")
        work.get_by_role("button", name="核准", exact=True).click()
        expect(work.get_by_text("待第二人核准" if name == "one" else "微信退款中").first).to_be_visible()
    page.reload()
    expect(page.get_by_text("微信退款中")).to_be_visible()


def test_an_officer_computes_before_he_proposes_to_convert(visit: Visit, desk: Desk, make: Factory) -> None:
    desk.held()
    page = visit(make.account("one")).go(f"/work/refunds/{desk.estate.public_id}")
    propose = page.get_by_role("button", name="提交，请另一位复核")
    expect(propose).to_be_disabled()
    page.get_by_label("依据").fill("2026 年改造计划")
    page.get_by_label("每户应出（元）").fill("300.50")
    page.get_by_role("button", name="先算一算").click()
    expect(page.get_by_text("转为出资 300.50 元，多出退回 199.50 元")).to_be_visible()
    propose.click()
    expect(page.get_by_text("待第二人复核")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_are_usable_on_a_phone(visit: Visit, desk: Desk, make: Factory, look: str) -> None:
    fresh, payer = desk.held(desk.homes[1])
    failed = desk.failed()
    waiting = [desk.asked(home) for home in desk.homes[2:4]]
    desk.approve(waiting[0], "one")
    due = desk.asked(desk.homes[4], now=NOW)
    late = NOW.replace(year=NOW.year + 2)
    desk.approve(due, now=late)
    transferring.enter_payee(due, PAYEE, now=late, **desk.who("one"))
    for who, path in (
        (payer, f"/refund/{fresh.public_id}"),
        (desk.account_of(failed), f"/refund/{desk.deposit(failed).public_id}"),
        (desk.account_of(waiting[0]), f"/refund/{desk.deposit(waiting[0]).public_id}"),
        (make.account("two"), "/work/refunds"),
        (make.account("two"), f"/work/refunds/{desk.estate.public_id}"),
        (make.account("cashier"), "/work/transfers"),
    ):
        phone = visit(who, look=look, width=375, size="xlarge" if look == "large" else "normal")
        page = phone.go(path)
        page.wait_for_load_state("networkidle")
        screenshot(page, f"refunds-{path.strip('/').split('/')[0]}-{path.count('/')}-{look}-{who.openid[:12]}")
        assert axe_violations(page) == [], path
        assert sideways_overflow_px(page) == 0, path
        assert small_targets(page, 60 if look == "large" else 44) == [], path
