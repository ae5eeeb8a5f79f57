"""What may come in and what goes out of alarms."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, text
from payments.rules.alarm import AlarmDecision


class AlarmFound(Body):
    """What was found about an alarm, and why."""

    decision = fields.String(
        required=True, validate=validate.OneOf([one.value for one in AlarmDecision], error="请选一种处理方式。")
    )
    why = text(200, 2, required=True)


class AlarmThing(Answer):
    """What was made or acted upon."""

    id = fields.String(required=True)
