"""What may come in about wishes and works, and what goes out."""

import marshmallow as ma
from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, Moment, text, whole_number
from surveys.questionnaires.rules.needs import BEST, Became


class MenuQuery(ma.Schema):
    """``estates``: codes with commas between; empty for all of mine. ``cluster``: those of a cluster instead."""

    estates = fields.String(load_default="", validate=validate.Length(max=2000))
    cluster = fields.String(load_default="", validate=validate.Length(max=22))

    class Meta:
        unknown = ma.EXCLUDE


class WishAnswer(Answer):
    """A line of the menu. ``wanted`` of ``of`` households; ``points`` of ``full``; null: too few to say."""

    rank = fields.Integer()
    item = fields.String()
    label = fields.String()
    kind = fields.String(metadata={"description": "code of the class of works"})
    kind_title = fields.String()
    wanted = fields.Integer(allow_none=True)
    of = fields.Integer()
    points = fields.Integer(allow_none=True)
    full = fields.Integer()


class StepAnswer(Answer):
    """Something that became of an item, once."""

    became = fields.String()
    at = Moment()


class StandAnswer(Answer):
    """What became of an item, and through what (``trail``, oldest first)."""

    trail = fields.List(fields.Nested(StepAnswer))

    became = fields.String(metadata={"description": "asked, listed, doing, done or not_listed"})
    word = fields.String()
    reason = fields.String()
    at = Moment(allow_none=True)


class MarkedAnswer(Answer):
    """What households think of an item that was done: ``sum`` ÷ ``households`` is the average of 1 to 5."""

    households = fields.Integer()
    sum = fields.Integer()


class MenuAnswer(Answer):
    """The ranked menu of some estates, and by estate what became of each item."""

    campaign = fields.String()
    cluster = fields.String(metadata={"description": "of which cluster it is, or empty"})
    estates = fields.List(fields.String())
    unasked = fields.List(fields.String(), metadata={"description": "estates of the cluster that were not asked"})
    wishes = fields.List(fields.Nested(WishAnswer))
    by_estate = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Nested(WishAnswer)),
        metadata={"description": "estate → its own menu"},
    )
    stands = fields.Dict(
        keys=fields.String(), values=fields.Dict(keys=fields.String(), values=fields.Nested(StandAnswer))
    )
    marks = fields.Dict(keys=fields.String(), values=fields.Nested(MarkedAnswer))


_RESULTS = validate.OneOf([each for each in Became if each != Became.ASKED], error="没有这种结果。")


class SetStep(Body):
    """What became of an item of an estate; why, where it is not done or goes back."""

    estate = text(64, 1, required=True)
    item = text(40, 1, required=True)
    became = fields.String(required=True, validate=_RESULTS)
    reason = text(200, load_default="")


class SetSteps(Body):
    """The same for several estates at once."""

    estates = fields.List(text(64, 1), required=True, validate=validate.Length(1, 200, error="请选小区。"))
    item = text(40, 1, required=True)
    became = fields.String(required=True, validate=_RESULTS)
    reason = text(200, load_default="")


class StandsAnswer(Answer):
    """estate → what became of the item there."""

    stands = fields.Dict(keys=fields.String(), values=fields.Nested(StandAnswer))


class GiveMarks(Body):
    """item → 1 to 5."""

    marks = fields.Dict(
        keys=text(40, 1), values=whole_number(1, BEST), required=True, validate=validate.Length(1, 60, error="请打分。")
    )


class MarksAnswer(Answer):
    """The marks of a household that count."""

    marks = fields.Dict(keys=fields.String(), values=fields.Integer())


class CopiedAnswer(Answer):
    """The draft that begins with last time's answers; how many there are."""

    number = fields.Integer()
    answers = fields.Integer()


class EstateCampaignAnswer(Answer):
    """A campaign of an estate."""

    campaign = fields.String(attribute="public_id")
    title = fields.String()
    year = fields.Integer()
    state = fields.String()


class PublicWishAnswer(WishAnswer):
    """A line of the public menu with what became of it, and what the first five, ten, fifteen … households think."""

    stand = fields.Nested(StandAnswer, allow_none=True)
    marks = fields.Nested(MarkedAnswer, allow_none=True)


class PublicMenuAnswer(Answer):
    """What most of an estate want, as the public may know it."""

    campaign = fields.String()
    wishes = fields.List(fields.Nested(PublicWishAnswer))


class PublicEstateAnswer(Answer):
    """An estate's surveys and what became of what was asked for."""

    estate = fields.String()
    name = fields.String()
    campaigns = fields.List(fields.Nested(EstateCampaignAnswer))
    menus = fields.List(fields.Nested(PublicMenuAnswer))


class OutcomeAnswer(Answer):
    """What became of an item, in words with the number of estates."""

    label = fields.String()
    estates = fields.List(fields.String())


class PlaceYearAnswer(Answer):
    """What the estates of a place with public figures want in a campaign."""

    campaign = fields.String()
    year = fields.Integer()
    estates = fields.Integer()
    wishes = fields.List(fields.Nested(WishAnswer))
    outcomes = fields.List(fields.Nested(OutcomeAnswer))


class PublicPlaceAnswer(Answer):
    """What anybody may know of what the estates under a place want."""

    place = fields.String()
    name = fields.String()
    years = fields.List(fields.Nested(PlaceYearAnswer))
