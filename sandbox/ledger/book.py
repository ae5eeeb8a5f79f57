"""The rules: which order may be placed, paid, closed and refunded when."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sandbox.clock import CHINA, Clock
from sandbox.ledger.checks import check_order, check_refund
from sandbox.ledger.orders import Handle, Move, Order, Refund
from sandbox.ledger.refusals import Refusal, wrong_parameter

PREPAY_LIFE = timedelta(hours=2)
H5_LIFE = timedelta(minutes=5)
SHORTEST_LIFE, LONGEST_LIFE = timedelta(minutes=1), timedelta(days=90)
REFUND_YEAR = timedelta(days=365)
REFUND_GAP = timedelta(minutes=1)
MOST_REFUNDS = 50


class Ledger:
    """Every order and refund of one merchant."""

    def __init__(self, clock: Clock, app_id: str, mchid: str, fee_per_10000: int = 0) -> None:
        self._clock, self._app_id, self._mchid = clock, app_id, mchid
        self.orders: dict[str, Order] = {}
        self.refunds: dict[str, Refund] = {}
        self.handles: dict[str, Handle] = {}
        self._by_transaction: dict[str, Order] = {}
        self.refund_settles_s: float = 1.0
        self.refund_outcome = "SUCCESS"
        self.balance_fen: int | None = None
        self.older_codes = False
        self.fee_per_10000 = fee_per_10000
        self.fees_within = False
        self.moves: list[Move] = []

    # Placing ---------------------------------------------------------------------------------------------------------

    def place(self, trade_type: str, asked: dict[str, Any], link: Callable[[], str] | None = None) -> Handle:
        """Place an order, or hear the same order again. ``link`` makes the value of a native or H5 handle.

        Raises Refusal: PARAM_ERROR, APPID_MCHID_NOT_MATCH, and INVALID_REQUEST for a number that was paid or closed,
        or that comes again with other parameters. (With ``older_codes``: ORDERPAID, ORDER_CLOSED, OUT_TRADE_NO_USED.)
        """
        now = self._clock.now()
        expires_at = check_order(trade_type, asked, self._app_id, self._mchid, now)
        number = asked["out_trade_no"]
        order = self.orders.get(number)
        if order is None:
            if not SHORTEST_LIFE <= expires_at - now <= LONGEST_LIFE:
                raise wrong_parameter("time_expire", "须在1分钟之后、90天之内", asked["time_expire"])
            order = Order(number, trade_type, asked, now, expires_at)
            self.orders[number] = order
        else:
            self._check_repeat(order, trade_type, asked)
        value = link() if link else new_prepay_id(now)
        handle = Handle(value, order, now + (H5_LIFE if trade_type == "MWEB" else PREPAY_LIFE))
        self.handles[value] = handle
        return handle

    def _check_repeat(self, order: Order, trade_type: str, asked: dict[str, Any]) -> None:
        if order.paid_at is not None:
            if self.older_codes:
                raise Refusal(400, "ORDERPAID", "该订单已支付", inner=268449538)
            raise Refusal(400, "INVALID_REQUEST", "该订单已支付", inner=268449538)
        if order.state == "CLOSED":
            if self.older_codes:
                raise Refusal(400, "ORDER_CLOSED", "该订单已关闭", inner=268498690)
            raise Refusal(400, "INVALID_REQUEST", "201 商户订单号重复", inner=268498690)
        if order.trade_type != trade_type or order.asked != asked:
            if self.older_codes:
                raise Refusal(403, "OUT_TRADE_NO_USED", "商户订单号重复", inner=268498688)
            raise Refusal(400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致，请核实后再试", inner=268498688)
        if self._clock.now() >= order.expires_at:
            raise Refusal(400, "INVALID_REQUEST", "订单已过期，请更换商户订单号后重新下单", inner=268498690)

    # Paying ----------------------------------------------------------------------------------------------------------

    def payable(self, value: str) -> Order:
        """The order a handle may pay now. Raises Refusal with a sentence for the payer's page."""
        handle = self.handles.get(value)
        if handle is None:
            raise Refusal(400, "INVALID_REQUEST", "支付参数无效：没有这个预支付单")
        if self._clock.now() >= handle.dies_at:
            raise Refusal(400, "INVALID_REQUEST", "预支付单已过期，请返回商家重新发起支付")
        self.must_be_open(handle.order)
        return handle.order

    def must_be_open(self, order: Order) -> None:
        """Raises Refusal when this order cannot be paid now."""
        if order.paid_at is not None:
            raise Refusal(400, "ORDERPAID", "该订单已支付，请勿重复支付")
        if order.state == "CLOSED":
            raise Refusal(400, "ORDER_CLOSED", "该订单已关闭，请返回商家重新下单")
        if self._clock.now() >= order.expires_at:
            raise Refusal(400, "INVALID_REQUEST", "订单已过期，请返回商家重新下单")

    def pay(self, order: Order, openid: str) -> None:
        """The payer pays. Raises Refusal when the order is paid, closed or past its time_expire."""
        self.must_be_open(order)
        now = self._clock.now()
        order.state, order.paid_at, order.paid_by = "SUCCESS", now, openid
        order.fee_per_10000 = self.fee_per_10000
        order.transaction_id = "4200" + now.astimezone(CHINA).strftime("%y%m%d%H%M%S") + _digits(12)
        self._by_transaction[order.transaction_id] = order

    # Asking, closing -------------------------------------------------------------------------------------------------

    def find(self, out_trade_no: str) -> Order:
        """The order of this number. Raises Refusal ORDER_NOT_EXIST."""
        order = self.orders.get(out_trade_no)
        if order is None:
            raise Refusal(404, "ORDER_NOT_EXIST", "订单不存在", inner=268512771)
        return order

    def find_transaction(self, transaction_id: str) -> Order:
        """The paid order of this transaction id. Raises Refusal ORDER_NOT_EXIST."""
        found = self._by_transaction.get(transaction_id)
        if found is None:
            raise Refusal(404, "ORDER_NOT_EXIST", "订单不存在", inner=268512771)
        return found

    def close(self, out_trade_no: str) -> None:
        """Close an order. An unknown number is closed without a word, as in life; a paid one raises ORDER_PAID."""
        order = self.orders.get(out_trade_no)
        if order is None:
            return
        if order.paid_at is not None:
            raise Refusal(400, "ORDER_PAID", "该订单已支付", inner=268449538)
        order.state = "CLOSED"

    # Refunds ---------------------------------------------------------------------------------------------------------

    def refund(self, asked: dict[str, Any]) -> Refund:
        """Accept a refund, or hear the same one again (accepted is not yet done: it settles later).

        Raises Refusal: PARAM_ERROR, RESOURCE_NOT_EXISTS, NOT_ENOUGH, FREQUENCY_LIMITED, and INVALID_REQUEST for an
        unpaid order, more than is left, another amount under the same number, a payment over a year old.
        """
        check_refund(asked)
        number = asked["out_refund_no"]
        earlier = self.refunds.get(number)
        if earlier is not None:
            return self._repeat_refund(earlier, asked)
        order = self._order_to_refund(asked)
        self._check_refundable(order, asked)
        now = self._clock.now()
        refund = Refund(
            out_refund_no=number,
            refund_id="5030" + now.astimezone(CHINA).strftime("%y%m%d%H%M%S") + _digits(13),
            order=order,
            asked=asked,
            created_at=now,
            settles_at=now + timedelta(seconds=self.refund_settles_s),
            outcome=self.refund_outcome,
        )
        if self.balance_fen is not None:
            self.balance_fen -= refund.amount_fen
        self.refunds[number] = refund
        order.refunds.append(refund)
        order.state = "REFUND"
        return refund

    def _repeat_refund(self, earlier: Refund, asked: dict[str, Any]) -> Refund:
        named = (
            self._by_transaction.get(asked["transaction_id"])
            if asked.get("transaction_id")
            else self.orders.get(asked["out_trade_no"])
        )
        if named is not earlier.order or earlier.asked["amount"] != asked["amount"]:
            raise Refusal(400, "INVALID_REQUEST", "订单金额或退款金额与之前请求不一致，请核实后再试", inner=268567553)
        return earlier

    def _order_to_refund(self, asked: dict[str, Any]) -> Order:
        try:
            if asked.get("transaction_id"):
                order = self.find_transaction(asked["transaction_id"])
                if asked.get("out_trade_no", order.out_trade_no) != order.out_trade_no:
                    raise Refusal(400, "PARAM_ERROR", "微信订单号与商户订单号不匹配")
                return order
            return self.find(asked["out_trade_no"])
        except Refusal as refusal:
            if refusal.code == "ORDER_NOT_EXIST":
                raise Refusal(404, "RESOURCE_NOT_EXISTS", "订单不存在", inner=268512771) from None
            raise

    def _check_refundable(self, order: Order, asked: dict[str, Any]) -> None:
        now = self._clock.now()
        amount = asked["amount"]
        if order.paid_at is None:
            raise Refusal(400, "INVALID_REQUEST", "订单未支付，不能退款")
        if amount["total"] != order.total_fen:
            raise Refusal(400, "INVALID_REQUEST", "订单金额与支付时不一致，请核实后再试")
        if now - order.paid_at > REFUND_YEAR:
            raise Refusal(400, "INVALID_REQUEST", "订单已超过可退款期限（一年）")
        if order.refunded_fen + amount["refund"] > order.total_fen:
            raise Refusal(400, "INVALID_REQUEST", "申请退款金额大于订单剩余可退金额")
        if len(order.refunds) >= MOST_REFUNDS:
            raise Refusal(400, "INVALID_REQUEST", "该订单的退款次数已达上限")
        if order.refunds and now - order.refunds[-1].created_at < REFUND_GAP:
            raise Refusal(
                429, "FREQUENCY_LIMITED", "同一笔订单的多次退款需间隔一分钟", hint="advance the sandbox's clock by 60 s"
            )
        if self.balance_fen is not None and self.balance_fen < amount["refund"]:
            raise Refusal(403, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起")

    def find_refund(self, out_refund_no: str) -> Refund:
        """The refund of this number. Raises Refusal RESOURCE_NOT_EXISTS."""
        refund = self.refunds.get(out_refund_no)
        if refund is None:
            raise Refusal(404, "RESOURCE_NOT_EXISTS", "退款单不存在", inner=268567554)
        return refund

    # The account --------------------------------------------------------------------------------------------------

    def withdraw(self, fen: int) -> str:
        """The merchant takes money to its bank; returns the service's number of it. Raises ValueError below 1 fen."""
        if fen < 1:
            raise ValueError("withdraw_fen is a whole number of fen above 0")
        return self._moved(-fen, "提现", "提现")

    def bounce(self, number: str) -> str:
        """The bank did not take a withdrawal: it is back, once. Raises ValueError for what is no withdrawal."""
        left = next((one for one in self.moves if one.number == number and one.word == "提现" and one.fen < 0), None)
        if left is None or any(one.number == number and one.fen > 0 for one in self.moves):
            raise ValueError("bounce_withdrawal is the number of a withdrawal that has not bounced")
        return self._moved(-left.fen, "提现", "提现失败退回", number)

    def move(self, fen: int, word: str) -> str:
        """Something else moves the account (an adjustment, a top-up). Raises ValueError for nothing."""
        if not fen or not word:
            raise ValueError("move needs fen, which is not 0, and the word of the bill")
        return self._moved(fen, word, word)

    def _moved(self, fen: int, word: str, name: str, number: str = "") -> str:
        now = self._clock.now()
        number = number or "1" + now.astimezone(CHINA).strftime("%Y%m%d%H%M%S") + _digits(15)
        self.moves.append(Move(now, fen, word, name, number))
        if self.balance_fen is not None:
            self.balance_fen += fen
        return number

    def next_settlement(self) -> datetime | None:
        """When the next refund settles."""
        return min((r.settles_at for r in self.refunds.values() if r.status == "PROCESSING"), default=None)

    def settle(self) -> list[Refund]:
        """Settle the refunds whose moment has come; returns those that changed."""
        now = self._clock.now()
        due = [r for r in self.refunds.values() if r.status == "PROCESSING" and r.settles_at <= now]
        for refund in due:
            refund.status = refund.outcome
            if refund.status == "SUCCESS":
                refund.succeeded_at = now
            elif refund.status == "CLOSED" and self.balance_fen is not None:
                self.balance_fen += refund.amount_fen
        return due


def new_prepay_id(now: datetime) -> str:
    """A prepay_id in WeChat's shape: wx, the moment in China, a random tail; 36 characters."""
    return "wx" + now.astimezone(CHINA).strftime("%Y%m%d%H%M%S") + secrets.token_hex(10)


def _digits(count: int) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(count))
