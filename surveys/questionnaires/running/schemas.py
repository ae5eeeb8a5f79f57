"""What may come in about a running campaign, and what goes out."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, Moment, text


class MoveTimes(Body):
    """When a campaign shall open and close, and why; what is left out stays."""

    opens_at = fields.AwareDateTime(load_default=None, allow_none=True)
    closes_at = fields.AwareDateTime(load_default=None, allow_none=True)
    reason = text(300, 2, required=True)


class AddPlaces(Body):
    """Codes of estates, or of places all of whose estates are asked."""

    places = fields.List(text(64, 1), required=True, validate=validate.Length(1, 200, error="请写 1 到 200 个地方。"))


class Remind(Body):
    """Which estate is reminded."""

    estate = text(64, 1, required=True)


class Reminded(Answer):
    """How many reminders the estate has had by now."""

    number = fields.Integer()


class EstateRunAnswer(Answer):
    """How an estate stands."""

    estate = fields.String(attribute="estate.code")
    name = fields.String(attribute="estate.name")
    left = fields.Integer()
    by_phone = fields.Integer()
    reminded = fields.List(Moment())


class RunAnswer(Answer):
    """The estates of a campaign one manages."""

    campaign = fields.String(attribute="campaign.public_id")
    most_reminders = fields.Integer()
    estates = fields.List(fields.Nested(EstateRunAnswer))
