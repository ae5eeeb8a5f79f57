"""What may come in and what goes out of the gate."""

from marshmallow import fields

from kernel.web.schemas import Answer, Body, text, whole_number
from payments.schemas import MOST_FEN

MOST_HOUSEHOLDS = 100_000
MOST_AREA_DM2 = 10**10


class GateBaseProposal(Body):
    """A dated base: households, area (0.01 ㎡), the average and where laid down a sum and a share, and why."""

    as_of = fields.Date(required=True, error_messages={"invalid": "请填日期，例如 2026-06-18。"})
    households = whole_number(1, MOST_HOUSEHOLDS, required=True)
    average_fen = whole_number(1, MOST_FEN, required=True)
    area_dm2 = whole_number(1, MOST_AREA_DM2, load_default=None, allow_none=True)
    target_fen = whole_number(1, MOST_FEN, load_default=None, allow_none=True)
    share_permille = whole_number(1, 1000, load_default=None, allow_none=True)
    by_building = fields.Dict(keys=text(80, 1), values=whole_number(0, MOST_HOUSEHOLDS), load_default=dict)
    why = text(200, 2, required=True)


class GateBaseThing(Answer):
    """The base that was proposed or decided."""

    id = fields.String(required=True)


class GateConditionOut(Answer):
    """One thing that is asked for, how far it has come, and whether it is reached."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    reached = fields.String(required=True)
    wanted = fields.String(required=True)
    is_met = fields.Boolean(required=True)


class GateBuildingOut(Answer):
    """A building: its households, those that paid, and what they gave."""

    building = fields.String(required=True)
    households = fields.Integer(required=True, attribute="standing.households")
    paid_households = fields.Integer(required=True, attribute="standing.paid_households")
    paid_fen = fields.Integer(required=True, attribute="standing.paid_fen")
    is_met = fields.Boolean(required=True)


class CollectionGateOut(Answer):
    """How far a collection has come; ``as_of`` is null where the register of today is the base."""

    as_of = fields.Date(required=True, allow_none=True, attribute="measure.base.as_of")
    households = fields.Integer(required=True, attribute="standing.households")
    households_on_register = fields.Integer(required=True, attribute="measure.on_register")
    area_dm2 = fields.Integer(required=True)
    paid_households = fields.Integer(required=True, attribute="standing.paid_households")
    paid_fen = fields.Integer(required=True, attribute="standing.paid_fen")
    is_passed = fields.Boolean(required=True)
    conditions = fields.List(fields.Nested(GateConditionOut), required=True)
    buildings = fields.List(fields.Nested(GateBuildingOut), required=True)
