"""The shapes of deliveries at the edge."""

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, Moment, text, whole_number
from surveys.votes.rules.deliveries import FEWEST_PUBLIC_DAYS, MOST_PUBLIC_DAYS, PUBLIC_DAYS, Recipient, Way

MOST_FLATS = 400


class DeliveryIn(Body):
    """What was done at some doors in one go."""

    dwellings = fields.List(
        text(22, 22), required=True, validate=ma.validate.Length(1, MOST_FLATS, error="请选 1 到 400 户。")
    )
    way = fields.Enum(Way, by_value=True, required=True)
    recipient = fields.Enum(Recipient, by_value=True, required=True)
    delivered_at = Moment(load_default=None, allow_none=True)
    note = text(200, load_default="")
    evidence = fields.List(text(22, 22), load_default=list, validate=ma.validate.Length(max=6, error="照片最多 6 张。"))


class PublicDeliveryIn(Body):
    """A public notice for every flat nobody reached, and the photo of it."""

    days = whole_number(FEWEST_PUBLIC_DAYS, MOST_PUBLIC_DAYS, load_default=PUBLIC_DAYS)
    note = text(200, load_default="")
    evidence = fields.List(text(22, 22), load_default=list, validate=ma.validate.Length(max=6, error="照片最多 6 张。"))


class DeliveryRevokedIn(Body):
    """Why a record is taken back."""

    reason = text(200, 2, required=True)


class NoticeOpenedIn(Body):
    """A body without fields."""


class NoticeOpenedOut(Answer):
    """How many flats are told by it for the first time."""

    flats = fields.Integer()


class DeliveryShareOut(Answer):
    """How far a building is."""

    building = fields.String(attribute="building.name")
    flats = fields.Integer()
    told = fields.Integer()
    proved = fields.Integer()


class DeliveryStateOut(Answer):
    """How far delivery is, by building; ``proved``: well enough to hold silence against it."""

    buildings = fields.List(fields.Nested(DeliveryShareOut))
