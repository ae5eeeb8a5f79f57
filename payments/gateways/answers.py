"""What WeChat Pay's answers and notices say, shaped into the port's plain values; distrustful of every field."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from payments.gateways.port import Rejected, Unknown
from payments.rules.trade import Refund, RefundState, Trade, TradeState

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
_TRY_LATER = frozenset({"SYSTEM_ERROR", "FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED"})


def shaped(status: int, text: str) -> Mapping[str, Any]:
    """Return the JSON object of a 2xx answer; ``Rejected`` with its code for a 4xx, ``Unknown`` for a try-later."""
    try:
        told = json.loads(text) if text else {}
    except ValueError:
        told = None
    if not isinstance(told, dict):
        told = {}
    if 200 <= status < 300:
        return told
    code = text_of(told, "code") or f"HTTP_{status}"
    if code in _TRY_LATER:
        raise Unknown(code)
    raise Rejected(code)


def nothing(what: str) -> str:
    """Raises Unknown: the answer lacks what it is asked for."""
    raise Unknown(f"the answer has no {what}")


def text_of(told: Mapping[str, Any], name: str, *, most: int = 128) -> str | None:
    """A text field of 1 to ``most`` characters, or None."""
    value = told.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= most else None


def _amount(told: Mapping[str, Any], name: str) -> int | None:
    amount = told.get("amount")
    value = amount.get(name) if isinstance(amount, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _moment(told: Mapping[str, Any], name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text_of(told, name) or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def trade_of(told: Mapping[str, Any]) -> Trade | None:
    """Shape a trade as far as it is told; ``None`` when it lacks its number or says a state we do not know."""
    number, state = text_of(told, "out_trade_no"), _TRADE_STATES.get(str(told.get("trade_state")))
    if number is None or state is None:
        return None
    amount = told.get("amount")
    return Trade(
        number,
        state,
        text_of(told, "mchid"),
        text_of(told, "appid"),
        text_of(told, "transaction_id"),
        _amount(told, "total"),
        text_of(amount, "currency") if isinstance(amount, dict) else None,
        _moment(told, "success_time"),
    )


def refund_of(told: Mapping[str, Any], status: object) -> Refund | None:
    """Shape a refund as far as it is told; ``None`` when it lacks its number or says a state we do not know.

    Only a notice names the merchant; an answer is about the refunds of whoever asked.
    """
    number, state = text_of(told, "out_refund_no"), _REFUND_STATES.get(str(status))
    if number is None or state is None:
        return None
    return Refund(
        number,
        state,
        text_of(told, "out_trade_no"),
        _amount(told, "refund"),
        _moment(told, "success_time"),
        text_of(told, "mchid"),
    )
