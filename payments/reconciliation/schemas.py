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


class DifferenceDecision(Body):
    """Whether the second person agrees, and to which proposal: the mark shown with it."""

    agree = fields.Boolean(required=True, truthy={True}, falsy={False})
    seen = text(16, 16, required=True)


class DayClosing(Body):
    """Nothing: which day stands in the address."""


class ReconciledThing(Answer):
    """What was acted upon."""

    id = fields.String(required=True)
