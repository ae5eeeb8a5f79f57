"""What may come in about differences of cash boxes."""

from marshmallow import fields, validate

from payments.cash_desk.differences.rules import CashDecision
from payments.two_people_schemas import WhySaid


class CashDifferenceProposal(WhySaid):
    """What becomes of a difference, and why."""

    decision = fields.String(
        required=True, validate=validate.OneOf([one.value for one in CashDecision], error="请选一种处理方式。")
    )
