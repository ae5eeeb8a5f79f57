"""The shapes of representatives at the edge."""

import re

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, text
from surveys.votes.rules.representation import Ground


class RepresentativeIn(Body):
    """Who votes for an owner, with the photos of the papers."""

    dwelling = text(22, 22, required=True)
    owner = text(22, 22, required=True)
    ground = fields.Enum(Ground, by_value=True, required=True)
    name = text(60, 1, required=True)
    phone = fields.String(
        required=True, validate=ma.validate.Regexp(re.compile(r"[0-9+\- ]{5,20}"), error="电话只写数字。")
    )
    evidence = fields.List(text(22, 22), load_default=list, validate=ma.validate.Length(max=6, error="照片最多 6 张。"))


class RepresentativeOrderIn(Body):
    """An order that needs no words."""


class RepresentativeOut(Answer):
    """A representative; no names."""

    id = fields.String(attribute="public_id")
    ground = fields.String()
    confirmed = fields.Function(lambda each: each.confirmed_at is not None)
    ended = fields.Function(lambda each: each.ended_at is not None)
