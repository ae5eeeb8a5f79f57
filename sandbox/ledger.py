"""Orders and refunds as WeChat Pay keeps them. Pure state and rules: no HTTP, no signatures.

Whoever calls holds the sandbox's lock. Moments come from the sandbox's clock. Money is integer fen.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.clock import CHINA, Clock, china_text, parse

OUT_TRADE_NO = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
OUT_REFUND_NO = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")
PREPAY_LIFE = timedelta(hours=2)
H5_LIFE = timedelta(minutes=5)
DEFAULT_ORDER_LIFE = timedelta(days=7)
SHORTEST_LIFE, LONGEST_LIFE = timedelta(minutes=1), timedelta(days=90)
REFUND_YEAR = timedelta(days=365)
REFUND_GAP = timedelta(minutes=1)
MOST_REFUNDS = 50

STATE_TEXTS = {
    "NOTPAY": "订单未支付",
    "SUCCESS": "支付成功",
    "CLOSED": "订单已关闭",
    "REFUND": "订单发生过退款，退款详情请查询退款单",
}


class Refusal(Exception):
    """WeChat Pay says no: an HTTP status, a code, a sentence, and the number at the end of Request-ID."""

    def __init__(
        self, status: int, code: str, message: str, *, detail: Any = None, inner: int = 268435456, hint: str = ""
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message
        self.detail, self.inner, self.hint = detail, inner, hint


def wrong_parameter(name: str, issue: str, value: Any = None) -> Refusal:
    """400 PARAM_ERROR that points at one field, in the shape WeChat Pay uses."""
    detail = {"location": "body", "field": f"/{name.replace('.', '/')}", "value": value, "issue": issue}
    return Refusal(400, "PARAM_ERROR", f"参数错误：{name} {issue}", detail=detail)


@dataclass
class Order:
    """One merchant order. ``asked`` is the first request's body: a repeat must equal it."""

    out_trade_no: str
    trade_type: str
    asked: dict[str, Any]
    created_at: datetime
    expires_at: datetime
    state: str = "NOTPAY"
    transaction_id: str = ""
    paid_by: str = ""
    paid_at: datetime | None = None
    refunds: list["Refund"] = field(default_factory=list)

    @property
    def total_fen(self) -> int:
        """What is to be paid."""
        return int(self.asked["amount"]["total"])

    @property
    def payer(self) -> str:
        """The openid the order was placed for; empty where anybody may pay (native, H5)."""
        return str(self.asked.get("payer", {}).get("openid", ""))

    @property
    def notify_url(self) -> str:
        """Where the payment callback goes."""
        return str(self.asked["notify_url"])

    @property
    def refunded_fen(self) -> int:
        """What has gone back or is on its way; a closed refund counts for nothing."""
        return sum(refund.amount_fen for refund in self.refunds if refund.status != "CLOSED")

    def trade(self) -> dict[str, Any]:
        """The trade as the query answers it and the callback carries it; before payment many fields are absent."""
        trade: dict[str, Any] = {
            "mchid": self.asked["mchid"],
            "appid": self.asked["appid"],
            "out_trade_no": self.out_trade_no,
            "trade_state": self.state,
            "trade_state_desc": STATE_TEXTS[self.state],
            "attach": self.asked.get("attach", ""),
            "promotion_detail": [],
        }
        if self.paid_at is None:
            return trade | {"amount": {"total": self.total_fen, "payer_currency": "CNY"}}
        return trade | {
            "transaction_id": self.transaction_id,
            "trade_type": self.trade_type,
            "bank_type": "OTHERS",
            "success_time": china_text(self.paid_at),
            "payer": {"openid": self.paid_by},
            "amount": {
                "total": self.total_fen,
                "payer_total": self.total_fen,
                "currency": "CNY",
                "payer_currency": "CNY",
            },
        }


