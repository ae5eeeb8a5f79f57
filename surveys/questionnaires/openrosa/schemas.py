"""Shapes of app passwords."""

from marshmallow import fields

from kernel.web.schemas import Answer, Body, Moment, text


class MakeAppPassword(Body):
    """A new password. ``label``: which phone it is for."""

    label = text(40, 1, required=True)


class AppPasswordInfo(Answer):
    """A password as its owner sees it later."""

    id = fields.String(attribute="public_id")
    label = fields.String()
    username = fields.String()
    made_at = Moment()
    ends_at = Moment()


class SettingsCode(Answer):
    """A QR code: an SVG path and the side of its square."""

    path = fields.String()
    side = fields.Integer()


class AppPasswordMade(Answer):
    """A password in clear, this once."""

    id = fields.String(attribute="public_id")
    label = fields.String()
    username = fields.String()
    password = fields.String()
    server = fields.String()
    ends_at = Moment()
    settings_qr = fields.Nested(SettingsCode)
