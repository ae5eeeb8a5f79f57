"""WeChat Pay API v3 through wechatpayv3, in public-key mode.

The library signs, seals and opens. Added here is what it lacks (WECHAT §2.3): the base address, time-outs and the cap
on calls in flight, the ±300 s window, refusal of unknown key serials before the library sees them (it would call out
on a stranger's request), bytes signed exactly as sent, one ``Refused`` for a notice that cannot be believed and one
``Unknown`` for an answer that cannot.
"""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import requests
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core
from wechatpayv3.type import RequestType
from wechatpayv3.utils import build_authorization, load_certificate

from kernel import clock
from kernel.outbound import OutboundFailed, Upstream
from payments.gateways.bill import Bill, empty, from_file
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
from payments.rules.attempt import How
from payments.rules.bill import BillKind
from payments.rules.trade import RefundState, TradeState

WINDOW = timedelta(seconds=300)
"""How old, or how far ahead, a signed message may be (WeChat Pay document 4013053420 §2.1)."""

_SIGNED = (
    "Wechatpay-Signature",
    "Wechatpay-Timestamp",
    "Wechatpay-Nonce",
    "Wechatpay-Serial",
    "Wechatpay-Signature-Type",
)

_TRADE_STATES = {
    "SUCCESS": TradeState.SUCCESS,
    "REFUND": TradeState.REFUNDED,
    "NOTPAY": TradeState.NOT_PAID,
    "USERPAYING": TradeState.NOT_PAID,
    "PAYERROR": TradeState.NOT_PAID,
    "CLOSED": TradeState.CLOSED,
    "REVOKED": TradeState.CLOSED,
}
_REFUND_STATES = {
    "PROCESSING": RefundState.PROCESSING,
    "SUCCESS": RefundState.SUCCESS,
    "CLOSED": RefundState.CLOSED,
    "ABNORMAL": RefundState.ABNORMAL,
}
_HOW = {
    How.JSAPI: (WeChatPayType.JSAPI, "prepay_id"),
    How.NATIVE: (WeChatPayType.NATIVE, "code_url"),
    How.H5: (WeChatPayType.H5, "h5_url"),
}
_TRY_LATER = frozenset({"SYSTEM_ERROR", "FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED"})


@dataclass(frozen=True)
class Merchant:
    """One account holder's merchant account and what it takes to speak for it; all key material as PEM text.

    ``platform_certificates`` are accepted beside the public key while WeChat moves its callbacks over (WECHAT §3.3).
    """

    merchant_id: str
    app_id: str
    private_key: str
    certificate_serial: str
    apiv3_key: str
    public_key: str
    public_key_id: str
    platform_certificates: Sequence[str] = ()


