"""The shapes of residents' representatives at the edge."""

import re

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, text
from surveys.votes.rules.delegates import Chosen, LeftBecause


class DelegateIn(Body):
    """Who was chosen, with the photos of the record."""

    dwelling = text(22, 22, required=True)
    group_name = text(40, 1, required=True)
    chosen = fields.Enum(Chosen, by_value=True, required=True)
    chosen_on = fields.Date(required=True)
    until = fields.Date(required=True)
    person = fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(22, 22))
    name = text(60, load_default="")
    phone = fields.String(
        load_default="", validate=ma.validate.Regexp(re.compile(r"([0-9+\- ]{5,20})?\Z"), error="电话只写数字。")
    )
    evidence = fields.List(text(22, 22), load_default=list, validate=ma.validate.Length(max=6, error="照片最多 6 张。"))


class DelegateOrderIn(Body):
    """An order that needs no words."""


class DelegateEndIn(Body):
    """Why somebody is a representative no longer."""

    why = fields.Enum(LeftBecause, by_value=True, required=True)


class DelegateOut(Answer):
    """A residents' representative; no name."""

    id = fields.String(attribute="public_id")
    group_name = fields.String()
    chosen = fields.String()
    chosen_on = fields.Date()
    until = fields.Date()
    confirmed = fields.Function(lambda each: each.confirmed_at is not None)
    ended = fields.Function(lambda each: each.ended_at is not None)
