"""What may go wrong on the way: the clients see it, and the ledger knows what was accepted."""

import json
import threading
import time
from typing import Any

import pytest
import requests

from sandbox.faults import WAYS
from sandbox.testing import ControlError, Running
from tests.sandbox.support import OPENID, Merchant, Official, eventually, oauth


def test_accepted_and_then_no_answer_leaves_an_order_behind(wechat: Running, merchant: Merchant) -> None:
    wechat.fault("pay.jsapi", "timeout", seconds=10)
    merchant.lib._core._timeout = (1, 0.3)
    with pytest.raises(requests.ReadTimeout):
        merchant.place()
    assert eventually(wechat.orders)[0]["trade_state"] == "NOTPAY"
    merchant.lib._core._timeout = (3, 10)
    assert merchant.place()[0] == 200
    assert len(wechat.orders()) == 1


def test_refused_and_then_no_answer_leaves_none(wechat: Running, merchant: Merchant) -> None:
    wechat.fault("pay.jsapi", "timeout", seconds=0.1, accept=False)
    with pytest.raises(requests.ConnectionError):
        merchant.place()
    assert wechat.orders() == []


@pytest.mark.parametrize(
    ("do", "error"), [("cut", requests.ConnectionError), ("half_body", requests.exceptions.ChunkedEncodingError)]
)
def test_a_connection_cut_after_the_work_was_done(
    wechat: Running, merchant: Merchant, do: str, error: type[Exception]
) -> None:
    wechat.fault("pay.jsapi", do)
    with pytest.raises(error):
        merchant.place()
    assert len(wechat.orders()) == 1


@pytest.mark.parametrize("do", ["unsigned", "bad_signature", "unknown_serial", "not_json"])
def test_an_answer_that_cannot_be_believed_after_the_work_was_done(
    wechat: Running, merchant: Merchant, do: str
) -> None:
    wechat.fault("pay.jsapi", do)
    with pytest.raises(Exception, match=r"verify the signature|does not support"):
        merchant.place()
    assert len(wechat.orders()) == 1


def test_a_stale_answer_is_rightly_signed_but_ten_minutes_old(wechat: Running, merchant: Merchant) -> None:
    wechat.fault("pay.query", "stale_signature")
    merchant.place()
    seen: list[Any] = []
    verify = merchant.lib._core._verify_signature

    def spy(headers: Any, body: str) -> bool:
        seen.append(int(headers["Wechatpay-Timestamp"]))
        return bool(verify(headers, body))

    merchant.lib._core._verify_signature = spy
    assert merchant.lib.query(out_trade_no="ORDER001")[0] == 200
    assert 590 <= time.time() - seen[0] <= 660


def test_500_comes_after_the_work_and_429_before_it(wechat: Running, merchant: Merchant) -> None:
    wechat.fault("pay.jsapi", "500")
    status, answer = merchant.place("ORDER500")
    assert (status, json.loads(answer)["code"]) == (500, "SYSTEM_ERROR")
    wechat.fault("pay.jsapi", "429")
    status, answer = merchant.place("ORDER429")
    assert (status, json.loads(answer)["code"]) == (429, "FREQUENCY_LIMITED")
    assert [order["out_trade_no"] for order in wechat.orders()] == ["ORDER500"]


def test_a_slow_answer_is_the_right_one(wechat: Running, merchant: Merchant) -> None:
    wechat.fault("pay.jsapi", "slow", seconds=0.2)
    started = time.monotonic()
    assert merchant.place()[0] == 200
    assert time.monotonic() - started >= 0.2


def test_an_answer_may_be_given_word_for_word(wechat: Running, merchant: Merchant) -> None:
    wechat.fault(
        "pay.refund", "answer", status=403, answer={"code": "USER_ACCOUNT_ABNORMAL", "message": "用户账户注销"}
    )
    status, answer = merchant.refund()
    assert (status, json.loads(answer)["code"]) == (403, "USER_ACCOUNT_ABNORMAL")


def test_a_fault_holds_for_as_many_calls_as_ordered_and_for_no_other_call(wechat: Running, merchant: Merchant) -> None:
    wechat.fault("pay.query", "429", times=2)
    assert merchant.place()[0] == 200
    assert [merchant.lib.query(out_trade_no="ORDER001")[0] for _ in range(3)] == [429, 429, 200]


def test_a_star_means_every_call_and_a_family_all_of_its_own(wechat: Running, merchant: Merchant) -> None:
    wechat.fault("sms.*", "500")
    wechat.fault("pay.*", "429")
    assert merchant.place()[0] == 429
    assert [fault["on"] for fault in wechat.get("faults")["waiting"]] == ["sms.*"]
    wechat.post("faults/clear")
    wechat.fault("*", "429")
    assert merchant.place()[0] == 429


def test_the_official_account_fails_in_its_own_words(wechat: Running, official: Official) -> None:
    official.fetch_access_token()
    wechat.fault("official.template", "500")
    with pytest.raises(Exception, match="系统异常") as error:
        official.message.send_template(OPENID, "T", {"a": {"value": "b"}})
    assert getattr(error.value, "errcode", None) == -1
    assert len(wechat.messages()) == 1


def test_signing_in_fails_too(wechat: Running) -> None:
    client = oauth(wechat, "http://127.0.0.1:8000/")
    wechat.fault("oauth.access_token", "cut")
    with pytest.raises(requests.ConnectionError):
        client.fetch_access_token(wechat.code(OPENID))
    client._http.close()


def test_every_call_is_noted_with_what_was_odd_about_it(wechat: Running, merchant: Merchant) -> None:
    wechat.fault("pay.jsapi", "500")
    merchant.place()
    merchant.place(total=1)
    lines = wechat.calls("pay.jsapi")
    assert [(line["status"], line["fault"]) for line in lines] == [(400, ""), (500, "500")]
    assert "INVALID_REQUEST" in lines[0]["note"]


def test_secrets_are_shortened_in_the_journal(wechat: Running, official: Official) -> None:
    official.jsapi.get_ticket()
    text = json.dumps(wechat.calls())
    assert wechat.settings.app_secret not in text
    assert "access_token=a_" in text
    assert official.access_token not in text


@pytest.mark.parametrize(
    "given", [{"on": "pay.jsapi", "do": "explode"}, {"do": "500"}, {"on": "x", "do": "500", "times": "x"}]
)
def test_a_fault_nobody_knows_is_refused(wechat: Running, given: dict[str, Any]) -> None:
    with pytest.raises(ControlError, match="400"):
        wechat.post("faults", **given)


def test_the_ways_can_be_listed(wechat: Running) -> None:
    assert set(wechat.get("faults")["ways"]) == set(WAYS)


def test_stopping_lets_go_of_whoever_is_held() -> None:
    with Running() as wechat:
        wechat.fault("sms.send", "timeout", seconds=60)
        held = threading.Thread(target=_send_and_forget, args=(wechat.url,))
        held.start()
        eventually(lambda: not wechat.get("faults")["waiting"])
    held.join(timeout=20)
    assert not held.is_alive()


def _send_and_forget(url: str) -> None:
    with pytest.raises(requests.RequestException):
        requests.post(f"{url}/sms/send", json={"to": "13800000000", "text": "x"}, timeout=30)
