"""A household reads its formula, pays its share in the sandbox, and sees what a new budget adds; staff publish it."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from kernel import clock
from payments.gateways import registry
from sandbox.testing import Running
from tests.browser.sandboxed import app, database_url, wechat  # noqa: F401
from tests.factories import Factory
from tests.payments.contributions.conftest import Works
from tests.sandbox.support import eventually
from tests.support.browser import LOOKS, Phone, axe_violations, screenshot, sideways_overflow_px, small_targets

Visit = Callable[..., Phone]


@pytest.fixture
def works(app: Flask, wechat: Running, served: str, make: Factory) -> Works:
    """An estate that collects through the sandbox."""
    gateway = registry.of("wechat", wechat.environment["WECHATPAY_MCHID"])
    found = Works(make, gateway)
    registry.configure([gateway], base_urls={"shaoguan": served})
    return found


def test_a_share_is_published_read_paid_and_changed_by_a_new_budget(
    works: Works,
    wechat: Running,
    visit: Visit,
    make: Factory,
) -> None:
    place, home = works.estate.public_id, works.homes[0].public_id
    one, two = (visit(make.account(name)) for name in ("one", "two"))
    _write_budget(one, place, "外墙", "12,000", "业主大会议定")
    expect(one.page.get_by_text("要由另一位工作人员复核公布")).to_be_visible()
    two.go(f"/work/contributions/{place}").get_by_text("每户的份额和算式").click()
    expect(two.page.get_by_text("80.00 ㎡ ÷ 960.00 ㎡ × 12,000.00 元").first).to_be_visible()
    two.go(f"/work/contributions/{place}").get_by_role("button", name="复核并公布").click()
    expect(two.page.get_by_text("0/12")).to_be_visible()

    account = works.payer()
    wechat.persona(account.openid, "陈秀英")
    phone = visit(account)
    phone.go(f"/d/{home}").get_by_text("我家的出资").click()
    expect(phone.page.get_by_text("80.00 ㎡ ÷ 960.00 ㎡ × 12,000.00 元 = 1,000.00 元")).to_be_visible()
    phone.page.get_by_role("button", name="用微信支付").click()
    phone.page.wait_for_url("**/_sandbox/pay**")
    # WeChat's notice is heard before the payer comes back to the page: he is led to the receipt all the same.
    back = re.compile(r"/contribution/.*wcpay=ok")
    phone.page.route(
        back, lambda route: eventually(lambda: works.stands(works.homes[0]).paid_fen) and route.continue_()
    )
    phone.page.locator("button[value=pay]").click()
    phone.page.wait_for_url("**/receipt/**")
    works.run_jobs(clock.now())
    expect(phone.page.get_by_text("老旧小区改造出资收据")).to_be_visible()
    expect(phone.page.get_by_text("人民币壹仟元整")).to_be_visible()

    _write_budget(two, place, "外墙", "14,400", "增加雨污分流")
    one.go(f"/work/contributions/{place}").get_by_role("button", name="复核并公布").click()
    expect(one.page.get_by_text("编制新一版")).to_be_visible()
    phone.go(f"/contribution/{home}")
    expect(phone.page.get_by_text("您家补缴 200.00 元，应出变为 1,200.00 元")).to_be_visible()
    expect(phone.page.get_by_text("增加雨污分流")).to_be_visible()
    assert works.books() == []


def _write_budget(phone: Phone, place: str, name: str, yuan: str, why: str) -> None:
    page = phone.go(f"/work/contributions/{place}")
    page.get_by_label("名称", exact=True).fill("居民出资分摊方案")
    page.get_by_label("依据或调整原因").fill(why)
    page.get_by_label("费用名称").fill(name)
    page.get_by_label("金额（元）").fill(yuan)
    expect(page.get_by_label("办法").locator("option:checked")).to_have_text("按建筑面积")
    page.get_by_label("办法").select_option("按楼层系数")
    expect(page.get_by_text("每层的系数，例如").first).to_be_visible()
    page.get_by_label("办法").select_option("按建筑面积")
    page.get_by_role("button", name="先算一算").click()
    expect(page.get_by_text(f"80.00 ㎡ ÷ 960.00 ㎡ × {yuan}.00 元").first).to_be_visible()
    expect(page.get_by_text("还没有提交")).to_be_visible()
    page.get_by_role("button", name="提交，请另一位复核").click()
    expect(page.get_by_text("待复核")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_are_usable_on_a_phone(works: Works, visit: Visit, make: Factory, look: str) -> None:
    works.publish()
    works.publish(14_400_00, why="增加雨污分流")
    for who, path in (
        (works.payer(), f"/contribution/{works.homes[0].public_id}"),
        (works.payer(), f"/budgets/{works.estate.public_id}"),
        (make.account("one"), f"/work/contributions/{works.estate.public_id}"),
        (make.account("one"), f"/work/gate/{works.estate.public_id}"),
        (make.account("one"), f"/work/spending/{works.estate.public_id}"),
    ):
        phone = visit(who, look=look, width=375, size="xlarge" if look == "large" else "normal")
        page = phone.go(path)
        page.wait_for_load_state("networkidle")
        screenshot(page, f"contribution-{'-'.join(path.strip('/').split('/')[:-1])}-{look}")
        assert axe_violations(page) == [], path
        assert sideways_overflow_px(page) == 0, path
        assert small_targets(page, 60 if look == "large" else 44) == [], path
