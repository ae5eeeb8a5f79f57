"""The shapes of signature sheets at the edge."""

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, text
from surveys.votes.rules.signature_sheets import MOST_LINES
from surveys.votes.schemas import MOST_CANDIDATES

OPAQUE = 22
MOST_PHOTOS = 6


class SignedLineIn(Body):
    """A line as it stands on the paper."""

    door = text(60, 1, required=True)
    name = text(40, 1, required=True)


def _photos() -> fields.List:
    limit = ma.validate.Length(max=MOST_PHOTOS, error=f"最多 {MOST_PHOTOS} 张照片。")
    return fields.List(text(OPAQUE, OPAQUE), load_default=list, validate=limit)


class SheetIn(Body):
    """A sheet as keyed, with its photos."""

    lines = fields.List(
        fields.Nested(SignedLineIn),
        required=True,
        validate=ma.validate.Length(1, MOST_LINES, error=f"请填 1 到 {MOST_LINES} 行签名。"),
    )
    evidence = _photos()


class PaperRecallIn(SheetIn):
    """A recall that begins on paper: whom, why, and who signed."""

    candidates = fields.List(
        text(OPAQUE, OPAQUE), required=True, validate=ma.validate.Length(1, MOST_CANDIDATES, error="请选择。")
    )
    reason = text(1000, 5, required=True)


class SheetCheckIn(Body):
    """What the second person could not find on the photo."""

    refused = fields.List(fields.Integer(), load_default=list, validate=ma.validate.Length(max=MOST_LINES))
    why = text(200, load_default="")


class PaperTakenBackIn(Body):
    """For which door a signature on paper was taken back in writing."""

    door = text(60, 1, required=True)
    evidence = _photos()


class SheetOut(Answer):
    """A sheet as numbers; ``id`` as the check names it."""

    id = fields.String(attribute="sheet.public_id")
    state = fields.String()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())


class CauseOut(Answer):
    """A cause as numbers: how many signed, how many of them on paper, of how many needed; never who."""

    kind = fields.Function(lambda view: view.cause.key[0])
    id = fields.Function(lambda view: view.cause.key[1])
    title = fields.String(attribute="cause.title")
    signatures = fields.Integer()
    on_paper = fields.Integer()
    needed = fields.Integer(attribute="cause.needed")
    open = fields.Boolean(attribute="cause.open")
    sheets = fields.List(fields.Nested(SheetOut))
