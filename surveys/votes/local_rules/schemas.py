"""The shapes of local rules at the edge."""

import re

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, Moment, text


class LocalRuleIn(Body):
    """What a document lays down."""

    place = text(64, 1, required=True, metadata={"description": "code of the city or district"})
    key = text(40, 1, required=True, metadata={"description": "a key of the register, e.g. owners_notice_days"})
    value = text(40, 1, required=True, metadata={"description": "a whole number, a share such as 1/5, or a word"})
    valid_from = fields.Date(required=True)
    document = text(120, 2, required=True)
    document_no = text(60, load_default="")
    issued_on = fields.Date(load_default=None, allow_none=True)
    clause = text(60, load_default="")
    link = fields.String(
        load_default="",
        validate=ma.validate.Regexp(
            re.compile(r"(https://[^\s\"<>]{4,290})?\Z"), error="网址要以 https:// 开头，不带空格。"
        ),
    )


class LocalRuleOrderIn(Body):
    """An order that needs no words."""


class LocalRuleEndIn(Body):
    """Why an entry is taken off."""

    reason = text(200, 2, required=True)


class LocalRuleOut(Answer):
    """An entry of the register."""

    id = fields.String(attribute="public_id")
    key = fields.String()
    value = fields.String()
    valid_from = fields.Date()
    document = fields.String()
    document_no = fields.String()
    issued_on = fields.Date(allow_none=True)
    clause = fields.String()
    link = fields.String()
    confirmed_at = Moment(allow_none=True)
    ending = fields.Function(lambda each: each.ending_by is not None and each.ended_at is None)
    ended_at = Moment(allow_none=True)
