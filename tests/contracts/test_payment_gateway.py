"""What every payment gateway does alike: the simulator in memory, and WeChat Pay through the sandbox's wire.

The sandbox shares no code with the product, so a misreading of the protocol shows here.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from kernel import clock
from kernel.outbound import Upstream
from payments.gateways.memory import MemoryGateway
from payments.gateways.port import Order, PaymentGateway, RefundOrder, Refused, Rejected, Unknown
from payments.gateways.wechat import WeChatGateway
from payments.gateways.wire import Merchant
from payments.rules.attempt import How
from payments.rules.trade import RefundState, TradeState
from sandbox.testing import Running

PAYER = "o-contract-payer"
URL = "http://127.0.0.1:9/payments/wechat/notices"
_numbers = itertools.count(1)

Letter = tuple[dict[str, str], bytes]


class Outside(Protocol):
    """The world beyond the port."""

    gateway: PaymentGateway

    def pay(self, trade_no: str) -> Letter:
        """The payer pays; the notice that tells of it."""

    def finish_refund(self, refund_no: str, state: RefundState) -> Letter:
        """The refund ends; the notice that tells of it."""

    def lose_answer(self, call: str) -> None:
        """The service does what ``call`` asks and its answer is lost."""


class InMemory:
    """The simulator's world."""

    def __init__(self) -> None:
        self.memory = MemoryGateway()
        self.gateway: PaymentGateway = self.memory

    def pay(self, trade_no: str) -> Letter:
        return self.memory.pay(trade_no, now=clock.now())

    def finish_refund(self, refund_no: str, state: RefundState) -> Letter:
        return self.memory.finish_refund(refund_no, now=clock.now(), state=state)

    def lose_answer(self, call: str) -> None:
        self.memory.lose_answer(call, "after")  # type: ignore[arg-type]


class OnTheWire:
    """WeChat Pay's world, played by the sandbox over HTTP."""

    NAMES = {"place": "pay.jsapi", "look": "pay.query", "refund": "pay.refund"}

    def __init__(self, sandbox: Running) -> None:
        self.sandbox = sandbox
        self.gateway: PaymentGateway = wechat_gateway(sandbox)

    def pay(self, trade_no: str) -> Letter:
        self.sandbox.pay(trade_no)
        return self.sandbox.write_callback(trade_no)

    def finish_refund(self, refund_no: str, state: RefundState) -> Letter:
        self.sandbox.settle_refund(refund_no, state.name)
        return self.sandbox.write_callback(refund_no)

    def lose_answer(self, call: str) -> None:
        self.sandbox.fault(self.NAMES[call], "cut")


def wechat_gateway(sandbox: Running, **changes: str) -> WeChatGateway:
    """Our adapter, told what a merchant of this sandbox has to be told."""
    given = sandbox.environment
    merchant = Merchant(
        merchant_id=given["WECHATPAY_MCHID"],
        app_id=given["WECHAT_APP_ID"],
        private_key=Path(given["WECHATPAY_MERCHANT_KEY_FILE"]).read_text(),
        certificate_serial=given["WECHATPAY_MERCHANT_SERIAL"],
        apiv3_key=given["WECHATPAY_APIV3_KEY"],
        public_key=Path(given["WECHATPAY_PUBLIC_KEY_FILE"]).read_text(),
        public_key_id=given["WECHATPAY_PUBLIC_KEY_ID"],
    )
    return WeChatGateway(
        replace(merchant, **changes), base_url=sandbox.url, upstream=Upstream("pay", [sandbox.url], cap=8, rest_s=0)
    )


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    """One sandbox for all; every test has numbers of its own. Callbacks are kept back: tests carry them themselves."""
    with Running() as running:
        running.persona(PAYER, "合同测试")
        running.hold_callbacks()
        running.money(refund_settles_s=10_000)
        yield running


@pytest.fixture(params=["memory", "wechat"])
def outside(request: pytest.FixtureRequest) -> Outside:
    """The same test on both."""
    if request.param == "memory":
        return InMemory()
    return OnTheWire(request.getfixturevalue("sandbox"))


def an_order(fen: int = 50_000) -> Order:
    expires = clock.now() + timedelta(days=7)
    return Order(f"CONTRACT{next(_numbers):08d}", fen, "桃园北巷 改造诚意金（自愿）", PAYER, URL, expires)


def paid(outside: Outside, fen: int = 50_000) -> Order:
    order = an_order(fen)
    outside.gateway.place(order, patience="request")
    outside.pay(order.trade_no)
    return order


