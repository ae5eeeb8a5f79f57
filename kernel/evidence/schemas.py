"""What comes in with a proof, and what goes out."""

import marshmallow as ma
from marshmallow import fields, validate

from kernel.evidence.rules import PURPOSES
from kernel.web.schemas import Answer, Body, text


class KeepForm(Body):
    """The fields that go with an uploaded proof. ``place``: the code of the place the record belongs to."""

    purpose = fields.String(required=True, validate=validate.OneOf(sorted(PURPOSES), error="没有这一种。"))
    place = text(64, 1, required=True)


class KeepFile(ma.Schema):
    """The picture itself."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})

    class Meta:
        unknown = ma.RAISE


class Kept(Answer):
    """Under which id the record that follows names it."""

    file = fields.String()
