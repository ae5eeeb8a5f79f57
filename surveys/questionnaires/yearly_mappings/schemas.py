"""What may come in about mappings for next year's sheets, and what goes out."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, text
from surveys.questionnaires.yearly_mappings.rules import Decision


class ProposeMapping(Body):
    """Which question of ``version`` is which of the one in the address (``rules.mapping``), and why."""

    version = text(22, 22, required=True)
    mapping = fields.Dict(load_default=dict, validate=validate.Length(max=8))
    reason = text(400, 2, required=True)


class DecideMapping(Body):
    """What is said to a proposal."""

    decision = fields.String(required=True, validate=validate.OneOf([one.value for one in Decision]))


class ProposedMapping(Answer):
    """A proposal with its whole mapping; ``decision`` is null while it waits."""

    id = fields.String(attribute="public_id")
    mapping = fields.Dict(attribute="document")
    reason = fields.String()
    decision = fields.String(allow_none=True)
