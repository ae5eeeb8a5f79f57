"""What may come in and what goes out of batches."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, text, whole_number
from payments.cash_desk.schemas import amount
from payments.rules.batch import BatchKind

_KINDS = validate.OneOf([one.value for one in BatchKind], error="请选退款原因。")


class RefundBatchQuery(Body):
    """Which batch to compute; ``total_fen``: how much of a surplus."""

    kind = fields.String(required=True, validate=_KINDS)
    total_fen = fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(1, 10**15, error="请填大于 0 的金额。")
    )


class RefundBatchPreviewLine(Answer):
    """One payment of it: door, amount, road (wechat, bank)."""

    door = fields.String(required=True)
    amount_fen = fields.Integer(required=True)
    road = fields.String(required=True)


class RefundBatchPreview(Answer):
    """What a batch would send back now, payment by payment."""

    payments = fields.Integer(required=True)
    total_fen = fields.Integer(required=True)
    by_wechat = fields.Integer(required=True)
    by_bank = fields.Integer(required=True)
    kept = fields.Integer(required=True)
    lines = fields.List(fields.Nested(RefundBatchPreviewLine), required=True)


class RefundBatchProposal(Body):
    """A batch as its preview showed it: how many payments, which sum."""

    kind = fields.String(required=True, validate=_KINDS)
    total_fen = amount(load_default=None, allow_none=True)
    why = text(200, 2, required=True)
    payments = whole_number(1, 10**6, required=True)
    sum_fen = amount(required=True)


class RefundBatchDecision(Body):
    """Whether the second person agrees."""

    agree = fields.Boolean(required=True, truthy={True}, falsy={False})


class RefundBatchAgain(Body):
    """Nothing: the batch is in the address."""


class RefundBatchThing(Answer):
    """The batch that was acted upon."""

    id = fields.String(required=True)
