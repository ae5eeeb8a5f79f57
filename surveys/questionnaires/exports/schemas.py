"""What may be asked of exports and door lists, and what goes out."""

import marshmallow as ma
from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, Moment, text

FORMATS = ("xlsx", "csv", "sav", "photos", "photos_public")


class AskExport(Body):
    """Which file: a table (xlsx, csv), SPSS (sav), all photos by door (photos; always named) or those of households
    that agreed to their being published (photos_public; never named). ``named``: with doors, names and phones.
    ``estate``: code of one estate; empty for all of mine.
    """

    format = fields.String(required=True, validate=validate.OneOf(FORMATS, error="请选 xlsx、csv、sav 或照片。"))
    named = fields.Boolean(load_default=False)
    estate = text(64, load_default="")


class ExportAnswer(Answer):
    """A file and how far it is: ``done_count`` of ``row_count`` responses."""

    export = fields.String(attribute="public_id")
    format = fields.String()
    named = fields.Boolean()
    state = fields.String(metadata={"description": "waiting, making, ready, failed or gone"})
    done_count = fields.Integer()
    row_count = fields.Integer()
    size_bytes = fields.Integer()
    asked_at = Moment()
    expires_at = Moment()


class ExportsAnswer(Answer):
    """The files one asked for."""

    exports = fields.List(fields.Nested(ExportAnswer))


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