def a_refund(order: Order, fen: int | None = None) -> RefundOrder:
    return RefundOrder(
        f"{order.trade_no}R1", order.trade_no, order.amount_fen if fen is None else fen, order.amount_fen, "重复", URL
    )


@pytest.mark.parametrize(("how", "begins"), [(How.JSAPI, ""), (How.NATIVE, "weixin://wxpay/"), (How.H5, "http")])
def test_an_order_is_handed_over_in_three_ways_and_paid_the_same(outside: Outside, how: How, begins: str) -> None:
    open_to_all = {"payer_openid": ""} if how is not How.JSAPI else {}
    order = replace(an_order(), how=how, payer_ip="192.0.2.7" if how is How.H5 else "", **open_to_all)
    handle = outside.gateway.place(order, patience="request")
    assert handle.startswith(begins)
    assert outside.gateway.place(order, patience="job") != handle
    headers, raw = outside.pay(order.trade_no)
    told = outside.gateway.read(headers, raw, now=clock.now())
    assert told.trade is not None
    assert (told.trade.state, told.trade.amount_fen) == (TradeState.SUCCESS, order.amount_fen)


def test_a_placed_order_waits_for_its_payer(outside: Outside) -> None:
    order = an_order()
    assert outside.gateway.place(order, patience="request")
    trade = outside.gateway.look(order.trade_no, patience="request")
    assert (trade.trade_no, trade.state) == (order.trade_no, TradeState.NOT_PAID)


def test_placing_the_very_same_order_again_is_safe(outside: Outside) -> None:
    order = an_order()
    assert outside.gateway.place(order, patience="request") != outside.gateway.place(order, patience="job")


@pytest.mark.parametrize("change", [{"amount_fen": 1}, {"description": "别的"}])
def test_a_number_cannot_be_placed_again_with_other_contents(outside: Outside, change: dict) -> None:
    order = an_order()
    outside.gateway.place(order, patience="request")
    with pytest.raises(Rejected):
        outside.gateway.place(replace(order, **change), patience="request")


def test_a_paid_number_cannot_be_placed_again(outside: Outside) -> None:
    with pytest.raises(Rejected):
        outside.gateway.place(paid(outside), patience="request")


def test_the_hand_over_names_the_prepay_id_and_is_signed_afresh(outside: Outside) -> None:
    now = clock.now()
    prepay_id = outside.gateway.place(an_order(), patience="request")
    first, second = (outside.gateway.hand_over(prepay_id, now=now) for _ in range(2))
    assert first.package == f"prepay_id={prepay_id}"
    assert first.app_id == outside.gateway.app_id
    assert first.time_stamp == str(int(now.timestamp()))
    assert first.sign_type == "RSA"
    assert first.nonce != second.nonce
    assert first.pay_sign != second.pay_sign


def test_a_number_nobody_placed_is_absent(outside: Outside) -> None:
    assert outside.gateway.look("NOBODYPLACED0001", patience="request").state is TradeState.ABSENT


def test_a_paid_order_tells_all_that_is_compared(outside: Outside) -> None:
    order = paid(outside, 12_345)
    trade = outside.gateway.look(order.trade_no, patience="request")
    assert trade.state is TradeState.SUCCESS
    assert (trade.merchant_id, trade.app_id) == (outside.gateway.merchant_id, outside.gateway.app_id)
    assert (trade.amount_fen, trade.currency) == (12_345, "CNY")
    assert trade.transaction_id
    assert isinstance(trade.paid_at, datetime)
    assert trade.paid_at.tzinfo is not None


def test_a_notice_tells_the_same_as_the_question(outside: Outside) -> None:
    order = an_order()
    outside.gateway.place(order, patience="request")
    notice = outside.gateway.read(*outside.pay(order.trade_no), now=clock.now())
    assert notice.trade == outside.gateway.look(order.trade_no, patience="request")
    assert notice.refund is None
    assert 1 <= len(notice.id) <= 64
    assert dict(notice.facts)


def test_a_closed_order_stays_closed_and_closing_again_is_safe(outside: Outside) -> None:
    order = an_order()
    outside.gateway.place(order, patience="request")
    outside.gateway.close(order.trade_no, patience="request")
    outside.gateway.close(order.trade_no, patience="request")
    assert outside.gateway.look(order.trade_no, patience="request").state is TradeState.CLOSED


def test_closing_a_number_nobody_placed_does_no_harm(outside: Outside) -> None:
    outside.gateway.close("NOBODYPLACED0002", patience="request")
    assert outside.gateway.look("NOBODYPLACED0002", patience="request").state is TradeState.ABSENT