class _Core(Core):
    """The library's core with our transport and our caution. Key objects are parsed once, here."""

    def __init__(
        self, merchant: Merchant, base_url: str, upstream: Upstream, patience: Patience, now: Callable[[], datetime]
    ):
        super().__init__(
            mchid=merchant.merchant_id,
            cert_serial_no=merchant.certificate_serial,
            private_key=merchant.private_key,
            apiv3_key=merchant.apiv3_key,
            public_key=merchant.public_key,
            public_key_id=merchant.public_key_id,
        )
        self._gate_way = base_url.rstrip("/")
        self._upstream, self._patience, self._now = upstream, patience, now
        for text in merchant.platform_certificates:
            certificate = load_certificate(text)
            if certificate is None:
                raise ValueError("a WeChat Pay platform certificate cannot be read")
            self._certificates.append(certificate)
        self._serials = {f"{one.serial_number:X}" for one in self._certificates}

    def _update_certificates(self) -> None:
        """Never: keys come by configuration, and a stranger's request must not make us call out."""

    def knows(self, serial: str) -> bool:
        """Is this one of the keys we were given?"""
        return serial == self._public_key_id or serial.upper().lstrip("0") in self._serials

    def may_be_signed(self, headers: Mapping[str, str], now: datetime) -> bool:
        """Before any key is used: is the time stamp within the window around ``now``, and the key one we know?"""
        stamp = headers.get("Wechatpay-Timestamp", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            return False
        if abs(now.timestamp() - int(stamp)) > WINDOW.total_seconds():
            return False
        return self.knows(headers.get("Wechatpay-Serial", ""))

    def request(
        self,
        path: str,
        method: RequestType = RequestType.GET,
        data: Mapping[str, Any] | None = None,
        *unused: object,
        **_unused: object,
    ) -> tuple[int, str]:
        """Send one call; return (HTTP status, body). ``Unknown`` when the outcome is not known."""
        # Serialised once: what is signed is, to the byte, what is sent.
        body = json.dumps(data, ensure_ascii=False, separators=(",", ":")) if data is not None else ""
        answer = self._sent(path, method, body)
        if answer.status_code < 300 and not self._is_believed(answer):
            raise Unknown("the answer's signature cannot be verified")
        return answer.status_code, answer.content.decode("utf-8", errors="replace")

    def download(self, url: str) -> tuple[int, bytes]:
        """Fetch a file the service named; its bytes are not signed, the hash told with the link is its proof."""
        if not url.startswith(self._gate_way + "/"):
            raise Unknown("the link leads elsewhere")
        answer = self._sent(url.removeprefix(self._gate_way), RequestType.GET, "")
        return answer.status_code, answer.content

    def _sent(self, path: str, method: RequestType, body: str) -> requests.Response:
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "gongjian",
            # It selects the key that signs the answer (WECHAT §3.1).
            "Wechatpay-Serial": self._public_key_id,
            "Authorization": build_authorization(
                path, method.value, self._mchid, self._cert_serial_no, self._private_key, data=body
            ),
        }
        try:
            with self._upstream.session(self._patience) as session:
                answer = session.request(
                    method.value, self._gate_way + path, data=body.encode() or None, headers=headers
                )
        except OutboundFailed as failed:
            raise Unknown(failed.code) from None
        if answer.status_code >= 500 or answer.status_code == 429:
            raise Unknown(f"HTTP {answer.status_code}")
        if 300 <= answer.status_code < 400:
            raise Unknown(f"HTTP {answer.status_code}")
        return answer

    def _is_believed(self, answer: requests.Response) -> bool:
        headers = {name: answer.headers.get(name, "") for name in _SIGNED}
        if not self.may_be_signed(headers, self._now()):
            return False
        try:
            return bool(self._verify_signature(headers, answer.content.decode("utf-8")))
        except Exception:  # the library raises five kinds for a bad answer; each means: not believed
            return False


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
                public_key=merchant.public_key,
                public_key_id=merchant.public_key_id,
            )
            pay._core = _Core(merchant, base_url, upstream, patience, now)
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
        return _text(_shaped(status, text), name, most=512) or _nothing(name)

    def hand_over(self, prepay_id: str, *, now: datetime) -> Handoff:
        """See the port."""
        stamp, nonce, package = str(int(now.timestamp())), secrets.token_hex(16), f"prepay_id={prepay_id}"
        sign = self._pay["request"].sign([self.app_id, stamp, nonce, package])
        return Handoff(self.app_id, stamp, nonce, package, "RSA", sign)

    def look(self, trade_no: str, *, patience: Patience = "request") -> Trade:
        """See the port."""
        try:
            told = _shaped(*self._pay[patience].query(out_trade_no=quote(trade_no, safe="")))
        except Rejected as no:
            if no.code in {"ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"}:
                return Trade(trade_no, TradeState.ABSENT)
            raise
        trade = _trade(told)
        if trade is None or trade.trade_no != trade_no:
            raise Unknown("the answer is about something else")
        return trade

    def close(self, trade_no: str, *, patience: Patience = "request") -> None:
        """See the port."""
        status, text = self._pay[patience].close(out_trade_no=quote(trade_no, safe=""))
        if status != 204:
            _shaped(status, text)

    def refund(self, order: RefundOrder, *, patience: Patience = "job") -> Refund:
        """See the port."""
        status, text = self._pay[patience].refund(
            out_refund_no=order.refund_no,
            out_trade_no=order.trade_no,
            amount={"refund": order.refund_fen, "total": order.total_fen, "currency": "CNY"},
            reason=order.reason,
            notify_url=order.notify_url,
        )
        return self._same_refund(_shaped(status, text), order.refund_no)

    def look_refund(self, refund_no: str, *, patience: Patience = "job") -> Refund:
        """See the port."""
        try:
            told = _shaped(*self._pay[patience].query_refund(out_refund_no=quote(refund_no, safe="")))
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
            told = _shaped(*asked(bill_date=day.isoformat()))
        except Rejected as no:
            if no.code == "NO_STATEMENT_EXIST":
                return empty(day, kind)
            raise
        link = told.get("download_url")
        if not isinstance(link, str) or told.get("hash_type") != "SHA1":
            raise Unknown("the answer has no link or another hash")
        status, data = pay._core.download(link)
        if status >= 300:
            _shaped(status, data.decode("utf-8", errors="replace"))
        return from_file(day, kind, data, sha1=str(told.get("hash_value")))

    def read(self, headers: Mapping[str, str], raw: bytes, *, now: datetime) -> Notice:
        """See the port."""
        given = {name.title(): value for name, value in headers.items()}
        signed = {name: given.get(name, "") for name in _SIGNED}
        core: _Core = self._pay["request"]._core
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
            return Notice(number, told, trade=_trade(resource))
        if kind.startswith("REFUND."):
            return Notice(number, told, refund=_refund(resource, resource.get("refund_status")))
        return Notice(number, told)

    def answer(self, taken: bool) -> Answer:
        """See the port. 204 stops the retries; anything else must be a 4xx or 5xx status, for the status decides."""
        if taken:
            return Answer(204, b"", "application/json")
        return Answer(400, b'{"code":"FAIL","message":"refused"}', "application/json")

    @staticmethod
    def _same_refund(told: Mapping[str, Any], refund_no: str) -> Refund:
        refund = _refund(told, told.get("status"))
        if refund is None or refund.refund_no != refund_no:
            raise Unknown("the answer is about something else")
        return refund


