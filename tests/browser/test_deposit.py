"""Paying in a real browser: the page, the sandbox's pay sheet, and back to a receipt."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect

from kernel import clock
from kernel.people.models import Account
from payments.gateways import registry
from payments.gateways.memory import MemoryGateway
from payments.publications.services import publish_due
from sandbox.testing import Running
from tests.browser.sandboxed import app, database_url, wechat  # noqa: F401
from tests.factories import Factory
from tests.payments.world import World
from tests.support.browser import (
    LOOKS,
    WIDTHS,
    Phone,
    axe_violations,
    screenshot,
    sideways_overflow_px,
    small_targets,
)

Visit = Callable[..., Phone]


@pytest.fixture
def city(app: Flask, wechat: Running, served: str, make: Factory) -> World:
    """An estate that collects through the sandbox."""
    gateway = registry.of("wechat", wechat.environment["WECHATPAY_MCHID"])
    world = World(make, gateway)
    registry.configure([gateway], base_urls={"shaoguan": served})
    return world


def payer_of(city: World, wechat: Running) -> Account:
    account = city.payer()
    wechat.persona(account.openid, "陈秀英")
    return account


def pay_page(city: World, visit: Visit, account: Account, **options: object) -> Phone:
    phone = visit(account, **options)
    phone.go(f"/pay/{city.homes[0].public_id}")
    return phone


def press_pay(phone: Phone) -> None:
    phone.page.get_by_text("我看过约定，自愿缴纳").click()
    phone.page.get_by_role("button", name="用微信支付").click()


def test_a_resident_pays_five_hundred_yuan_and_holds_a_receipt(city: World, wechat: Running, visit: Visit) -> None:
    phone = pay_page(city, visit, payer_of(city, wechat))
    press_pay(phone)
    phone.page.wait_for_url("**/_sandbox/pay**")
    phone.page.locator("button[value=pay]").click()
    phone.page.wait_for_url("**/receipt/**")
    city.run_jobs(clock.now())
    phone.page.get_by_text("人民币伍佰元整").wait_for()
    expect(phone.page.get_by_text("500.00 元").first).to_be_visible()
    assert city.balances() == {"at_wechat": 50_000, "deposits_held": -50_000}


def test_outside_wechat_its_page_takes_the_payer_there_and_back(city: World, wechat: Running, visit: Visit) -> None:
    phone = pay_page(city, visit, payer_of(city, wechat), in_wechat=False)
    with phone.page.expect_request("**/_sandbox/h5**") as led:
        press_pay(phone)
    # WeChat lets itself be opened only from the merchant's own site: that much, and no more, it is told.
    assert led.value.headers["referer"].rstrip("/") == phone.base_url
    phone.page.locator("button[value=pay]").click()
    phone.page.wait_for_url("**/receipt/**")
    assert city.balances() == {"at_wechat": 50_000, "deposits_held": -50_000}


def test_a_code_on_the_collectors_screen_is_scanned_and_his_page_notices(
    city: World, wechat: Running, visit: Visit, make: Factory
) -> None:
    make.holding(make.person("陈秀英", "13800000001"), city.homes[0])
    wechat.persona("o-grandson", "孙子")
    collector = make.account("collector")
    make.grant(collector, "cashier", city.estate)
    phone = visit(collector)
    page = phone.go(f"/work/cash/d/{city.homes[0].public_id}")
    page.locator("#payers .choice").first.click()
    page.locator("#f-amount").fill("500")
    page.get_by_text("微信扫码").click()
    page.get_by_text("缴款人看过约定，自愿缴纳").click()
    page.get_by_role("button", name="出收款码").click()
    page.wait_for_url("**/work/cash/c/*")
    expect(page.locator("svg.qr")).to_be_visible()
    screenshot(page, "cash-code")
    assert not axe_violations(page)
    wechat.pay(wechat.orders()[0]["out_trade_no"], openid="o-grandson")
    page.get_by_text("微信已经确认收到 500.00 元").wait_for()
    assert city.balances() == {"at_wechat": 50_000, "deposits_held": -50_000}


def test_a_resident_gives_another_amount_and_cancels_and_nothing_is_lost(
    city: World, wechat: Running, visit: Visit
) -> None:
    phone = pay_page(city, visit, payer_of(city, wechat))
    phone.page.get_by_text("我自己填一个数").click()
    phone.page.get_by_label("金额（元）").fill("三百")
    press_pay(phone)
    expect(phone.page.get_by_text("请填金额，例如 300 或 300.50。")).to_be_visible()
    phone.page.get_by_label("金额（元）").fill("1,234.50")
    phone.page.get_by_role("button", name="用微信支付").click()
    phone.page.wait_for_url("**/_sandbox/pay**")
    assert "1234.50" in phone.page.content().replace(",", "")
    phone.page.locator("button[value=cancel]").click()
    phone.page.get_by_text("您取消了付款，没有扣款").wait_for()
    expect(phone.page.get_by_label("金额（元）")).to_have_value("1,234.50")
    assert city.balances() == {}


def test_without_the_tick_nothing_is_sent_and_the_page_says_where(city: World, wechat: Running, visit: Visit) -> None:
    phone = pay_page(city, visit, payer_of(city, wechat))
    phone.page.get_by_role("button", name="用微信支付").click()
    expect(phone.page.get_by_text("请先看过约定，并在这里打勾。")).to_be_visible()
    assert wechat.orders() == []


def test_a_page_left_after_paying_shows_the_receipt_when_it_is_opened_again(
    city: World, wechat: Running, visit: Visit
) -> None:
    account = payer_of(city, wechat)
    phone = pay_page(city, visit, account)
    press_pay(phone)
    phone.page.wait_for_url("**/_sandbox/pay**")
    wechat.hold_callbacks()
    phone.page.get_by_role("button", name="支付").count()
    wechat.pay(wechat.orders()[0]["out_trade_no"])
    wechat.deliver()
    wechat.hold_callbacks(False)
    again = pay_page(city, visit, account)
    again.page.wait_for_url("**/receipt/**")


def test_two_windows_of_one_payer_share_one_order(city: World, wechat: Running, visit: Visit) -> None:
    account = payer_of(city, wechat)
    for phone in (pay_page(city, visit, account), pay_page(city, visit, account)):
        press_pay(phone)
        phone.page.wait_for_url("**/_sandbox/pay**")
    assert len(wechat.orders()) == 1


def test_two_of_a_family_pay_at_once_one_presses_twice_and_each_finds_his_receipt_in_the_books(
    city: World, wechat: Running, visit: Visit
) -> None:
    mother, son = (pay_page(city, visit, payer_of(city, wechat)) for _ in range(2))
    for phone in (mother, son):
        phone.page.get_by_text("我看过约定，自愿缴纳").click()
    mother.page.get_by_role("button", name="用微信支付").dblclick()
    son.page.get_by_role("button", name="用微信支付").click()
    for phone in (mother, son):
        phone.page.wait_for_url("**/_sandbox/pay**")
    assert len(wechat.orders()) == 2, "one each, however often it was pressed"
    for phone in (mother, son):
        phone.page.locator("button[value=pay]").click()
        phone.page.wait_for_url("**/receipt/**")
    city.run_jobs(clock.now())
    assert len(city.receipts()) == 2
    assert city.balances() == {"at_wechat": 100_000, "deposits_held": -100_000}
    publish_due(now=clock.now() + timedelta(days=100))  # two alone wait a quarter
    for phone in (mother, son):
        phone.page.reload()
        phone.page.get_by_role("button", name="在我手机上核对").click()
        phone.page.get_by_text("您的手机核对过了").wait_for()


def test_a_silent_wechat_is_told_in_words_and_the_form_stays_filled(city: World, wechat: Running, visit: Visit) -> None:
    phone = pay_page(city, visit, payer_of(city, wechat))
    wechat.fault("pay.jsapi", "500", times=1, accept=False)
    press_pay(phone)
    phone.page.get_by_text("微信支付暂时联系不上，没有扣款").wait_for()
    expect(phone.page.locator("input[name=agreed]")).to_be_checked()
    phone.page.get_by_role("button", name="用微信支付").click()
    phone.page.wait_for_url("**/_sandbox/pay**")


BRIDGE = """
window.WeixinJSBridge = { invoke: (name, call, done) => {
  window.bridged = { name: name, call: call };
  setTimeout(() => done({ err_msg: "get_brand_wcpay_request:OUTCOME" }), 50);
} };
"""


@pytest.mark.parametrize("outcome", ["ok", "fail"])
def test_in_wechat_the_bridge_is_called_and_only_the_server_says_that_it_is_paid(
    app: Flask, city: World, wechat: Running, visit: Visit, outcome: str
) -> None:
    config = app.extensions["gongjian.config"]
    app.extensions["gongjian.config"] = replace(config, sandbox_url=None)
    phone = visit(payer_of(city, wechat))
    phone.page.add_init_script(BRIDGE.replace("OUTCOME", outcome))
    phone.go(f"/pay/{city.homes[0].public_id}")
    press_pay(phone)
    phone.page.get_by_text("正在等微信确认").wait_for()
    told = phone.page.evaluate("window.bridged")
    assert told["name"] == "getBrandWCPayRequest"
    assert set(told["call"]) == {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}
    assert city.balances() == {}
    wechat.pay(wechat.orders()[0]["out_trade_no"])
    wechat.deliver()
    phone.page.wait_for_url("**/receipt/**")


def finished(city: World) -> tuple[str, Account]:
    """A paid deposit with its receipt, and its payer, without the sandbox."""
    registry.configure([MemoryGateway(merchant_id=city.gateway.merchant_id)], base_urls={"shaoguan": "http://x"})
    city.gateway = registry.for_new(city.gateway.merchant_id)
    account = city.payer()
    for home in city.homes[1:7]:
        city.paid(home)
    deposit = city.paid(account=account)
    city.run_jobs(clock.now())
    return deposit.public_id, account


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_of_paying_can_be_read_and_touched_by_everybody(
    city: World, wechat: Running, visit: Visit, look: str
) -> None:
    waiting = payer_of(city, wechat)
    city.begin(waiting, city.pledge(waiting, fen=30_000, now=clock.now()), now=clock.now())
    deposit, paid = finished(city)
    for width in WIDTHS:
        for account, path in [
            (waiting, f"/pay/{city.homes[0].public_id}"),
            (paid, f"/receipt/{deposit}"),
            (paid, f"/books/{city.estate.public_id}"),
        ]:
            phone = visit(account, look=look, width=width, size="xlarge" if look == "large" else "normal")
            page = phone.go(path)
            page.wait_for_load_state("networkidle")
            assert axe_violations(page) == [], path
            assert sideways_overflow_px(page) == 0, (path, width)
            assert small_targets(page, 60 if look == "large" else 44) == [], path
