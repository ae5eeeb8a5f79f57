"""The payer's page: it believes only what the merchant signed, and nobody pays for somebody else."""

import json
from urllib.parse import urlencode

import pytest
import requests

from sandbox.keys import new_private_key
from sandbox.signing import Signer, pay_message
from sandbox.testing import Running
from tests.sandbox.support import OPENID, Merchant, query

BACK = "http://127.0.0.1:8000/pay/d1?attempt=7"


def _order(merchant: Merchant, **more: object) -> dict[str, str]:
    return merchant.pay_parameters(json.loads(merchant.place(**more)[1])["prepay_id"])


def _page(wechat: Running, http: requests.Session, given: dict[str, str]) -> requests.Response:
    return http.get(f"{wechat.url}/_sandbox/pay?{urlencode(given)}")


def _do(wechat: Running, http: requests.Session, given: dict[str, str], deed: str) -> requests.Response:
    return http.post(f"{wechat.url}/_sandbox/pay", data=given | {"deed": deed}, allow_redirects=False)


def test_the_page_shows_sum_merchant_payer_and_purpose(
    wechat: Running, merchant: Merchant, http: requests.Session
) -> None:
    page = _page(wechat, http, _order(merchant)).text
    for text in ("500.00", "测试商户", "张小明", "诚意金", "ORDER001", "立即支付", "取消"):
        assert text in page


@pytest.mark.parametrize(
    ("deed", "outcome", "state"),
    [
        ("pay", "ok", "SUCCESS"),
        ("cancel", "cancel", "NOTPAY"),
        ("pay_silently", "fail", "SUCCESS"),
        ("lie", "ok", "NOTPAY"),
    ],
)
def test_each_deed_moves_money_or_not_and_tells_the_page_what_it_likes(
    wechat: Running, merchant: Merchant, http: requests.Session, deed: str, outcome: str, state: str
) -> None:
    answer = _do(wechat, http, _order(merchant) | {"back": BACK}, deed)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{BACK}&wcpay={outcome}")
    assert wechat.order("ORDER001")["trade_state"] == state


def test_without_a_way_back_the_result_stands_on_the_page(
    wechat: Running, merchant: Merchant, http: requests.Session
) -> None:
    assert "支付成功" in _do(wechat, http, _order(merchant), "pay").text


@pytest.mark.parametrize("name", ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"])
def test_each_parameter_is_needed(wechat: Running, merchant: Merchant, http: requests.Session, name: str) -> None:
    given = _order(merchant)
    del given[name]
    answer = _page(wechat, http, given)
    assert (answer.status_code, name in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"timeStamp": "1795320001"}, "签名失败"),
        ({"nonceStr": "another"}, "签名失败"),
        ({"paySign": "bm90IG1pbmU="}, "签名失败"),
        ({"paySign": "%%%"}, "签名失败"),
        ({"appId": "wxother"}, "appId"),
        ({"signType": "MD5"}, "signType"),
        ({"timeStamp": "now"}, "timeStamp"),
        ({"package": "wx123"}, "package"),
    ],
)
def test_a_changed_parameter_is_refused_and_pays_nothing(
    wechat: Running, merchant: Merchant, http: requests.Session, change: dict[str, str], text: str
) -> None:
    given = _order(merchant) | change
    for answer in (_page(wechat, http, given), _do(wechat, http, given, "pay")):
        assert (answer.status_code, text in answer.text) == (400, True)
    assert wechat.order("ORDER001")["trade_state"] == "NOTPAY"


def test_a_signature_by_another_key_is_refused(wechat: Running, merchant: Merchant, http: requests.Session) -> None:
    given = _order(merchant)
    message = pay_message(given["appId"], given["timeStamp"], given["nonceStr"], given["package"])
    forged = given | {"paySign": Signer("", new_private_key()).sign(message)}
    assert "签名失败" in _page(wechat, http, forged).text


def test_a_prepay_id_nobody_got_is_refused(wechat: Running, merchant: Merchant, http: requests.Session) -> None:
    assert "没有这个预支付单" in _page(wechat, http, merchant.pay_parameters("wx00")).text


def test_a_prepay_id_dies_after_two_hours_and_a_new_one_pays(
    wechat: Running, merchant: Merchant, http: requests.Session
) -> None:
    old = _order(merchant)
    wechat.advance(7201)
    assert "已过期" in _page(wechat, http, old).text
    assert "支付成功" in _do(wechat, http, _order(merchant), "pay").text


def test_a_paid_or_closed_order_cannot_be_paid_on_a_page_left_open(
    wechat: Running, merchant: Merchant, http: requests.Session
) -> None:
    paid, closed = _order(merchant), _order(merchant, number="ORDER002")
    _do(wechat, http, paid, "pay")
    merchant.lib.close("ORDER002")
    assert "已支付" in _do(wechat, http, paid, "pay").text
    assert "已关闭" in _do(wechat, http, closed, "pay").text


def test_another_persons_wechat_does_not_pay_until_the_browser_changes_over(
    wechat: Running, merchant: Merchant, http: requests.Session
) -> None:
    given = _order(merchant) | {"back": BACK}
    http.get(f"{wechat.url}/_sandbox/become", params={"openid": "sandbox-user-2"})
    page = _page(wechat, http, given).text
    assert "下单账号与支付账号不一致" in page
    assert "立即支付" not in page
    assert _do(wechat, http, given, "pay").status_code == 400
    assert _do(wechat, http, given, "become").status_code == 303
    assert "立即支付" in _page(wechat, http, given).text
    assert query(_do(wechat, http, given, "pay").headers["Location"])["wcpay"] == "ok"
    assert wechat.order("ORDER001")["payer"] == {"openid": OPENID}


@pytest.mark.parametrize("back", ["https://example.com/", "javascript:alert(1)", "//example.com"])
def test_the_way_back_never_leads_elsewhere(
    wechat: Running, merchant: Merchant, http: requests.Session, back: str
) -> None:
    given = _order(merchant) | {"back": back}
    for answer in (_page(wechat, http, given), _do(wechat, http, given, "pay")):
        assert answer.status_code == 400
        assert "example.com" not in answer.text
    assert wechat.order("ORDER001")["trade_state"] == "NOTPAY"


def test_what_a_merchant_writes_is_shown_as_text(wechat: Running, merchant: Merchant, http: requests.Session) -> None:
    order = merchant.lib.pay("<b>x</b>", "ORDER009", {"total": 1, "currency": "CNY"}, payer={"openid": OPENID})
    given = merchant.pay_parameters(json.loads(order[1])["prepay_id"])
    page = _page(wechat, http, given).text
    assert "<b>x</b>" not in page
    assert "0.01" in page
