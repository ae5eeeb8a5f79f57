"""The sandbox's pages in a real browser, on a phone."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
import requests

from sandbox.settings import SMS_KEY
from sandbox.testing import Running
from tests.sandbox.support import OPENID, Merchant, oauth, query

if TYPE_CHECKING:
    from tests.support.browser import Phone

OpenPhone = Callable[..., "Phone"]


@pytest.fixture
def busy(wechat: Running, merchant: Merchant) -> Running:
    """A sandbox with people, money, messages and a failed callback in it."""
    wechat.persona("demo-resident", "陈秀英", says="桃园北巷 3栋2单元501 业主，已核实身份", phone="13800000501")
    wechat.hold_callbacks()
    merchant.place("ORDER002")
    wechat.pay("ORDER002")
    wechat.send_callback("ORDER002", "wrong_key")
    _send(wechat, "【共建】您的验证码是 284913，10 分钟内有效。请不要告诉别人。")
    return wechat


def _send(wechat: Running, text: str) -> None:
    message = {"to": "13800000501", "text": text}
    requests.post(f"{wechat.url}/sms/send", json=message, headers={"X-Sms-Key": SMS_KEY}, timeout=60)


def _authorize(wechat: Running) -> str:
    client = oauth(wechat, f"{wechat.url}/", state="s7")
    client._http.close()
    return str(client.authorize_url)


def _pay(wechat: Running, merchant: Merchant, **more: str) -> str:
    prepay_id = json.loads(merchant.place()[1])["prepay_id"]
    return f"{wechat.url}/_sandbox/pay?{urlencode(merchant.pay_parameters(prepay_id) | more)}"


@pytest.mark.parametrize("width", [320, 375, 414])
def test_every_page_is_usable_on_a_phone(busy: Running, merchant: Merchant, open_phone: OpenPhone, width: int) -> None:
    from tests.support.browser import assert_usable

    phone = open_phone(busy.url, width=width)
    for address in (
        _authorize(busy),
        _pay(busy, merchant),
        f"{busy.url}/_sandbox/pay?appId=x",
        f"{busy.url}/_sandbox/phones",
        f"{busy.url}/_sandbox/messages",
        f"{busy.url}/_sandbox/scan",
        f"{busy.url}/",
    ):
        phone.go(address)
        assert_usable(phone)


def test_a_tap_on_a_face_signs_in_and_the_browser_remembers(busy: Running, open_phone: OpenPhone) -> None:
    phone = open_phone(busy.url)
    page = phone.go(_authorize(busy))
    page.get_by_role("button", name="陈秀英").tap()
    page.wait_for_url("**/?code=*")
    assert query(page.url)["state"] == "s7"
    page.goto(_authorize(busy))
    assert "code" in query(page.url)


def test_a_tap_pays_and_leads_back_with_the_outcome(busy: Running, merchant: Merchant, open_phone: OpenPhone) -> None:
    phone = open_phone(busy.url)
    page = phone.go(_pay(busy, merchant, back=f"{busy.url}/?attempt=7"))
    page.get_by_text("500.00").wait_for()
    page.get_by_role("button", name="立即支付").tap()
    page.wait_for_url("**/?attempt=7&wcpay=ok")
    assert busy.order("ORDER001")["trade_state"] == "SUCCESS"
    assert busy.order("ORDER001")["payer"] == {"openid": OPENID}


def test_the_odd_ends_are_one_tap_deeper(busy: Running, merchant: Merchant, open_phone: OpenPhone) -> None:
    phone = open_phone(busy.url)
    page = phone.go(_pay(busy, merchant, back=f"{busy.url}/"))
    page.get_by_text("其他情形").tap()
    page.get_by_role("button", name="没付款，但页面说成功").tap()
    page.wait_for_url("**/?wcpay=ok")
    assert busy.order("ORDER001")["trade_state"] == "NOTPAY"


def test_a_code_can_be_read_on_its_phone_and_the_next_one_after_a_refresh(busy: Running, open_phone: OpenPhone) -> None:
    page = open_phone(busy.url).go(f"{busy.url}/_sandbox/phones")
    page.get_by_text("284913").wait_for()
    _send(busy, "验证码 550017")
    assert page.get_by_text("550017").count() == 0
    page.get_by_role("link", name="刷新").tap()
    page.get_by_text("550017").wait_for()
