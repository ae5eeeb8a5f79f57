"""The shapes of adopted rules at the edge."""

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, Moment, text
from surveys.votes.rules.bylaws import Silence

fields.Date.default_error_messages.update(invalid="这里要填日期。")


class BylawsIn(Body):
    """Adopted rules as their paper says."""

    place = text(64, 1, required=True)
    title = text(120, 2, required=True)
    adopted_on = fields.Date(required=True)
    silence = fields.Enum(Silence, by_value=True, required=True)
    warning = text(500, load_default="")
    clauses = text(8000, load_default="")
    vote = fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(22, 22))
    meeting = text(200, load_default="")
    evidence = fields.List(
        text(22, 22), load_default=list, validate=ma.validate.Length(max=12, error="照片最多 12 张。")
    )


class BylawsOrderIn(Body):
    """An order that needs no words."""


class BylawsWithdrawnIn(Body):
    """Why rules are taken off file."""

    reason = text(200, 2, required=True)


class SilenceIn(Body):
    """By which rules a draft counts silence; null: it does not."""

    bylaws = fields.String(required=True, allow_none=True, validate=ma.validate.Length(max=22))


class BylawsOut(Answer):
    """Adopted rules on file."""

    id = fields.String(attribute="public_id")
    title = fields.String()
    adopted_on = fields.Date()
    silence = fields.String()
    warning = fields.String()
    clauses = fields.String()
    meeting = fields.String()
    confirmed_at = Moment(allow_none=True)
    withdrawn_at = Moment(allow_none=True)
