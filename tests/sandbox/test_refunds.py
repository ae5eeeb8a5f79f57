"""Refunds: accepted is not yet done, the sum is capped, and the same number is the same refund."""

import json
from typing import Any

import pytest

from sandbox.testing import Running
from tests.sandbox.support import Merchant, Receiver


@pytest.fixture
def paid(wechat: Running, merchant: Merchant) -> Merchant:
    merchant.place()
    wechat.pay("ORDER001")
    return merchant


def _said(answer: tuple[int, Any]) -> tuple[int, dict[str, Any]]:
    return answer[0], json.loads(answer[1])


def test_a_refund_is_processing_first_and_succeeds_later(wechat: Running, paid: Merchant) -> None:
    status, accepted = _said(paid.refund(fen=20000))
    assert (status, accepted["status"]) == (200, "PROCESSING")
    assert "success_time" not in accepted
    assert accepted["amount"]["refund"] == 20000
    wechat.advance(2)
    done = _said(paid.lib.query_refund("REFUND1"))[1]
    assert (done["status"], done["refund_id"]) == ("SUCCESS", accepted["refund_id"])
    assert done["success_time"].endswith("+08:00")
    assert _said(paid.lib.query(out_trade_no="ORDER001"))[1]["trade_state"] == "REFUND"


def test_refunds_may_not_exceed_what_was_paid(wechat: Running, paid: Merchant) -> None:
    assert paid.refund("R1", 30000)[0] == 200
    wechat.advance(61)
    status, answer = _said(paid.refund("R2", 20001))
    assert (status, answer["code"]) == (400, "INVALID_REQUEST")
    assert paid.refund("R2", 20000)[0] == 200


def test_a_closed_refund_frees_its_sum_again(wechat: Running, paid: Merchant) -> None:
    paid.refund("R1", 50000)
    assert wechat.settle_refund("R1", "CLOSED")["status"] == "CLOSED"
    wechat.advance(61)
    assert paid.refund("R2", 50000)[0] == 200


def test_an_abnormal_refund_does_not(wechat: Running, paid: Merchant) -> None:
    wechat.money(refund_outcome="ABNORMAL")
    paid.refund("R1", 50000)
    wechat.advance(61)
    assert _said(paid.lib.query_refund("R1"))[1]["status"] == "ABNORMAL"
    assert paid.refund("R2", 1)[0] == 400


def test_the_same_number_again_is_the_same_refund(wechat: Running, paid: Merchant) -> None:
    first = _said(paid.refund("R1", 100))[1]
    again = _said(paid.refund("R1", 100))[1]
    assert first["refund_id"] == again["refund_id"]
    assert wechat.order("ORDER001")["refunded_fen"] == 100


@pytest.mark.parametrize("change", [{"fen": 101}, {"out_trade_no": "ORDER002"}])
def test_the_same_number_for_another_amount_or_order_is_refused(
    wechat: Running, paid: Merchant, change: dict[str, Any]
) -> None:
    paid.place("ORDER002")
    wechat.pay("ORDER002")
    paid.refund("R1", 100)
    status, answer = _said(paid.refund("R1", **({"fen": 100} | change)))
    assert (status, answer["code"]) == (400, "INVALID_REQUEST")


def test_a_new_number_refunds_again(wechat: Running, paid: Merchant) -> None:
    paid.refund("R1", 100)
    wechat.advance(61)
    paid.refund("R2", 100)
    assert wechat.order("ORDER001")["refunded_fen"] == 200


def test_two_refunds_of_one_order_are_a_minute_apart(wechat: Running, paid: Merchant) -> None:
    paid.refund("R1", 100)
    status, answer = _said(paid.refund("R2", 100))
    assert (status, answer["code"]) == (429, "FREQUENCY_LIMITED")


def test_a_refund_by_transaction_id_is_the_same_as_by_number(wechat: Running, paid: Merchant) -> None:
    transaction = wechat.order("ORDER001")["transaction_id"]
    amount = {"refund": 100, "total": 50000, "currency": "CNY"}
    assert _said(paid.lib.refund("R1", amount, transaction_id=transaction))[1]["out_trade_no"] == "ORDER001"


def test_an_unpaid_order_has_nothing_to_refund(merchant: Merchant) -> None:
    merchant.place()
    assert _said(merchant.refund())[1]["code"] == "INVALID_REQUEST"


def test_an_unknown_order_or_refund_does_not_exist(paid: Merchant) -> None:
    assert _said(paid.refund(out_trade_no="NOBODY01"))[1]["code"] == "RESOURCE_NOT_EXISTS"
    assert _said(paid.lib.query_refund("NOBODY01"))[1]["code"] == "RESOURCE_NOT_EXISTS"


def test_a_total_other_than_the_orders_is_refused(paid: Merchant) -> None:
    assert _said(paid.refund(total=50001))[1]["code"] == "INVALID_REQUEST"


def test_an_empty_merchant_account_is_not_enough(wechat: Running, paid: Merchant) -> None:
    wechat.money(balance_fen=99)
    status, answer = _said(paid.refund(fen=100))
    assert (status, answer["code"]) == (403, "NOT_ENOUGH")
    wechat.money(balance_fen=100)
    assert paid.refund(fen=100)[0] == 200


def test_after_a_year_nothing_goes_back_this_way(wechat: Running, paid: Merchant) -> None:
    wechat.advance(365 * 86400 + 60)
    assert "一年" in _said(paid.refund())[1]["message"]


def test_an_order_is_refunded_at_most_fifty_times(wechat: Running, paid: Merchant) -> None:
    for number in range(50):
        assert paid.refund(f"R{number}", 1)[0] == 200
        wechat.advance(61)
    assert "上限" in _said(paid.refund("R50", 1))[1]["message"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"number": "x" * 65}, "/out_refund_no"),
        ({"number": "退款"}, "/out_refund_no"),
        ({"fen": 0}, "/amount/refund"),
        ({"reason": "长" * 81}, "/reason"),
        ({"notify_url": "http://example.com/x"}, "/notify_url"),
    ],
)
def test_each_wrong_field_is_named(paid: Merchant, change: dict[str, Any], field: str) -> None:
    status, answer = _said(paid.refund(**change))
    assert (status, answer["code"], answer["detail"]["field"]) == (400, "PARAM_ERROR", field)


def test_a_settled_refund_is_told_with_its_own_words(wechat: Running, paid: Merchant, receiver: Receiver) -> None:
    wechat.hold_callbacks()
    wechat.deliver()
    for number, outcome in (("R1", "SUCCESS"), ("R2", "ABNORMAL"), ("R3", "CLOSED")):
        paid.refund(number, 100)
        wechat.settle_refund(number, outcome)
        wechat.advance(61)
        told = paid.lib.callback(*receiver.got[-1])
        assert told["event_type"] == f"REFUND.{outcome}"
        assert told["resource"]["refund_status"] == outcome
        assert told["resource"]["amount"] == {"total": 50000, "refund": 100, "payer_total": 50000, "payer_refund": 100}
        assert "appid" not in told["resource"]
