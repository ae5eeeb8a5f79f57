"""What may come in about drafts, and what goes out."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, Moment, text, whole_number
from surveys.questionnaires.rules.lifecycle import Channel


class SaveDraft(Body):
    """Changed answers. ``number``: of the draft they were made to, 0 for a new one; null takes an answer away."""

    number = whole_number(0, 1_000_000, required=True)
    # Not shaped here key by key: a draft is checked when it is submitted; here only known questions and its size.
    changes = fields.Dict(required=True, validate=validate.Length(max=800, error="题目太多。"))
    channel = text(24, load_default="")
    at = text(40, load_default="")
    content_hash = text(64, load_default="", metadata={"description": "of the wording the answers were made in"})


class SavedDraft(Answer):
    """The draft's new number."""

    number = fields.Integer()


class DraftAnswer(Answer):
    """A draft; ``number`` 0: nothing was saved yet."""

    number = fields.Integer()
    answers = fields.Dict()
    channel = fields.String()
    at = fields.String()
    saved_at = Moment(allow_none=True)


class OlderWords(Body):
    """What a phone holds of a sheet, and in which words."""

    content_hash = text(64, 64, required=True)
    channel = fields.String(required=True, validate=validate.OneOf([*Channel], error="没有这种填法。"))
    # As in a draft: nothing of it is judged or kept.
    answers = fields.Dict(required=True, validate=validate.Length(max=800, error="题目太多。"))


class LookAgain(Answer):
    """A question to look at again; ``was``: what was answered before, in words ([]: it is new)."""

    code = fields.String()
    was = fields.List(fields.String())


class NoMoreAsked(Answer):
    """What had been answered and nobody is asked any more."""

    title = fields.String()
    texts = fields.List(fields.String())


class InCurrentWordsAnswer(Answer):
    """The same in the words that are asked now, and where those are."""

    version = fields.String()
    content_hash = fields.String()
    sections = fields.Integer()
    total = fields.Integer()
    answers = fields.Dict(attribute="carried.answers")
    again = fields.List(fields.Nested(LookAgain), attribute="carried.again")
    no_more = fields.List(fields.Nested(NoMoreAsked), attribute="carried.no_more")
