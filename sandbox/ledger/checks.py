"""What may come in: the bodies of an order and of a refund, checked field by field."""

import re
from datetime import datetime, timedelta
from typing import Any

from sandbox.clock import parse
from sandbox.ledger.refusals import Refusal, wrong_parameter

OUT_TRADE_NO = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
OUT_REFUND_NO = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")
DEFAULT_ORDER_LIFE = timedelta(days=7)


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
    if not asked.get("transaction_id") and not asked.get("out_trade_no"):
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
