"""The shapes of results on their way at the edge."""

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, Moment, text, whole_number
from surveys.votes.results.rules import LONGEST_DAYS, Ruling

MOST_LETTERS = 1000
MOST_PHOTOS = 3


class ResultPlanIn(Body):
    """How many days the result will be published."""

    days = whole_number(0, LONGEST_DAYS, required=True)


class ObjectionIn(Body):
    """What is wrong with the result, in the objector's words."""

    evidence = fields.List(
        text(22, 22), load_default=list, validate=ma.validate.Length(max=MOST_PHOTOS, error="最多 3 张照片。")
    )
    text = text(MOST_LETTERS, 5, required=True)


class ObjectionAnswerIn(Body):
    """The ruling with its reasons; everybody may read them."""

    ruling = fields.Enum(Ruling, by_value=True, required=True)
    reasons = text(MOST_LETTERS, 5, required=True)


class RecountIn(Body):
    """Why it is counted again; everybody may read it."""

    reason = text(500, 2, required=True)


class ResultOrderIn(Body):
    """An order that needs no words."""


class ObjectionOut(Answer):
    """An objection; what was written is for its maker and for staff alone."""

    id = fields.String()
    number = fields.Integer()
    made_at = Moment()
    ruling = fields.String(allow_none=True)
    answer = fields.String()
    answered_at = Moment(allow_none=True)
    text = fields.String()
    photos = fields.List(fields.String())
    mine = fields.Boolean()


class RecountOut(Answer):
    """A recount."""

    number = fields.Integer()
    reason = fields.String()
    changed = fields.Boolean()
    tally_hash = fields.String()
    counted_at = Moment()


class ResultStandingOut(Answer):
    """Where a result stands."""

    stage = fields.String()
    ends_at = Moment()
    provisional = fields.Boolean()
    final_at = Moment(allow_none=True)
    takes_objections = fields.Boolean()
    open_objections = fields.Integer()
    objections = fields.List(fields.Nested(ObjectionOut))
    recounts = fields.List(fields.Nested(RecountOut))
    doubts = fields.List(fields.String(), metadata={"description": "why the street has to say that it is final"})


class ResultPlanOut(Answer):
    """The days set for a vote."""

    days = fields.Integer()
