"""WeChat Pay API v3 through wechatpayv3, in both of its key modes.

``wire`` holds the library and our caution around it, ``answers`` reads what comes back; here the port's calls are made
of them, with one ``Refused`` for a notice that cannot be believed and one ``Unknown`` for an answer that cannot.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from wechatpayv3 import WeChatPay, WeChatPayType

from kernel import clock
from kernel.outbound import Upstream
from payments.gateways.answers import nothing, refund_of, shaped, text_of, trade_of
from payments.gateways.bill import Bill, empty, from_file
from payments.gateways.certificates import Certificates
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
from payments.gateways.wire import SIGNED, Merchant, Wire, public_half
from payments.rules.attempt import How
from payments.rules.bill import BillKind
from payments.rules.trade import RefundState, TradeState

_HOW = {
    How.JSAPI: (WeChatPayType.JSAPI, "prepay_id"),
    How.NATIVE: (WeChatPayType.NATIVE, "code_url"),
    How.H5: (WeChatPayType.H5, "h5_url"),
}


class WeChatGateway:
    """Implements ``PaymentGateway`` for one merchant. Made once per process, shared by its threads."""

    channel = "wechat"

    def __init__(
        self, merchant: Merchant, *, base_url: str, upstream: Upstream, now: Callable[[], datetime] = clock.now
    ) -> None:
        self.merchant_id = merchant.merchant_id
        self.app_id = merchant.app_id
        if len(merchant.apiv3_key.encode()) != 32:
            raise ValueError("WECHATPAY_APIV3_KEY has to be 32 bytes long")
        self._held = Certificates(merchant.platform_certificates, merchant.certificates_folder)
        if not merchant.public_key and not merchant.platform_certificates and merchant.certificates_folder is None:
            raise ValueError("WeChat Pay's public key or its platform certificates are needed to believe it")
        # The library calls out for certificates while it is made, unless it has a public key; ours replaces its core.
        anything = public_half(merchant.private_key)
        self._pay: dict[Patience, WeChatPay] = {}
        patiences: tuple[Patience, ...] = ("request", "job")
        for patience in patiences:
            pay = WeChatPay(
                wechatpay_type=WeChatPayType.JSAPI,
                mchid=merchant.merchant_id,
                private_key=merchant.private_key,
                cert_serial_no=merchant.certificate_serial,
                appid=merchant.app_id,
                apiv3_key=merchant.apiv3_key,
                public_key=anything,
                public_key_id="replaced-below",
            )
            pay._core = Wire(merchant, self._held, base_url, upstream, patience, now)
            self._pay[patience] = pay

    def place(self, order: Order, *, patience: Patience = "request") -> str:
        """See the port."""
        kind, name = _HOW[order.how]
        more: dict[str, Any] = {}
        if order.how is How.JSAPI:
            more["payer"] = {"openid": order.payer_openid}
        if order.how is How.H5:
            more["scene_info"] = {"payer_client_ip": order.payer_ip, "h5_info": {"type": "Wap"}}
        status, text = self._pay[patience].pay(
            description=order.description,
            out_trade_no=order.trade_no,
            amount={"total": order.amount_fen, "currency": "CNY"},
            time_expire=order.expires_at.astimezone(clock.CHINA).isoformat(timespec="seconds"),
            notify_url=order.notify_url,
            pay_type=kind,
            **more,
        )
        return text_of(shaped(status, text), name, most=512) or nothing(name)

    def hand_over(self, prepay_id: str, *, now: datetime) -> Handoff:
        """See the port."""
        stamp, nonce, package = str(int(now.timestamp())), secrets.token_hex(16), f"prepay_id={prepay_id}"
        sign = self._pay["request"].sign([self.app_id, stamp, nonce, package])
        return Handoff(self.app_id, stamp, nonce, package, "RSA", sign)

    def look(self, trade_no: str, *, patience: Patience = "request") -> Trade:
        """See the port."""
        try:
            told = shaped(*self._pay[patience].query(out_trade_no=quote(trade_no, safe="")))
        except Rejected as no:
            if no.code in {"ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"}:
                return Trade(trade_no, TradeState.ABSENT)
            raise
        trade = trade_of(told)
        if trade is None or trade.trade_no != trade_no:
            raise Unknown("the answer is about something else")
        return trade

    def close(self, trade_no: str, *, patience: Patience = "request") -> None:
        """See the port."""
        status, text = self._pay[patience].close(out_trade_no=quote(trade_no, safe=""))
        if status != 204:
            shaped(status, text)

    def refund(self, order: RefundOrder, *, patience: Patience = "job") -> Refund:
        """See the port."""
        status, text = self._pay[patience].refund(
            out_refund_no=order.refund_no,
            out_trade_no=order.trade_no,
            amount={"refund": order.refund_fen, "total": order.total_fen, "currency": "CNY"},
            reason=order.reason,
            notify_url=order.notify_url,
        )
        return self._same_refund(shaped(status, text), order.refund_no)

    def look_refund(self, refund_no: str, *, patience: Patience = "job") -> Refund:
        """See the port."""
        try:
            told = shaped(*self._pay[patience].query_refund(out_refund_no=quote(refund_no, safe="")))
        except Rejected as no:
            if no.code == "RESOURCE_NOT_EXISTS":
                return Refund(refund_no, RefundState.ABSENT)
            raise
        return self._same_refund(told, refund_no)

    def bill(self, day: date, kind: BillKind) -> Bill:
        """See the port."""
        pay = self._pay["job"]
        asked = pay.trade_bill if kind is BillKind.TRADE else pay.fundflow_bill
        try:
            told = shaped(*asked(bill_date=day.isoformat()))
        except Rejected as no:
            if no.code == "NO_STATEMENT_EXIST":
                return empty(day, kind)
            raise
        link = told.get("download_url")
        if not isinstance(link, str) or told.get("hash_type") != "SHA1":
            raise Unknown("the answer has no link or another hash")
        status, data = pay._core.download(link)
        if status >= 300:
            shaped(status, data.decode("utf-8", errors="replace"))
        return from_file(day, kind, data, sha1=str(told.get("hash_value")))

    def read(self, headers: Mapping[str, str], raw: bytes, *, now: datetime) -> Notice:
        """See the port."""
        given = {name.title(): value for name, value in headers.items()}
        signed = {name: given.get(name, "") for name in SIGNED}
        core: Wire = self._pay["request"]._core
        if not core.may_be_signed(signed, now):
            raise Refused("age or key")
        try:
            told = core.callback(signed, raw)
        except Exception:  # bad base64, bad JSON, bad shapes: the library has five kinds, we have one
            raise Refused("not readable") from None
        if not isinstance(told, dict) or not isinstance(told.get("resource"), dict):
            raise Refused("signature or seal")
        number = told.get("id")
        if not isinstance(number, str) or not 1 <= len(number) <= 64:
            raise Refused("no id")
        resource = told["resource"]
        kind = str(told.get("event_type", ""))
        if kind == "TRANSACTION.SUCCESS":
            return Notice(number, told, trade=trade_of(resource))
        if kind.startswith("REFUND."):
            return Notice(number, told, refund=refund_of(resource, resource.get("refund_status")))
        return Notice(number, told)

    def renew_keys(self, *, now: datetime) -> int:
        """See the port."""
        if not self._held.renewal_is_due(now):
            return 0
        fresh = self._pay["job"]._core.renewed_certificates()
        self._held.keep(fresh)
        return len(fresh)

    def answer(self, taken: bool) -> Answer:
        """See the port. 204 stops the retries; anything else must be a 4xx or 5xx status, for the status decides."""
        if taken:
            return Answer(204, b"", "application/json")
        return Answer(400, b'{"code":"FAIL","message":"refused"}', "application/json")

    def _same_refund(self, told: Mapping[str, Any], refund_no: str) -> Refund:
        refund = refund_of(told, told.get("status"))
        if refund is None or refund.refund_no != refund_no or None in (refund.trade_no, refund.refund_fen):
            raise Unknown("the answer is about something else, or lacks what it is about")
        # An answer names no merchant: it was asked for under our key, and is about our own refunds.
        return replace(refund, merchant_id=self.merchant_id)
