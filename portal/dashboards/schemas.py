"""Shapes of what the dashboards' API gives."""

from marshmallow import fields

from kernel.web.schemas import Answer, Moment


class DoorOut(Answer):
    """A door: its name within the building and its status; no name of a person, no amount."""

    name = fields.String(required=True, metadata={"example": "2-501"})
    floor = fields.Integer(required=True)
    status = fields.String(required=True)
    word = fields.Function(lambda door: door.word.word, metadata={"type": "string", "example": "已填"})


class TallyOut(Answer):
    """Households: all, answered, paid."""

    households = fields.Integer(required=True)
    answered = fields.Integer(required=True)
    paid = fields.Integer(required=True)


class BuildingOut(Answer):
    """A building of a board."""

    name = fields.String(required=True)
    counts = fields.Nested(TallyOut, required=True)
    doors = fields.Function(
        lambda building: [DoorOut().dump(door) for _, doors in building.floors for door in doors],
        metadata={"type": "array", "items": {"type": "object"}},
    )


class GateOut(Answer):
    """The average a household against 500 yuan, as published last; "—" while fewer than five households made it up."""

    average = fields.String(required=True)
    is_met = fields.Boolean(required=True)


class BoardOut(Answer):
    """A leader's board."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    whole = fields.Boolean(required=True)
    counts = fields.Nested(TallyOut, required=True)
    gate = fields.Nested(GateOut, required=True, attribute="money")
    published_to = fields.Date(required=True, allow_none=True, attribute="money.published_to")
    buildings = fields.List(fields.Nested(BuildingOut), required=True)


class IndicatorOut(Answer):
    """An indicator measured; money in fen."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    formula = fields.String(required=True)
    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True)
    numerator_set = fields.String(required=True)
    denominator_set = fields.String(required=True)
    text = fields.String(required=True, metadata={"example": "92.5%"})


class EnteredOut(Answer):
    """A figure entered from outside."""

    name = fields.String(required=True)
    value = fields.String(required=True)
    source = fields.String(required=True)


class DistrictOut(Answer):
    """A district's indicators and ranks."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    indicators = fields.List(fields.Nested(IndicatorOut), required=True)
    ranks = fields.Dict(keys=fields.String(), values=fields.Integer(allow_none=True), required=True)


class IndicatorsOut(Answer):
    """A frozen quarter."""

    quarter = fields.String(required=True)
    version = fields.Integer(required=True)
    frozen_at = Moment(required=True)
    plan_year = fields.Integer(required=True)
    indicators = fields.List(fields.Nested(IndicatorOut), required=True)
    entered = fields.List(fields.Nested(EnteredOut), required=True)
    districts = fields.List(fields.Nested(DistrictOut), required=True)


class PlanRecordOut(Answer):
    """A plan record as it stood; money of all sources together."""

    record_id = fields.String(required=True)
    estate_code = fields.String(required=True)
    estate = fields.String(required=True)
    district_code = fields.String(required=True)
    district = fields.String(required=True)
    households = fields.Integer(required=True)
    in_central_task = fields.Boolean(required=True)
    started_on = fields.Date(required=True, allow_none=True)
    completed_on = fields.Date(required=True, allow_none=True)
    received_fen = fields.Integer(required=True)
    spent_fen = fields.Integer(required=True)


class RecordsOut(Answer):
    """The records behind a number."""

    quarter = fields.String(required=True)
    set = fields.String(required=True)
    name = fields.String(required=True)
    count = fields.Integer(required=True)
    records = fields.List(fields.Nested(PlanRecordOut), required=True)