@dataclass
class Refund:
    """One refund. ``outcome`` is what it will become when it settles."""

    out_refund_no: str
    refund_id: str
    order: Order
    asked: dict[str, Any]
    created_at: datetime
    settles_at: datetime
    outcome: str = "SUCCESS"
    status: str = "PROCESSING"
    succeeded_at: datetime | None = None

    @property
    def amount_fen(self) -> int:
        """What goes back."""
        return int(self.asked["amount"]["refund"])

    def answer(self) -> dict[str, Any]:
        """The refund as the call and the query answer it."""
        total, amount = self.order.total_fen, self.amount_fen
        answer: dict[str, Any] = {
            "refund_id": self.refund_id,
            "out_refund_no": self.out_refund_no,
            "transaction_id": self.order.transaction_id,
            "out_trade_no": self.order.out_trade_no,
            "channel": "ORIGINAL",
            "user_received_account": "支付用户零钱",
            "create_time": china_text(self.created_at),
            "status": self.status,
            "funds_account": "AVAILABLE",
            "promotion_detail": [],
            "amount": {
                "total": total,
                "refund": amount,
                "from": [],
                "payer_total": total,
                "payer_refund": amount,
                "settlement_total": total,
                "settlement_refund": amount,
                "discount_refund": 0,
                "currency": "CNY",
            },
        }
        if self.succeeded_at is not None:
            answer["success_time"] = china_text(self.succeeded_at)
        return answer

    def news(self) -> dict[str, Any]:
        """The refund as its callback carries it: no appid, no currency, and the state is ``refund_status``."""
        news: dict[str, Any] = {
            "mchid": self.order.asked["mchid"],
            "out_trade_no": self.order.out_trade_no,
            "transaction_id": self.order.transaction_id,
            "out_refund_no": self.out_refund_no,
            "refund_id": self.refund_id,
            "refund_status": self.status,
            "user_received_account": "支付用户零钱",
            "amount": {
                "total": self.order.total_fen,
                "refund": self.amount_fen,
                "payer_total": self.order.total_fen,
                "payer_refund": self.amount_fen,
            },
        }
        if self.succeeded_at is not None:
            news["success_time"] = china_text(self.succeeded_at)
        return news


@dataclass(frozen=True)
class Handle:
    """What a payer's side gets to call a payment up: a prepay_id, or a link of its own kind."""

    value: str
    order: Order
    dies_at: datetime


class Ledger:
    """Every order and refund of one merchant."""

    def __init__(self, clock: Clock, app_id: str, mchid: str) -> None:
        self._clock, self._app_id, self._mchid = clock, app_id, mchid
        self.orders: dict[str, Order] = {}
        self.refunds: dict[str, Refund] = {}
        self.handles: dict[str, Handle] = {}
        self.refund_settles_s: float = 1.0
        self.refund_outcome = "SUCCESS"
        self.balance_fen: int | None = None
        self.older_codes = False

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
        order.transaction_id = "4200" + now.astimezone(CHINA).strftime("%y%m%d%H%M%S") + _digits(12)

    # Asking, closing -------------------------------------------------------------------------------------------------

    def find(self, out_trade_no: str) -> Order:
        """The order of this number. Raises Refusal ORDER_NOT_EXIST."""
        order = self.orders.get(out_trade_no)
        if order is None:
            raise Refusal(404, "ORDER_NOT_EXIST", "订单不存在", inner=268512771)
        return order

    def find_transaction(self, transaction_id: str) -> Order:
        """The paid order of this transaction id. Raises Refusal ORDER_NOT_EXIST."""
        found = next((o for o in self.orders.values() if o.transaction_id and o.transaction_id == transaction_id), None)
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
        same_order = earlier.order in (
            self.orders.get(asked.get("out_trade_no", "")),
            next((o for o in self.orders.values() if o.transaction_id == asked.get("transaction_id", "-")), None),
        )
        if not same_order or earlier.asked["amount"] != asked["amount"]:
            raise Refusal(400, "INVALID_REQUEST", "订单金额或退款金额与之前请求不一致，请核实后再试", inner=268567553)
        return earlier

    def _order_to_refund(self, asked: dict[str, Any]) -> Order:
        try:
            if "transaction_id" in asked:
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


