"""What may come in about questionnaires, and what goes out."""

import marshmallow as ma
from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, Moment, text, whole_number
from surveys.questionnaires.rules.lifecycle import Channel

PURPOSES = ("photo", "signature")
_CHANNELS = validate.OneOf(
    [Channel.WECHAT_SELF, Channel.WECHAT_BY_FAMILY, Channel.WORKER_VISIT], error="不能这样提交。"
)


class SubmitResponse(Body):
    """A filled-in sheet. ``answers``: {question code: value}; the questionnaire's own plan checks it."""

    dwelling = text(22, 22, required=True)
    channel = fields.String(required=True, validate=_CHANNELS)
    # Not shaped here key by key: the plan of the questionnaire refuses unknown keys and checks every value.
    answers = fields.Dict(required=True, validate=validate.Length(max=800, error="题目太多。"))
    content_hash = text(
        64, 64, load_default=None, allow_none=True, metadata={"description": "of the wording that was answered"}
    )
    replaces = text(
        22, load_default="", metadata={"description": "the response one had before one, when one changes or adds to it"}
    )
    second_visitor = text(
        22,
        load_default="",
        metadata={"description": "of a visit: the person who came along; without one it ranks lower"},
    )


class ResponseReceipt(Answer):
    """The household's receipt. ``number`` is the hash of the response's row in the audit chain. ``standing``: counts;
    waits (another sheet counts, somebody will settle it); replaced (by a later one)."""

    response = fields.String()
    number = fields.String()
    submitted_at = Moment()
    standing = fields.String()


class UploadForm(Body):
    """The fields that go with an uploaded picture."""

    dwelling = text(22, 22, required=True)
    channel = fields.String(required=True, validate=_CHANNELS)
    purpose = fields.String(required=True, validate=validate.OneOf(PURPOSES, error="不能这样上传。"))


class UploadFile(ma.Schema):
    """The picture itself."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})

    class Meta:
        unknown = ma.RAISE


class Uploaded(Answer):
    """Under which id the picture goes into the answers."""

    file = fields.String()


class CampaignInfo(Answer):
    """A campaign as everybody may know it."""

    campaign = fields.String(attribute="public_id")
    title = fields.String()
    year = fields.Integer()
    state = fields.String()
    closes_at = Moment(allow_none=True)
    opened_at = Moment(allow_none=True)
    closed_at = Moment(allow_none=True)
    version = fields.String()


class CreateCampaign(Body):
    """A new campaign. ``places``: codes of estates, or of places all of whose estates are asked."""

    version = text(22, 22, required=True)
    title = text(120, 2, required=True)
    year = whole_number(2000, 2100, required=True)
    places = fields.List(text(64, 1), required=True, validate=validate.Length(1, 500, error="请写 1 到 500 个地方。"))
    opens_at = fields.AwareDateTime(load_default=None, allow_none=True)
    closes_at = fields.AwareDateTime(load_default=None, allow_none=True)


class OpenCampaign(Body):
    """Opening a campaign; ``closes_at`` sets or moves its closing time."""

    closes_at = fields.AwareDateTime(load_default=None, allow_none=True)


class CloseCampaign(Body):
    """Closing a campaign by hand: why."""

    reason = text(300, 2, required=True)


class CellAnswer(Answer):
    """One option's count; null: too few people to show."""

    code = fields.String()
    label = fields.String()
    n = fields.Integer(allow_none=True)
    of = fields.Integer(
        allow_none=True, metadata={"description": "the cell's own denominator, where it is not the row's"}
    )


class RowAnswer(Answer):
    """``respondents``: the denominator of every share of the row (``full`` where ``points``: of a ranking's points).
    ``mean_of``: [sum, people] of an average; ``satisfied``: [people with one of the two best marks, people who gave
    one] of a matrix row.
    """

    label = fields.String()
    respondents = fields.Integer(allow_none=True)
    cells = fields.List(fields.Nested(CellAnswer))
    mean_of = fields.List(fields.Integer(), allow_none=True)
    satisfied = fields.List(fields.Integer(), allow_none=True)
    points = fields.Boolean()
    full = fields.Integer(allow_none=True)


class FigureAnswer(Answer):
    """One question's figures."""

    no = fields.String()
    code = fields.String()
    title = fields.String()
    kind = fields.String()
    decimals = fields.Integer()
    unit = fields.String()
    rows = fields.List(fields.Nested(RowAnswer))


class ShareAnswer(Answer):
    """Dwellings that answered, of how many."""

    estate = fields.String()
    name = fields.String()
    answered = fields.Integer(allow_none=True)
    dwellings = fields.Integer()


class ResultsAnswer(Answer):
    """The figures of a campaign."""

    campaign = fields.String()
    state = fields.String()
    waiting = fields.Integer(metadata={"description": "responses not counted yet (staff only)"})
    taken_at = Moment(allow_none=True, metadata={"description": "when a public figure last moved"})
    channels = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(allow_none=True),
        metadata={"description": "responses by channel (staff only); null: too few to tell"},
    )
    estates = fields.List(fields.Nested(ShareAnswer))
    figures = fields.List(fields.Nested(FigureAnswer))


class ResultsQuery(ma.Schema):
    """Which part of a campaign's results; unknown words are ignored by browsers' trackers, not by us."""

    estate = fields.String(load_default="", validate=validate.Length(max=64))

    class Meta:
        unknown = ma.EXCLUDE


class PublicResultsQuery(ResultsQuery):
    """``place``: all estates under a place together."""

    place = fields.String(load_default="", validate=validate.Length(max=64))


class LiveResultsQuery(ResultsQuery):
    """``channel``: only what came in this way."""

    channel = fields.String(load_default="", validate=validate.OneOf(["", *Channel], error="没有这种填法。"))
