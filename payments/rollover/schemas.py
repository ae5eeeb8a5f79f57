"""What may come in and what goes out of asking whether deposits stay."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, text, whole_number
from payments.rules.rollover import RolloverChoice


class RolloverAsked(Body):
    """For which plan's year, and why it is asked."""

    plan_year = whole_number(2020, 2100, required=True)
    why = text(200, 2, required=True)


class RolloverAnswered(Body):
    """Keep it, or give it back."""

    choice = fields.String(
        required=True, validate=validate.OneOf([one.value for one in RolloverChoice], error="请选留还是退。")
    )


class RolloverDeed(Body):
    """Nothing: which question stands in the address."""


class RolloverThing(Answer):
    """The question."""

    id = fields.String(required=True)


class RolloverAnswerOut(Answer):
    """What was said."""

    choice = fields.String(required=True)


class RolloverRemindedOut(Answer):
    """How many deposits the reminder is about."""

    deposits = fields.Integer(required=True)
