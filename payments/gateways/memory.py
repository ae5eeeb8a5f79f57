"""A payment service in memory: the simulator behind the port, for tests of services and for seeding a demo.

It keeps orders as WeChat does (identical repeats, numbers used once for ever, refunds capped by what was paid) and can
be told to lose an answer. Its notices are signed with a key of its own, so reading one is a real check.
"""

import hashlib
import hmac
import json
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from threading import RLock
from typing import Literal

from kernel import clock
from kernel.money import Fen
from payments.gateways.bill import Bill, empty, from_file
from payments.gateways.memory_account import MemoryAccount, Traded
from payments.gateways.port import (
    Answer,
    Handoff,
    Notice,
    Order,
    Patience,
    Refund,
    RefundOrder,
    Refused,
    Rejected,
    Trade,
    Unknown,
)
from payments.gateways.writing import write_fund_flow_bill, write_trade_bill
from payments.rules.attempt import How
from payments.rules.bill import BillKind, RowKind
from payments.rules.trade import RefundState, TradeState

_WINDOW = timedelta(minutes=5)

Call = Literal["place", "look", "close", "refund", "look_refund", "bill"]
Fault = Literal["before", "after"]
"""An answer lost ``before`` the service acted, or ``after`` it did: from here the two look the same."""

_HANDLES = {How.JSAPI: "mem", How.NATIVE: "weixin://wxpay/bizpayurl?pr=", How.H5: "https://wx.example/pay?prepay_id="}

_BILL_WORDS = {
    RefundState.PROCESSING: "PROCESSING",
    RefundState.SUCCESS: "SUCCESS",
    RefundState.ABNORMAL: "CHANGE",
    RefundState.CLOSED: "FAIL",
}


@dataclass
class _Held:
    order: Order
    state: TradeState = TradeState.NOT_PAID
    transaction_id: str | None = None
    paid_at: datetime | None = None
    paid_fen: Fen | None = None
    handles: list[str] = field(default_factory=list)


@dataclass
class _HeldRefund:
    order: RefundOrder
    accepted_at: datetime
    state: RefundState = RefundState.PROCESSING
    done_at: datetime | None = None


