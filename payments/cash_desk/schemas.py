"""What may come in and what goes out of the counter."""

from typing import Any

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, text
from payments.cash_desk.rules import SLIP_NUMBER
from payments.schemas import MOST_FEN

_AMOUNT = "金额要大于 0 元，精确到分，例如 500 或 500.50。"


def amount(low: int = 1, **kwargs: Any) -> fields.Integer:
    """An amount in fen, refused in words a collector understands."""
    words: dict[str, Any] = {
        "invalid": _AMOUNT,
        "too_large": "金额太大，请检查是否多写了几位。",
        "required": "请填金额。",
    }
    bounds = validate.Range(low, MOST_FEN, error=_AMOUNT if low else "金额不能小于 0 元。")
    return fields.Integer(strict=True, validate=bounds, error_messages=words, **kwargs)


class CardSlip(Body):
    """A card payment's slip. No card numbers."""

    terminal_no = text(SLIP_NUMBER, 4, required=True)
    voucher_no = text(SLIP_NUMBER, 1, required=True)
    bank = text(40, 2, required=True)
    slip_day = fields.Date(
        required=True, error_messages={"required": "请填小票日期。", "invalid": "请填小票日期，例如 2026-06-18。"}
    )


class MoneyTaken(Body):
    """Money handed over: how much, by whom, and that the terms were shown."""

    amount_fen = amount(required=True)
    payer_id = text(22, load_default="")
    payer_name = text(40, load_default="")
    card = fields.Nested(CardSlip, load_default=None, allow_none=True)
    terms_shown = fields.Boolean(
        required=True, truthy={True}, falsy={False}, validate=validate.Equal(True, error="请先给缴款人看过约定。")
    )


class CodeWanted(Body):
    """What a code to scan is for: how much, whose money, and that the terms were shown."""

    amount_fen = amount(required=True)
    payer_id = text(22, load_default="")
    payer_name = text(40, load_default="")
    terms_shown = fields.Boolean(
        required=True, truthy={True}, falsy={False}, validate=validate.Equal(True, error="请先给缴款人看过约定。")
    )


class CodeState(Answer):
    """What became of a code: open, paid, or over."""

    id = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": ["open", "paid", "over"]})


class CashCount(Body):
    """What was counted in a box; ``why`` only with a difference."""

    counted_fen = amount(0, required=True)
    why = text(200, load_default=None, allow_none=True)


class CashBankingIn(Body):
    """Counted boxes handed in at the bank with one slip."""

    boxes = fields.List(text(22, 1), required=True, validate=validate.Length(1, 60, error="请选要解款的钱箱。"))
    slip_no = text(64, 2, required=True)
    evidence = fields.List(text(22, 1), required=True, validate=validate.Length(1, 3, error="请拍下银行回单。"))


class CounterThing(Answer):
    """What was made or acted upon."""

    id = fields.String(required=True)


class ReceiptPrinted(Answer):
    """Which print of a receipt this is."""

    nth = fields.Integer(required=True)
