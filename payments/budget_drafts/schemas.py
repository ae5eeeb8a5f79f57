"""What may come in and what goes out of budgets as people write them."""

import marshmallow as ma
from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, text
from payments.contributions.schemas import MOST_COSTS, MOST_HOMES
from payments.rules.apportion import ExemptionBearer


class DraftCost(Body):
    """One cost in words: amount in yuan as typed, method by its Chinese name, settings in words."""

    name = text(80, load_default="")
    yuan = text(24, load_default="")
    scope = text(80, load_default="")
    method = text(20, 1, required=True)
    settings = text(100_000, load_default="")


class DraftExemption(Body):
    """A home let off: its door, how much (``100%``), why."""

    door = text(60, load_default="")
    percent = text(8, load_default="")
    why = text(100, load_default="")


class DraftBudget(Body):
    """A budget in words."""

    costs = fields.List(
        fields.Nested(DraftCost), required=True, validate=validate.Length(1, MOST_COSTS, error="写 1 到 60 项费用。")
    )
    exemptions = fields.List(
        fields.Nested(DraftExemption), load_default=list, validate=validate.Length(max=MOST_HOMES, error="减免太多了。")
    )
    borne_by = fields.String(
        load_default=ExemptionBearer.FUND.value,
        validate=validate.OneOf([one.value for one in ExemptionBearer], error="请选减免的部分由谁承担。"),
    )


class DraftFile(ma.Schema):
    """The filled-in workbook."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})

    class Meta:
        unknown = ma.RAISE


class DraftCostOut(Answer):
    """A cost of the workbook in words."""

    name = fields.String(required=True)
    yuan = fields.String(required=True)
    scope = fields.String(required=True)
    method = fields.String(required=True)
    settings = fields.String(required=True)


class DraftExemptionOut(Answer):
    """An exemption of the workbook in words."""

    door = fields.String(required=True)
    percent = fields.String(required=True)
    why = fields.String(required=True)


class DraftTextOut(Answer):
    """What a workbook says, to be looked at in the form."""

    costs = fields.List(fields.Nested(DraftCostOut), required=True)
    exemptions = fields.List(fields.Nested(DraftExemptionOut), required=True)


class ShareLineOut(Answer):
    """A line of a door's share with its formula."""

    name = fields.String(required=True)
    amount_fen = fields.Integer(required=True)
    words = fields.String(required=True)


class ShareOut(Answer):
    """What a door would bear, and what that means beside the version that counts."""

    label = fields.String(required=True)
    due_fen = fields.Integer(required=True)
    word = fields.String(required=True)
    change_fen = fields.Integer(required=True)
    lines = fields.List(fields.Nested(ShareLineOut), required=True)


class DraftOut(Answer):
    """A budget reckoned: ``costs`` and ``exemptions`` in the shape a proposal takes."""

    costs = fields.List(fields.Dict(), required=True)
    exemptions = fields.List(fields.Dict(), required=True)
    borne_by = fields.String(required=True)
    total_fen = fields.Integer(required=True)
    due_fen = fields.Integer(required=True)
    fund_fen = fields.Integer(required=True)
    top_up_fen = fields.Integer(required=True)
    back_fen = fields.Integer(required=True)
    doors = fields.List(fields.Nested(ShareOut), required=True)
