"""Which building is asked about, and what goes out."""

import marshmallow as ma
from marshmallow import fields, validate

from kernel.web.schemas import Answer


class BuildingQuery(ma.Schema):
    """Whose doors."""

    building = fields.String(required=True, validate=validate.Length(1, 22))

    class Meta:
        unknown = ma.EXCLUDE


class DoorAnswer(Answer):
    """A home that has not answered."""

    dwelling = fields.String(attribute="public_id")
    door = fields.String(attribute="label")
    floor = fields.Integer(allow_none=True)


class DoorsAnswer(Answer):
    """The homes of a building that have not answered, of how many."""

    building = fields.String()
    homes = fields.Integer()
    doors = fields.List(fields.Nested(DoorAnswer))