class MemoryGateway:
    """Implements ``PaymentGateway``; ``pay``, ``finish_refund`` and ``lose_answer`` play the world outside."""

    channel = "memory"

    def __init__(
        self,
        *,
        merchant_id: str = "1900000001",
        app_id: str = "wx0000000000000001",
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self.now = now
        self.merchant_id = merchant_id
        self.app_id = app_id
        self._key = secrets.token_bytes(32)
        self._orders: dict[str, _Held] = {}
        self._refunds: dict[str, _HeldRefund] = {}
        self._faults: list[tuple[Call, Fault]] = []
        self.account = MemoryAccount()
        self._lock = RLock()
        self.calls: list[tuple[Call, str]] = []
        """Every call that reached the service, with its number."""

    # -- what the port asks

    def place(self, order: Order, *, patience: Patience = "request") -> str:
        """See the port."""
        with self._lock:
            lost = self._arrives("place", order.trade_no)
            held = self._orders.setdefault(order.trade_no, _Held(order))
            if held.order != order:
                raise Rejected("INVALID_REQUEST")
            if held.state is not TradeState.NOT_PAID:
                raise Rejected("OUT_TRADE_NO_USED")
            held.handles.append(_HANDLES[order.how] + secrets.token_hex(14))
            self._leaves(lost)
            return held.handles[-1]

    def hand_over(self, prepay_id: str, *, now: datetime) -> Handoff:
        """See the port."""
        stamp, nonce, package = str(int(now.timestamp())), secrets.token_hex(16), f"prepay_id={prepay_id}"
        sign = self._mac(f"{self.app_id}\n{stamp}\n{nonce}\n{package}\n".encode())
        return Handoff(self.app_id, stamp, nonce, package, "RSA", sign)

    def look(self, trade_no: str, *, patience: Patience = "request") -> Trade:
        """See the port."""
        with self._lock:
            lost = self._arrives("look", trade_no)
            held = self._orders.get(trade_no)
            self._leaves(lost)
            return self._trade(held) if held else Trade(trade_no, TradeState.ABSENT)

    def close(self, trade_no: str, *, patience: Patience = "request") -> None:
        """See the port."""
        with self._lock:
            lost = self._arrives("close", trade_no)
            held = self._orders.get(trade_no)
            if held and held.state in {TradeState.SUCCESS, TradeState.REFUNDED}:
                raise Rejected("ORDER_PAID")
            if held:
                held.state = TradeState.CLOSED
            self._leaves(lost)

    def refund(self, order: RefundOrder, *, patience: Patience = "job") -> Refund:
        """See the port."""
        with self._lock:
            lost = self._arrives("refund", order.refund_no)
            held = self._orders.get(order.trade_no)
            if held is None or held.paid_fen is None:
                raise Rejected("RESOURCE_NOT_EXISTS")
            known = self._refunds.get(order.refund_no)
            if known is None:
                gone = sum(
                    one.order.refund_fen
                    for one in self._refunds.values()
                    if one.order.trade_no == order.trade_no and one.state is not RefundState.CLOSED
                )
                if order.total_fen != held.paid_fen or gone + order.refund_fen > held.paid_fen:
                    raise Rejected("INVALID_REQUEST")
                known = self._refunds[order.refund_no] = _HeldRefund(order, self.now())
                held.state = TradeState.REFUNDED
            elif (known.order.trade_no, known.order.refund_fen) != (order.trade_no, order.refund_fen):
                raise Rejected("INVALID_REQUEST")
            self._leaves(lost)
            return self._refund(known)

    def look_refund(self, refund_no: str, *, patience: Patience = "job") -> Refund:
        """See the port."""
        with self._lock:
            lost = self._arrives("look_refund", refund_no)
            known = self._refunds.get(refund_no)
            self._leaves(lost)
            return self._refund(known) if known else Refund(refund_no, RefundState.ABSENT)

    def bill(self, day: date, kind: BillKind) -> Bill:
        """See the port."""
        with self._lock:
            lost = self._arrives("bill", day.isoformat())
            if self.now() < clock.china_moment(day, 10) + timedelta(days=1):
                raise Rejected("STATEMENT_CREATING")
            traded = self._payments() + self._refunds_of_all()
            rows, lines = self.account.rows(traded, day), self.account.lines(traded, day)
            self._leaves(lost)
        if kind is BillKind.TRADE and rows:
            return from_file(day, kind, write_trade_bill(rows, app_id=self.app_id, merchant_id=self.merchant_id))
        if kind is BillKind.FUND_FLOW and lines:
            return from_file(day, kind, write_fund_flow_bill(lines))
        return empty(day, kind)

    def _payments(self) -> list[Traded]:
        return [
            Traded(held.paid_at, RowKind.PAYMENT, number, tid, tid, held.paid_fen, "SUCCESS", held.paid_fen)
            for number, held in self._orders.items()
            if held.paid_fen is not None and held.paid_at is not None and (tid := held.transaction_id or "")
        ]

    def _refunds_of_all(self) -> list[Traded]:
        gone: Counter[str] = Counter()
        told = []
        for number, one in self._refunds.items():
            order, held = one.order, self._orders[one.order.trade_no]
            word, closed = _BILL_WORDS[one.state], one.state is RefundState.CLOSED
            before = gone[order.trade_no]
            gone[order.trade_no] += 0 if closed else order.refund_fen
            told.append(
                Traded(
                    one.accepted_at,
                    RowKind.REFUND,
                    number,
                    f"5030{number}",
                    held.transaction_id or "",
                    order.refund_fen,
                    word,
                    held.paid_fen or 0,
                    before,
                    not closed,
                )
            )
        return told

    def read(self, headers: Mapping[str, str], raw: bytes, *, now: datetime) -> Notice:
        """See the port."""
        told = {name.lower(): value for name, value in headers.items()}
        stamp, mac = told.get("memory-timestamp", ""), told.get("memory-signature", "")
        if not hmac.compare_digest(mac.encode(), self._mac(stamp.encode() + b"\n" + raw).encode()):
            raise Refused("signature")
        if abs(now.timestamp() - int(stamp)) > _WINDOW.total_seconds():
            raise Refused("age")
        facts = json.loads(raw)
        with self._lock:
            if facts["event"] == "refund":
                return Notice(facts["id"], facts, refund=self._refund(self._refunds[facts["refund_no"]]))
            trade = self._trade(self._orders[facts["trade_no"]])
        # A notice of a payment stays one, whatever was sent back in the meantime.
        return Notice(facts["id"], facts, trade=replace(trade, state=TradeState.SUCCESS))

    def renew_keys(self, *, now: datetime) -> int:
        """See the port. The simulator's key never changes."""
        return 0

    def answer(self, taken: bool) -> Answer:
        """See the port."""
        return Answer(204, b"", "text/plain") if taken else Answer(400, b'{"code":"FAIL"}', "application/json")

    # -- what the world does

    def pay(self, trade_no: str, *, now: datetime, amount_fen: Fen | None = None) -> tuple[dict[str, str], bytes]:
        """The payer pays; return the notice (headers, body). Another ``amount_fen`` plays a fault there."""
        with self._lock:
            held = self._orders[trade_no]
            if held.state is not TradeState.NOT_PAID or now >= held.order.expires_at:
                raise Rejected("ORDER_CLOSED")
            held.state, held.paid_at = TradeState.SUCCESS, now
            held.transaction_id = f"42{secrets.randbelow(10**26):026d}"
            held.paid_fen = held.order.amount_fen if amount_fen is None else amount_fen
        return self.notice(trade_no, now=now)

    def notice(self, trade_no: str, *, now: datetime) -> tuple[dict[str, str], bytes]:
        """Tell (again) that an order was paid; a repeat keeps its id and carries a fresh signature."""
        facts = {"id": self._notice_id("payment", trade_no), "event": "payment", "trade_no": trade_no}
        return self._signed(facts, now)

    def finish_refund(
        self, refund_no: str, *, now: datetime, state: RefundState = RefundState.SUCCESS
    ) -> tuple[dict[str, str], bytes]:
        """The refund comes to its end; return the notice (headers, body)."""
        with self._lock:
            held = self._refunds[refund_no]
            held.state, held.done_at = state, now
        # Like the real one it says how it ended: failed and then done after all are two sayings.
        facts = {"id": self._notice_id("refund", refund_no), "event": "refund", "refund_no": refund_no, "status": state}
        return self._signed(facts, now)

    def lose_answer(self, call: Call, when: Fault) -> None:
        """The next answer to ``call`` does not arrive."""
        with self._lock:
            self._faults.append((call, when))

    # -- inside

    def _arrives(self, call: Call, number: str) -> bool:
        """Note the call. True: its answer is to be lost after acting. Raises when it is lost on the way here."""
        for fault in self._faults:
            if fault[0] == call:
                self._faults.remove(fault)
                if fault[1] == "before":
                    raise Unknown(call)
                self.calls.append((call, number))
                return True
        self.calls.append((call, number))
        return False

    @staticmethod
    def _leaves(lost: bool) -> None:
        if lost:
            raise Unknown("answer lost")

    def _trade(self, held: _Held) -> Trade:
        return Trade(
            held.order.trade_no,
            held.state,
            self.merchant_id,
            self.app_id,
            held.transaction_id,
            held.paid_fen,
            "CNY" if held.paid_fen is not None else None,
            held.paid_at,
        )

    def _refund(self, held: _HeldRefund) -> Refund:
        order = held.order
        return Refund(order.refund_no, held.state, order.trade_no, order.refund_fen, held.done_at, self.merchant_id)

    def _notice_id(self, kind: str, number: str) -> str:
        return "EV-" + self._mac(f"{kind}:{number}".encode())[:32]

    def _mac(self, message: bytes) -> str:
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()

    def _signed(self, facts: Mapping[str, str], now: datetime) -> tuple[dict[str, str], bytes]:
        raw, stamp = json.dumps(facts).encode(), str(int(now.timestamp()))
        headers = {"Memory-Timestamp": stamp, "Memory-Signature": self._mac(stamp.encode() + b"\n" + raw)}
        return headers, raw