def test_a_paid_order_cannot_be_closed(outside: Outside) -> None:
    order = paid(outside)
    with pytest.raises(Rejected):
        outside.gateway.close(order.trade_no, patience="request")
    assert outside.gateway.look(order.trade_no, patience="request").state is TradeState.SUCCESS


def test_a_refund_is_accepted_first_and_done_later(outside: Outside) -> None:
    order = paid(outside)
    asked = a_refund(order)
    assert outside.gateway.refund(asked, patience="job").state is RefundState.PROCESSING
    notice = outside.gateway.read(*outside.finish_refund(asked.refund_no, RefundState.SUCCESS), now=clock.now())
    assert notice.trade is None
    assert notice.refund is not None
    assert (notice.refund.refund_no, notice.refund.state) == (asked.refund_no, RefundState.SUCCESS)
    assert notice.refund.merchant_id == outside.gateway.merchant_id
    told = outside.gateway.look_refund(asked.refund_no, patience="job")
    assert (told.state, told.refund_fen, told.trade_no) == (RefundState.SUCCESS, order.amount_fen, order.trade_no)
    assert told.merchant_id == outside.gateway.merchant_id
    assert outside.gateway.look(order.trade_no, patience="job").state is TradeState.REFUNDED


def test_an_abnormal_refund_is_told_as_such(outside: Outside) -> None:
    asked = a_refund(paid(outside))
    outside.gateway.refund(asked, patience="job")
    notice = outside.gateway.read(*outside.finish_refund(asked.refund_no, RefundState.ABNORMAL), now=clock.now())
    assert notice.refund is not None
    assert notice.refund.state is RefundState.ABNORMAL


def test_the_same_refund_number_leaves_once(outside: Outside) -> None:
    asked = a_refund(paid(outside))
    first, second = (outside.gateway.refund(asked, patience="job") for _ in range(2))
    assert first.refund_no == second.refund_no
    with pytest.raises(Rejected):
        outside.gateway.refund(replace(asked, refund_fen=1), patience="job")


def test_no_more_goes_back_than_came_in(outside: Outside) -> None:
    order = paid(outside)
    with pytest.raises(Rejected):
        outside.gateway.refund(a_refund(order, order.amount_fen + 1), patience="job")


def test_a_refund_nobody_asked_for_is_absent(outside: Outside) -> None:
    assert outside.gateway.look_refund("NOBODYASKED0001", patience="job").state is RefundState.ABSENT


def test_an_answer_lost_after_the_order_was_accepted_is_unknown_and_the_repeat_heals_it(outside: Outside) -> None:
    order = an_order()
    outside.lose_answer("place")
    with pytest.raises(Unknown):
        outside.gateway.place(order, patience="request")
    assert outside.gateway.look(order.trade_no, patience="request").state is TradeState.NOT_PAID
    assert outside.gateway.place(order, patience="request")


def test_a_refund_whose_answer_was_lost_is_repeated_under_its_number_and_leaves_once(outside: Outside) -> None:
    asked = a_refund(paid(outside))
    outside.lose_answer("refund")
    with pytest.raises(Unknown):
        outside.gateway.refund(asked, patience="job")
    assert outside.gateway.refund(asked, patience="job").refund_no == asked.refund_no


def test_a_lost_answer_to_a_question_is_unknown(outside: Outside) -> None:
    order = paid(outside)
    outside.lose_answer("look")
    with pytest.raises(Unknown):
        outside.gateway.look(order.trade_no, patience="request")


def test_a_notice_is_believed_to_the_byte_and_for_five_minutes(outside: Outside) -> None:
    order = an_order()
    outside.gateway.place(order, patience="request")
    headers, raw = outside.pay(order.trade_no)
    now = clock.now()
    assert outside.gateway.read({name.lower(): value for name, value in headers.items()}, raw, now=now).trade
    for bad_headers, bad_raw, at in [
        (headers, raw + b" ", now),
        (headers, raw[:-1], now),
        (headers, b"", now),
        (headers, b"\xff\xfe", now),
        ({}, raw, now),
        (dict.fromkeys(headers, ""), raw, now),
        (headers, raw, now + timedelta(seconds=302)),
        (headers, raw, now - timedelta(seconds=302)),
    ]:
        with pytest.raises(Refused):
            outside.gateway.read(bad_headers, bad_raw, now=at)


def test_an_acknowledgement_is_a_204_and_a_refusal_is_a_4xx(outside: Outside) -> None:
    assert outside.gateway.answer(True).status == 204
    assert 400 <= outside.gateway.answer(False).status < 500
