"""Orders, as WeChat Pay keeps them, through wechatpayv3 over HTTP."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from wechatpayv3 import WeChatPayType

from sandbox.clock import china_text
from sandbox.testing import ControlError, Running
from tests.sandbox.support import OPENID, Merchant, query


def _said(answer: tuple[int, Any]) -> tuple[int, dict[str, Any]]:
    return answer[0], json.loads(answer[1])


def _in(minutes: float) -> str:
    return china_text(datetime.now(UTC) + timedelta(minutes=minutes))


def test_an_order_gets_a_prepay_id_and_an_unpaid_query_is_short(merchant: Merchant) -> None:
    status, answer = _said(merchant.place(attach="deposit 7"))
    assert status == 200
    assert answer["prepay_id"].startswith("wx20")
    assert len(answer["prepay_id"]) == 36
    status, trade = _said(merchant.lib.query(out_trade_no="ORDER001"))
    assert (status, trade["trade_state"], trade["attach"]) == (200, "NOTPAY", "deposit 7")
    assert not {"transaction_id", "success_time", "payer", "bank_type"} & set(trade)


def test_a_paid_order_tells_who_paid_what_when(wechat: Running, merchant: Merchant) -> None:
    merchant.place()
    wechat.pay("ORDER001")
    trade = _said(merchant.lib.query(out_trade_no="ORDER001"))[1]
    assert (trade["trade_state"], trade["trade_type"], trade["payer"]) == ("SUCCESS", "JSAPI", {"openid": OPENID})
    assert trade["amount"] == {"total": 50000, "payer_total": 50000, "currency": "CNY", "payer_currency": "CNY"}
    assert trade["success_time"].endswith("+08:00")
    assert len(trade["transaction_id"]) == 28
    assert _said(merchant.lib.query(transaction_id=trade["transaction_id"]))[1] == trade


def test_the_same_order_again_gets_a_new_prepay_id_and_both_can_pay(wechat: Running, merchant: Merchant) -> None:
    first, second = _said(merchant.place())[1], _said(merchant.place())[1]
    assert first["prepay_id"] != second["prepay_id"]
    assert len(wechat.orders()) == 1


@pytest.mark.parametrize(
    "change",
    [{"total": 50001}, {"attach": "other"}, {"payer": {"openid": "sandbox-user-2"}}, {"time_expire": _in(1440)}],
)
def test_the_same_number_with_other_parameters_is_refused(merchant: Merchant, change: dict[str, Any]) -> None:
    merchant.place()
    status, answer = _said(merchant.place(**change))
    assert (status, answer["code"]) == (400, "INVALID_REQUEST")
    assert "请求重入" in answer["message"]


def test_the_same_number_by_another_way_of_paying_is_refused(merchant: Merchant) -> None:
    merchant.place()
    assert _said(merchant.place(pay_type=WeChatPayType.NATIVE))[0] == 400


def test_a_paid_number_cannot_be_ordered_again(wechat: Running, merchant: Merchant) -> None:
    merchant.place()
    wechat.pay("ORDER001")
    status, answer = _said(merchant.place())
    assert (status, answer["code"], answer["message"]) == (400, "INVALID_REQUEST", "该订单已支付")


def test_a_closed_number_cannot_be_ordered_again(merchant: Merchant) -> None:
    merchant.place()
    assert merchant.lib.close("ORDER001")[0] == 204
    status, answer = _said(merchant.place())
    assert (status, answer["code"]) == (400, "INVALID_REQUEST")
    assert "201" in answer["message"]


def test_older_codes_can_be_had_for_the_same_three(wechat: Running, merchant: Merchant) -> None:
    wechat.money(older_codes=True)
    merchant.place("PAID0001")
    wechat.pay("PAID0001")
    merchant.place("CLOSED01")
    merchant.lib.close("CLOSED01")
    merchant.place("CHANGED1")
    assert _said(merchant.place("PAID0001"))[1]["code"] == "ORDERPAID"
    assert _said(merchant.place("CLOSED01"))[1]["code"] == "ORDER_CLOSED"
    assert _said(merchant.place("CHANGED1", total=1))[1]["code"] == "OUT_TRADE_NO_USED"


def test_closing_ends_an_order_may_be_repeated_and_says_nothing_of_an_unknown_one(
    wechat: Running, merchant: Merchant
) -> None:
    merchant.place()
    assert merchant.lib.close("ORDER001") == (204, b"")
    assert merchant.lib.close("ORDER001")[0] == 204
    assert merchant.lib.close("NOBODY01")[0] == 204
    assert _said(merchant.lib.query(out_trade_no="ORDER001"))[1]["trade_state"] == "CLOSED"
    with pytest.raises(ControlError, match="ORDER_CLOSED"):
        wechat.pay("ORDER001")


def test_a_paid_order_cannot_be_closed(wechat: Running, merchant: Merchant) -> None:
    merchant.place()
    wechat.pay("ORDER001")
    assert _said(merchant.lib.close("ORDER001"))[1]["code"] == "ORDER_PAID"


def test_an_order_cannot_be_paid_twice(wechat: Running, merchant: Merchant) -> None:
    merchant.place()
    wechat.pay("ORDER001")
    with pytest.raises(ControlError, match="ORDERPAID"):
        wechat.pay("ORDER001")
    assert len(wechat.callbacks("ORDER001")) == 1


def test_time_expire_ends_paying_and_leaves_the_order_open(wechat: Running, merchant: Merchant) -> None:
    merchant.place(time_expire=_in(10))
    wechat.advance(601)
    with pytest.raises(ControlError, match="已过期"):
        wechat.pay("ORDER001")
    assert _said(merchant.lib.query(out_trade_no="ORDER001"))[1]["trade_state"] == "NOTPAY"


@pytest.mark.parametrize("minutes", [-1, 0.5, 91 * 24 * 60])
def test_time_expire_lies_between_a_minute_and_ninety_days(merchant: Merchant, minutes: float) -> None:
    status, answer = _said(merchant.place(time_expire=_in(minutes)))
    assert (status, answer["code"], answer["detail"]["field"]) == (400, "PARAM_ERROR", "/time_expire")


def test_an_unknown_order_is_not_found(merchant: Merchant) -> None:
    assert _said(merchant.lib.query(out_trade_no="NOBODY01"))[1]["code"] == "ORDER_NOT_EXIST"
    assert _said(merchant.lib.query(transaction_id="4200"))[1]["code"] == "ORDER_NOT_EXIST"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"number": "short"}, "/out_trade_no"),
        ({"number": "x" * 33}, "/out_trade_no"),
        ({"number": "中文订单号码"}, "/out_trade_no"),
        ({"total": 0}, "/amount/total"),
        ({"total": 500.0}, "/amount/total"),
        ({"total": "50000"}, "/amount/total"),
        ({"total": True}, "/amount/total"),
        ({"payer": {"openid": ""}}, "/payer/openid"),
        ({"payer": {"name": "x"}}, "/payer/openid"),
        ({"attach": "x" * 129}, "/attach"),
        ({"time_expire": "2026-11-22 12:00:00"}, "/time_expire"),
        ({"notify_url": "https://example.com/notify"}, "/notify_url"),
        ({"notify_url": "http://127.0.0.1:8000/notify?order=1"}, "/notify_url"),
    ],
)
def test_each_wrong_field_is_named(merchant: Merchant, change: dict[str, Any], field: str) -> None:
    status, answer = _said(merchant.place(**change))
    assert (status, answer["code"], answer["detail"]["field"]) == (400, "PARAM_ERROR", field)


def test_another_appid_does_not_match_the_merchant(merchant: Merchant) -> None:
    assert _said(merchant.place(appid="wxother"))[1]["code"] == "APPID_MCHID_NOT_MATCH"


def test_a_virtual_openid_of_a_snapshot_page_cannot_order(
    wechat: Running, merchant: Merchant, http: requests.Session
) -> None:
    params = {"appid": wechat.settings.app_id, "secret": wechat.settings.app_secret, "grant_type": "authorization_code"}
    code = wechat.code(OPENID, **{"as": "snapshot"})
    token = http.get(f"{wechat.url}/sns/oauth2/access_token", params=params | {"code": code}).json()
    assert _said(merchant.place(payer={"openid": token["openid"]}))[0] == 400


def test_a_native_order_is_paid_by_scanning_its_address(
    wechat: Running, merchant: Merchant, http: requests.Session
) -> None:
    code_url = _said(merchant.place(pay_type=WeChatPayType.NATIVE))[1]["code_url"]
    assert code_url.startswith("weixin://wxpay/")
    page = http.get(f"{wechat.url}/_sandbox/scan", params={"code_url": code_url}).text
    assert "500.00" in page
    http.post(f"{wechat.url}/_sandbox/handle", data={"handle": code_url, "deed": "pay", "openid": "sandbox-user-2"})
    assert wechat.order("ORDER001")["payer"] == {"openid": "sandbox-user-2"}
    assert wechat.order("ORDER001")["trade_type"] == "NATIVE"


def test_an_h5_order_is_paid_at_its_address_within_five_minutes_and_leads_back(
    wechat: Running, merchant: Merchant, http: requests.Session
) -> None:
    scene = {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}

    def h5_url() -> str:
        return str(_said(merchant.place(pay_type=WeChatPayType.H5, scene_info=scene))[1]["h5_url"])

    first = h5_url()
    page = http.get(first, params={"redirect_url": "http://127.0.0.1:8000/back"})
    assert "500.00" in page.text
    wechat.advance(301)
    assert "已过期" in http.get(first).text
    form = {"handle": query(h5_url())["prepay_id"], "deed": "pay", "back": "http://127.0.0.1:8000/back"}
    answer = http.post(f"{wechat.url}/_sandbox/handle", data=form, allow_redirects=False)
    assert answer.headers["Location"] == "http://127.0.0.1:8000/back"
    assert wechat.order("ORDER001")["trade_type"] == "MWEB"
