"""A batch of refunds in a real browser: previewed, one payment sent by bank with its reason, agreed by another."""

from collections.abc import Callable

import pytest

from tests.factories import Factory
from tests.payments.refunds.conftest import Desk
from tests.support.browser import Phone, assert_usable

Visit = Callable[..., Phone]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Pages are the same on either database."""
    return sqlite_url


def test_who_has_no_wechat_any_more_is_sent_by_bank_and_the_second_officer_reads_why(
    make: Factory, visit: Visit
) -> None:
    desk = Desk(make)
    for home in desk.homes[1:3]:
        desk.held(home)
    address = f"/work/refunds/{desk.estate.public_id}/batches"
    phone = visit(make.account("one"))
    page = phone.go(address)
    page.get_by_label("为什么退").select_option("not_listed")
    page.get_by_label("依据").fill("2026 年计划公告")
    page.get_by_role("button", name="先算一算").click()
    page.get_by_text("微信原路退 2 笔").wait_for()
    page.get_by_text("逐笔看，可以改走银行转账").click()
    page.get_by_role("button", name="改走银行").first.click()
    page.get_by_label("改走银行转账的原因").fill("住户微信已注销")
    assert_usable(phone)
    page.get_by_role("button", name="提交，请另一位复核").click()
    page.get_by_text("原因：住户微信已注销").wait_for()
    second = visit(make.account("two")).go(address)
    second.get_by_text("原因：住户微信已注销").wait_for()
    second.get_by_role("button", name="复核同意，开始退").click()
    second.get_by_text("办理中").wait_for()
