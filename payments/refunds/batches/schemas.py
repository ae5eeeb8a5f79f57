"""What may come in and what goes out of batches."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, text, whole_number
from payments.cash_desk.schemas import amount
from payments.rules.batch import BatchKind
from payments.rules.giving_back import Road

_KINDS = validate.OneOf([one.value for one in BatchKind], error="请选退款原因。")


class RefundBatchQuery(Body):
    """Which batch to compute; ``total_fen``: how much of a surplus."""

    kind = fields.String(required=True, validate=_KINDS)
    total_fen = fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(1, 10**15, error="请填大于 0 的金额。")
    )


class RefundBatchPreviewLine(Answer):
    """One payment of it: the deposit, door, amount, road (wechat, bank) and why that road."""

    id = fields.String(required=True)
    door = fields.String(required=True)
    amount_fen = fields.Integer(required=True)
    road = fields.String(required=True, metadata={"enum": [road.value for road in Road]})
    road_why = fields.String(required=True)


class RefundBatchPreview(Answer):
    """What a batch would send back now, payment by payment."""

    payments = fields.Integer(required=True)
    total_fen = fields.Integer(required=True)
    by_wechat = fields.Integer(required=True)
    by_bank = fields.Integer(required=True)
    kept = fields.Integer(required=True)
    lines = fields.List(fields.Nested(RefundBatchPreviewLine), required=True)


class RefundBatchProposal(Body):
    """A batch as its preview showed it: how many payments, which sum. ``by_bank``: payments (by the preview's ids) that
    go by bank transfer though WeChat were open, each with the reason.
    """

    kind = fields.String(required=True, validate=_KINDS)
    total_fen = amount(load_default=None, allow_none=True)
    why = text(200, 2, required=True)
    payments = whole_number(1, 10**6, required=True)
    sum_fen = amount(required=True)
    by_bank = fields.Dict(keys=text(22, 22), values=text(200, 2), load_default=dict)


class RefundBatchAgain(Body):
    """Which of the failed payments: of one road, or all."""

    road = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf([road.value for road in Road], error="请选退回的方式。"),
    )


class RefundBatchThing(Answer):
    """The batch that was acted upon."""

    id = fields.String(required=True)
