"""What may come in and what goes out of reminders."""

from marshmallow import fields

from kernel.web.schemas import Answer, Body, whole_number


class ReminderDeed(Body):
    """Nothing: which estate stands in the address."""


class ReminderMost(Body):
    """How often households are reminded at most for one version of a budget; 0: never."""

    most = whole_number(0, 5, required=True)


class RemindedOut(Answer):
    """How many dwellings a round went to."""

    dwellings = fields.Integer(required=True)


class ReminderSettingOut(Answer):
    """How often at most."""

    most = fields.Integer(required=True)
