"""Callbacks: told by wechatpayv3's own ``callback()``, with WeChat Pay's patience and on the sandbox's clock."""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import pytest

from sandbox.notices import RETRY_S
from sandbox.testing import ControlError, Running
from tests.sandbox.support import OPENID, Merchant, Receiver, eventually


@pytest.fixture
def held(wechat: Running) -> Running:
    """Callbacks wait until the test says so."""
    wechat.hold_callbacks()
    return wechat


@pytest.fixture
def paid(held: Running, merchant: Merchant) -> Merchant:
    merchant.place()
    held.pay("ORDER001")
    return merchant


def _pay(wechat: Running, merchant: Merchant) -> None:
    merchant.place()
    wechat.pay("ORDER001")


def test_a_payment_is_told_by_itself_within_moments(wechat: Running, merchant: Merchant, receiver: Receiver) -> None:
    _pay(wechat, merchant)
    receiver.wait_for(1)
    told = merchant.lib.callback(*receiver.got[0])
    assert (told["event_type"], told["summary"]) == ("TRANSACTION.SUCCESS", "支付成功")
    trade = told["resource"]
    assert (trade["out_trade_no"], trade["trade_state"], trade["payer"]) == ("ORDER001", "SUCCESS", {"openid": OPENID})
    assert trade["amount"]["total"] == 50000
    assert trade == json.loads(merchant.lib.query(out_trade_no="ORDER001")[1])


@pytest.mark.parametrize("status", [200, 204])
def test_200_and_204_end_it(held: Running, paid: Merchant, receiver: Receiver, status: int) -> None:
    receiver.statuses.append(status)
    assert held.advance(86400 * 2) == 1
    assert held.callbacks("ORDER001")[0]["state"] == "delivered"


@pytest.mark.parametrize("status", [201, 302, 400, 401, 500, 503])
def test_any_other_status_is_tried_again_after_fifteen_seconds(
    held: Running, paid: Merchant, receiver: Receiver, status: int
) -> None:
    receiver.statuses.append(status)
    assert held.deliver() == 1
    assert held.callbacks("ORDER001")[0]["state"] == "waiting"
    assert held.advance(5) == 0
    assert held.advance(11) == 1
    assert held.callbacks("ORDER001")[0]["state"] == "delivered"


def test_a_merchant_who_never_agrees_hears_it_sixteen_times_in_a_day_and_then_never(
    held: Running, paid: Merchant, receiver: Receiver
) -> None:
    receiver.statuses.extend([500] * 20)
    assert held.advance(86400 + 300) == 16
    notice = held.callbacks("ORDER001")[0]
    assert notice["state"] == "given_up"
    moments = [datetime.fromisoformat(attempt["at"]) for attempt in notice["attempts"]]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    assert gaps == [pytest.approx(seconds, abs=8) for seconds in RETRY_S]
    assert sum(RETRY_S) == 24 * 3600 + 4 * 60
    assert held.advance(86400 * 7) == 0


def test_every_try_is_signed_anew_and_keeps_its_id(held: Running, paid: Merchant, receiver: Receiver) -> None:
    receiver.statuses.extend([500] * 4)
    held.advance(300)
    told = [paid.lib.callback(*got) for got in receiver.got]
    assert len({letter["id"] for letter in told}) == 1
    assert len({headers["Wechatpay-Signature"] for headers, _ in receiver.got}) == len(receiver.got) == 5
    assert len({json.loads(body)["resource"]["nonce"] for _, body in receiver.got}) == 5
    for headers, _ in receiver.got:
        assert abs(int(headers["Wechatpay-Timestamp"]) - time.time()) < 60


def test_stamps_follow_the_story_when_the_receiver_lives_in_it(
    held: Running, paid: Merchant, receiver: Receiver
) -> None:
    held.post("clock", at="2027-03-01T10:00:00+08:00", stamps="story")
    held.deliver()
    moment = datetime.fromtimestamp(int(receiver.got[0][0]["Wechatpay-Timestamp"]))
    assert moment.astimezone().isoformat()[:4] == "2027"
    assert paid.lib.callback(*receiver.got[0])["resource"]["out_trade_no"] == "ORDER001"


def test_an_answer_nobody_heard_is_told_again_with_the_same_id(
    held: Running, merchant: Merchant, receiver: Receiver
) -> None:
    held.next_callback("unheard")
    _pay(held, merchant)
    assert held.deliver() == 1
    notice = held.callbacks("ORDER001")[0]
    assert (notice["state"], notice["attempts"][0]["status"], len(receiver.got)) == ("waiting", None, 1)
    assert held.advance(16) == 1
    assert held.callbacks("ORDER001")[0]["state"] == "delivered"
    assert len({merchant.lib.callback(*got)["id"] for got in receiver.got}) == 1


def test_a_payment_may_be_told_after_its_refund(held: Running, merchant: Merchant, receiver: Receiver) -> None:
    held.next_callback("overtaken", of="payment")
    _pay(held, merchant)
    assert held.deliver() == 0
    merchant.refund()
    held.settle_refund("REFUND1")
    held.deliver()
    told = [merchant.lib.callback(*got)["event_type"] for got in receiver.got]
    assert told == ["REFUND.SUCCESS", "TRANSACTION.SUCCESS"]


def test_a_share_of_all_tries_is_preceded_by_a_probe(held: Running, paid: Merchant, receiver: Receiver) -> None:
    held.post("callbacks/probes", percent=100)
    receiver.statuses.extend([401, 204])
    held.deliver()
    notice = held.callbacks("ORDER001")[0]
    assert [one["kind"] for one in notice["attempts"]] == ["signtest", "genuine"]
    assert notice["state"] == "delivered"
    with pytest.raises(ControlError):
        held.post("callbacks/probes", percent=101)


