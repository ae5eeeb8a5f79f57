"""The shapes of a roll's objections and changes at the edge."""

import re

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, Moment, text
from surveys.votes.rules.roll_changes import ChangeKind, ObjectionKind

MOST_OWNERS = 20
LARGEST_AREA = 10_000_000
_PHONE = ma.validate.Regexp(re.compile(r"[0-9+\- ]{5,20}"), error="电话只写数字。")


class RollObjectionIn(Body):
    """What is wrong with the roll, for one's own dwelling."""

    dwelling = text(22, 22, required=True)
    kind = fields.Enum(ObjectionKind, by_value=True, required=True)
    words = text(500, 2, required=True)


class RollOrderIn(Body):
    """An order that needs no words."""


class RollRejectionIn(Body):
    """Why nothing is changed; the objector reads it."""

    answer = text(500, 2, required=True)


class RollOwnerIn(Body):
    """An owner as the papers name them."""

    name = text(60, 1, required=True)
    phone = fields.String(load_default=None, allow_none=True, validate=_PHONE)
    organisation = fields.Boolean(load_default=False)


class RollChangeIn(Body):
    """A correction or an amendment. ``reason`` is published and names nobody."""

    dwelling = text(22, 22, required=True)
    kind = fields.Enum(ChangeKind, by_value=True, required=True)
    reason = text(200, 2, required=True)
    area_dm2 = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=ma.validate.Range(1, LARGEST_AREA, error="面积不对。")
    )
    owners = fields.List(
        fields.Nested(RollOwnerIn), load_default=list, validate=ma.validate.Length(max=MOST_OWNERS, error="业主太多。")
    )
    objection = fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(22, 22))
    evidence = fields.List(text(22, 22), load_default=list, validate=ma.validate.Length(max=6, error="照片最多 6 张。"))


class RollObjectionOut(Answer):
    """An objection with its words and answer."""

    id = fields.String()
    door = fields.String()
    dwelling = fields.String()
    kind = fields.String()
    words = fields.String()
    state = fields.String()
    answer = fields.String()
    raised_at = Moment()
    ended_at = Moment(allow_none=True)


class RollObjectionsOut(Answer):
    """Objections to a roll."""

    objections = fields.List(fields.Nested(RollObjectionOut))


class RollChangeOut(Answer):
    """A line of the public log of corrections and amendments: door, kind, areas, reason; no names."""

    number = fields.Integer()
    door = fields.String()
    kind = fields.String()
    frozen = fields.Boolean()
    effect = fields.String()
    reason = fields.String()
    old_area_dm2 = fields.Integer(allow_none=True)
    new_area_dm2 = fields.Integer(allow_none=True)
    made_at = Moment()


class RollChangesOut(Answer):
    """The public log."""

    changes = fields.List(fields.Nested(RollChangeOut))
