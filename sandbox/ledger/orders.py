"""What is remembered of an order and of a refund, and how each is told to the merchant."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.clock import china_text

STATE_TEXTS = {
    "NOTPAY": "订单未支付",
    "SUCCESS": "支付成功",
    "CLOSED": "订单已关闭",
    "REFUND": "订单发生过退款，退款详情请查询退款单",
}


@dataclass(eq=False)
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
    fee_per_10000: int = 0
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

    def fee(self, fen: int) -> int:
        """What so much of it costs the merchant: the rate of the day it was paid, rounded half up to the fen."""
        return (fen * self.fee_per_10000 + 5_000) // 10_000

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


@dataclass(eq=False)
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

    @property
    def fee_back_fen(self) -> int:
        """What of the payment's fee goes back with it: what the rest of the payment would cost less. So the whole of
        the fee is back when the whole of the money is, in however many parts; nothing with a refund that was closed.
        """
        if self.status == "CLOSED":
            return 0
        earlier = self.order.refunds[: self.order.refunds.index(self)]
        left = self.order.total_fen - sum(one.amount_fen for one in earlier if one.status != "CLOSED")
        return self.order.fee(left) - self.order.fee(left - self.amount_fen)

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
class Move:
    """What else moved the merchant's account: a withdrawal, one that bounced, an adjustment. ``word``, ``name``: as the
    fund-flow bill calls it (业务类型, 业务名称); ``fen`` below 0 left.
    """

    at: datetime
    fen: int
    word: str
    name: str
    number: str


@dataclass(frozen=True)
class Handle:
    """What a payer's side gets to call a payment up: a prepay_id, or a link of its own kind."""

    value: str
    order: Order
    dies_at: datetime