@pytest.fixture
def hasty() -> Iterator[Running]:
    """A sandbox that waits 0.3 s for an answer, so that a test need not wait five."""
    with Running(patience_s=0.3) as wechat:
        yield wechat


def test_an_answer_that_comes_too_late_counts_as_none(hasty: Running, receiver: Receiver) -> None:
    receiver.hold.clear()
    _pay(hasty, Merchant(hasty, receiver.url))
    receiver.wait_for(1)
    attempts = eventually(lambda: hasty.callbacks("ORDER001")[0]["attempts"])
    assert (attempts[0]["status"], attempts[0]["said"]) == (None, "ReadTimeout")
    assert hasty.callbacks("ORDER001")[0]["state"] == "waiting"


def test_a_slow_merchant_does_not_delay_the_news_of_another_order(
    wechat: Running, merchant: Merchant, receiver: Receiver
) -> None:
    receiver.hold.clear()
    for number in ("ORDER001", "ORDER002"):
        merchant.place(number)
        wechat.pay(number)
    receiver.wait_for(2)
    assert receiver.together == 2


def test_nobody_listening_is_a_failed_try_and_not_an_end(held: Running) -> None:
    _pay(held, Merchant(held, "http://127.0.0.1:9/notify"))
    held.deliver()
    notice = held.callbacks("ORDER001")[0]
    assert (notice["state"], notice["attempts"][0]["said"]) == ("waiting", "ConnectionError")


def test_a_lost_callback_never_comes_and_the_query_still_knows(
    held: Running, merchant: Merchant, receiver: Receiver
) -> None:
    held.next_callback("lost")
    _pay(held, merchant)
    assert held.advance(86400 * 2) == 0
    assert held.callbacks("ORDER001")[0]["state"] == "lost"
    assert json.loads(merchant.lib.query(out_trade_no="ORDER001")[1])["trade_state"] == "SUCCESS"
    held.post("callbacks/again", number="ORDER001")
    held.deliver()
    assert len(receiver.got) == 1


def test_twice_means_the_same_news_again_although_it_was_heard(
    held: Running, merchant: Merchant, receiver: Receiver
) -> None:
    held.next_callback("twice")
    _pay(held, merchant)
    held.deliver()
    first, second = (merchant.lib.callback(*got) for got in receiver.got)
    assert first == second
    assert receiver.together == 1


def test_concurrent_means_both_at_the_same_moment(held: Running, merchant: Merchant, receiver: Receiver) -> None:
    held.next_callback("concurrent")
    receiver.hold.clear()
    merchant.place()
    held.pay("ORDER001")
    held.hold_callbacks(hold=False)
    receiver.wait_for(2)
    assert receiver.together == 2


def test_late_means_so_many_seconds_of_the_sandboxs_clock(
    held: Running, merchant: Merchant, receiver: Receiver
) -> None:
    held.next_callback("late", seconds=3600)
    _pay(held, merchant)
    assert held.advance(3500) == 0
    assert held.advance(200) == 1


def test_a_refund_may_be_told_before_its_payment(held: Running, merchant: Merchant, receiver: Receiver) -> None:
    held.next_callback("late", of="payment", seconds=600)
    _pay(held, merchant)
    merchant.refund()
    held.advance(700)
    events = [merchant.lib.callback(*got)["event_type"] for got in receiver.got]
    assert events == ["REFUND.SUCCESS", "TRANSACTION.SUCCESS"]


def test_a_probe_or_a_forgery_may_come_before_the_true_one(
    held: Running, merchant: Merchant, receiver: Receiver
) -> None:
    receiver.statuses.extend([401, 204, 401, 204])
    held.next_callback("probe_first")
    _pay(held, merchant)
    held.deliver()
    held.next_callback("forge_first", kind="wrong_key")
    merchant.place("ORDER002")
    held.pay("ORDER002")
    held.deliver()
    kinds = [a["kind"] for n in reversed(held.callbacks()) for a in n["attempts"]]
    assert kinds == ["signtest", "genuine", "wrong_key", "genuine"]


def test_every_try_of_one_callback_may_be_wrong_in_the_same_way(
    held: Running, merchant: Merchant, receiver: Receiver
) -> None:
    held.next_callback(kind="wrong_amount")
    _pay(held, merchant)
    held.deliver()
    assert merchant.lib.callback(*receiver.got[0])["resource"]["amount"]["total"] == 49900


def test_a_letter_may_be_written_without_being_sent(held: Running, paid: Merchant, receiver: Receiver) -> None:
    headers, body = held.write_callback("ORDER001")
    assert paid.lib.callback(headers, body)["resource"]["out_trade_no"] == "ORDER001"
    assert receiver.got == []


def test_only_a_forger_can_say_that_an_unpaid_order_was_paid(held: Running, merchant: Merchant) -> None:
    merchant.place()
    headers, body = held.write_callback("ORDER001", "wrong_key")
    assert merchant.lib.callback(headers, body) is None
    with pytest.raises(ControlError, match="not paid"):
        held.write_callback("ORDER001")


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("callbacks/next", {"how": "backwards"}),
        ("callbacks/next", {"how": "twice", "of": "everything"}),
        ("callbacks/next", {"kind": "purple"}),
        ("callbacks/send", {"number": "NOBODY01"}),
        ("callbacks/send", {"id": "nobody"}),
        ("clock", {"advance_s": -1}),
        ("clock", {"stamps": "yesterday"}),
        ("clock", {"at": "2026-11-22T12:00:00"}),
    ],
)
def test_a_wrong_order_is_refused_in_one_sentence(wechat: Running, path: str, given: dict[str, object]) -> None:
    with pytest.raises(ControlError, match=r"^40[04] \w"):
        wechat.post(path, **given)
