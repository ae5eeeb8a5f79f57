"""What goes in and out about WeChat."""

from marshmallow import fields

from kernel.web.schemas import Answer, Body, text


class PageToSign(Body):
    """The page that wants to use the phone's scanner."""

    url = text(2000, 1, required=True)


class SignedPage(Answer):
    """What ``wx.config`` takes."""

    app_id = fields.String()
    timestamp = fields.Integer()
    nonce = fields.String()
    signature = fields.String()