# What may come in ----------------------------------------------------------------------------------------------------


def check_order(trade_type: str, asked: dict[str, Any], app_id: str, mchid: str, now: datetime) -> datetime:
    """Check an order's body as WeChat Pay does; returns until when it can be paid. Raises Refusal."""
    _text(asked, "appid", 32)
    _text(asked, "mchid", 32)
    _text(asked, "description", 127)
    number = _text(asked, "out_trade_no", 32)
    if not OUT_TRADE_NO.fullmatch(number):
        raise wrong_parameter("out_trade_no", "须为6至32位数字、字母或_-|*", number)
    _text(asked, "notify_url", 255)
    _text(asked, "attach", 128, needed=False)
    amount = _object(asked, "amount")
    _fen(amount, "total", "amount.total")
    if amount.get("currency", "CNY") != "CNY":
        raise wrong_parameter("amount.currency", "只支持CNY", amount["currency"])
    if trade_type == "JSAPI":
        _text(_object(asked, "payer"), "openid", 128, label="payer.openid")
    if trade_type == "MWEB":
        scene = _object(asked, "scene_info")
        _text(scene, "payer_client_ip", 45, label="scene_info.payer_client_ip")
        _text(_object(scene, "h5_info", "scene_info.h5_info"), "type", 32, label="scene_info.h5_info.type")
    if asked["appid"] != app_id or asked["mchid"] != mchid:
        raise Refusal(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配，请检查后再试")
    expiry = asked.get("time_expire")
    if expiry is None:
        return now + DEFAULT_ORDER_LIFE
    try:
        expires_at = parse(expiry)
    except (TypeError, ValueError):
        raise wrong_parameter("time_expire", "格式须为yyyy-MM-DDTHH:mm:ss+TIMEZONE", expiry) from None
    return expires_at


def check_refund(asked: dict[str, Any]) -> None:
    """Check a refund's body. Raises Refusal PARAM_ERROR."""
    if "transaction_id" not in asked and "out_trade_no" not in asked:
        raise wrong_parameter("transaction_id", "微信订单号与商户订单号二选一必填")
    _text(asked, "transaction_id", 32, needed=False)
    _text(asked, "out_trade_no", 32, needed=False)
    number = _text(asked, "out_refund_no", 64)
    if not OUT_REFUND_NO.fullmatch(number):
        raise wrong_parameter("out_refund_no", "只能是数字、字母或_-|*@", number)
    _text(asked, "reason", 80, needed=False)
    _text(asked, "notify_url", 256, needed=False)
    amount = _object(asked, "amount")
    _fen(amount, "refund", "amount.refund")
    _fen(amount, "total", "amount.total")
    if amount.get("currency") != "CNY":
        raise wrong_parameter("amount.currency", "必填，只支持CNY", amount.get("currency"))


def _text(source: dict[str, Any], name: str, longest: int, *, needed: bool = True, label: str = "") -> str:
    value = source.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value):
        raise wrong_parameter(label or name, "必填，须为字符串", value)
    if len(value) > longest:
        raise wrong_parameter(label or name, f"长度不得超过{longest}", value)
    return value


def _object(source: dict[str, Any], name: str, label: str = "") -> dict[str, Any]:
    value = source.get(name)
    if not isinstance(value, dict):
        raise wrong_parameter(label or name, "必填，须为对象", value)
    return value


def _fen(source: dict[str, Any], name: str, label: str) -> int:
    value = source.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise wrong_parameter(label, "须为不小于1的整数（单位：分）", value)
    return value


def new_prepay_id(now: datetime) -> str:
    """A prepay_id in WeChat's shape: wx, the moment in China, a random tail; 36 characters."""
    return "wx" + now.astimezone(CHINA).strftime("%Y%m%d%H%M%S") + secrets.token_hex(10)


def _digits(count: int) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(count))