def _shaped(status: int, text: str) -> Mapping[str, Any]:
    """Return the JSON object of a 2xx answer; ``Rejected`` with its code for a 4xx, ``Unknown`` for a try-later."""
    try:
        told = json.loads(text) if text else {}
    except ValueError:
        told = None
    if not isinstance(told, dict):
        told = {}
    if 200 <= status < 300:
        return told
    code = _text(told, "code") or f"HTTP_{status}"
    if code in _TRY_LATER:
        raise Unknown(code)
    raise Rejected(code)


def _nothing(what: str) -> str:
    raise Unknown(f"the answer has no {what}")


def _text(told: Mapping[str, Any], name: str, *, most: int = 128) -> str | None:
    value = told.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= most else None


def _amount(told: Mapping[str, Any], name: str) -> int | None:
    amount = told.get("amount")
    value = amount.get(name) if isinstance(amount, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _moment(told: Mapping[str, Any], name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(told, name) or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _trade(told: Mapping[str, Any]) -> Trade | None:
    """Shape a trade as far as it is told; ``None`` when it lacks its number or says a state we do not know."""
    number, state = _text(told, "out_trade_no"), _TRADE_STATES.get(str(told.get("trade_state")))
    if number is None or state is None:
        return None
    amount = told.get("amount")
    return Trade(
        number,
        state,
        _text(told, "mchid"),
        _text(told, "appid"),
        _text(told, "transaction_id"),
        _amount(told, "total"),
        _text(amount, "currency") if isinstance(amount, dict) else None,
        _moment(told, "success_time"),
    )


def _refund(told: Mapping[str, Any], status: object) -> Refund | None:
    number, state = _text(told, "out_refund_no"), _REFUND_STATES.get(str(status))
    if number is None or state is None:
        return None
    return Refund(number, state, _text(told, "out_trade_no"), _amount(told, "refund"), _moment(told, "success_time"))
