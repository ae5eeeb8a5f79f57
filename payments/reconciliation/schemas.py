"""What may come in and what goes out of reconciliation."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, text
from payments.rules.reconcile import Decision


class DifferenceProposal(Body):
    """How a difference is to be settled, and why; ``estate``: whose books it moves, where several share the account."""

    decision = fields.String(
        required=True, validate=validate.OneOf([one.value for one in Decision], error="请选一种处理方式。")
    )
    why = text(200, 2, required=True)
    estate = text(22, load_default="")


class DayClosing(Body):
    """Nothing: which day stands in the address."""


class ReconciledThing(Answer):
    """What was acted upon."""

    id = fields.String(required=True)
