"""What may be asked of exports, and what goes out."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, Moment, text

FORMATS = ("xlsx", "csv", "sav", "photos", "photos_public", "figures")


class AskExport(Body):
    """Which file: a table with a line for each household (xlsx, csv, sav), for those who work with these households;
    what is public, added up (figures); all photos by door (photos; always named) or those of households that agreed to
    their being published (photos_public; never named). ``named``: with doors, names and phones. ``estate``: code of one
    estate; empty for all of mine.
    """

    format = fields.String(required=True, validate=validate.OneOf(FORMATS, error="请选 xlsx、csv、sav、汇总表或照片。"))
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
