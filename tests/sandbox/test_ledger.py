"""Whatever is asked of the ledger in whatever order, money is paid once and never goes back more than came."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sandbox.clock import Clock
from sandbox.ledger import Ledger, Refusal
from sandbox.testing import ControlError, Running
from tests.sandbox.support import Merchant

APP_ID, MCHID = "wxsandbox000000001", "1999000001"
numbers = st.sampled_from(["ORDER001", "ORDER002"])
refund_numbers = st.sampled_from(["R1", "R2", "R3", "R4"])


def _order(number: str, total: int, description: str = "x") -> dict[str, Any]:
    return {
        "appid": APP_ID,
        "mchid": MCHID,
        "description": description,
        "out_trade_no": number,
        "notify_url": "http://127.0.0.1/notify",
        "amount": {"total": total, "currency": "CNY"},
        "payer": {"openid": "o"},
    }


class AnyStory(RuleBasedStateMachine):
    """Merchants and payers doing things in any order; refusals are part of the story."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.ledger = Ledger(self.clock, APP_ID, MCHID)
        self.paid: dict[str, str] = {}
        self.told: dict[str, tuple[str, int]] = {}
        self.ever_closed: set[str] = set()

    @rule(number=numbers, total=st.sampled_from([100, 300]))
    def place(self, number: str, total: int) -> None:
        try:
            handle = self.ledger.place("JSAPI", _order(number, total))
        except Refusal:
            return
        assert handle.order.total_fen == total
        assert number not in self.paid
        assert number not in self.ever_closed

    @rule(number=numbers)
    def pay(self, number: str) -> None:
        order = self.ledger.orders.get(number)
        if order is None:
            return
        try:
            self.ledger.pay(order, "o")
        except Refusal:
            return
        assert number not in self.paid
        assert number not in self.ever_closed
        self.paid[number] = order.transaction_id

    @rule(number=numbers)
    def close(self, number: str) -> None:
        try:
            self.ledger.close(number)
        except Refusal:
            assert number in self.paid
            return
        if number in self.ledger.orders:
            self.ever_closed.add(number)

    @rule(
        number=numbers,
        refund=refund_numbers,
        fen=st.sampled_from([1, 100, 150, 300]),
        total=st.sampled_from([100, 300]),
    )
    def refund(self, number: str, refund: str, fen: int, total: int) -> None:
        asked = {
            "out_trade_no": number,
            "out_refund_no": refund,
            "amount": {"refund": fen, "total": total, "currency": "CNY"},
        }
        try:
            accepted = self.ledger.refund(asked)
        except Refusal:
            return
        assert number in self.paid
        assert self.told.setdefault(refund, (number, fen)) == (accepted.order.out_trade_no, accepted.amount_fen)

    @rule(outcome=st.sampled_from(["SUCCESS", "ABNORMAL", "CLOSED"]))
    def refunds_end_as(self, outcome: str) -> None:
        self.ledger.refund_outcome = outcome

    @rule(minutes=st.sampled_from([1, 2, 60 * 24 * 8]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes).total_seconds())
        for refund in self.ledger.settle():
            assert refund.status != "PROCESSING"

    @invariant()
    def no_more_goes_back_than_came(self) -> None:
        for order in self.ledger.orders.values():
            kept = sum(refund.amount_fen for refund in order.refunds if refund.status != "CLOSED")
            assert kept == order.refunded_fen <= order.total_fen
            assert order.refunds == [] or order.paid_at is not None

    @invariant()
    def what_was_paid_stays_paid_under_one_transaction(self) -> None:
        for number, transaction in self.paid.items():
            order = self.ledger.orders[number]
            assert order.state in ("SUCCESS", "REFUND")
            assert order.transaction_id == transaction
            assert self.ledger.find_transaction(transaction) is order


TestAnyStory = AnyStory.TestCase
TestAnyStory.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_the_same_order_from_eight_sides_at_once_is_one_order(wechat: Running, merchant: Merchant) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = [status for status, _ in pool.map(lambda _: merchant.place(), range(8))]
    assert statuses == [200] * 8
    assert len(wechat.orders()) == 1


def test_eight_payers_at_once_pay_once(wechat: Running, merchant: Merchant) -> None:
    wechat.hold_callbacks()
    merchant.place()

    def pay(_: int) -> str:
        try:
            return str(wechat.pay("ORDER001")["trade_state"])
        except ControlError:
            return "refused"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(pay, range(8))) == ["SUCCESS"] + ["refused"] * 7
    assert len(wechat.callbacks("ORDER001")) == 1


@pytest.mark.parametrize("total", [1, 10**10])
def test_sums_are_whole_fen_of_any_size(total: int) -> None:
    ledger = Ledger(Clock(), APP_ID, MCHID)
    assert ledger.place("JSAPI", _order("ORDER001", total)).order.total_fen == total
