"""What may come in about drafts of questionnaires, and what goes out."""

import marshmallow as ma
from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, Moment, text, whole_number

_CODE = validate.Regexp(r"[a-z][a-z0-9_-]{0,39}\Z", error="代码用小写字母、数字和横线，字母开头。")


class BeginFormDraft(Body):
    """A new draft: empty, from a version, or with a document of its own (another draft's, saved apart)."""

    code = fields.String(required=True, validate=_CODE)
    title = text(120, 2, required=True)
    version = text(22, 22, load_default=None, allow_none=True)
    # Not shaped here: a draft may be wrong, and the questionnaire's own reading says where.
    document = fields.Dict(load_default=None, allow_none=True)


class SaveFormDraft(Body):
    """The whole draft, as it was changed from ``number``."""

    number = whole_number(1, 1_000_000_000, required=True)
    document = fields.Dict(required=True)


class PublishFormDraft(Body):
    """Publishing what was saved as ``number``."""

    number = whole_number(1, 1_000_000_000, required=True)


class PutFormDraftAway(Body):
    """Putting a draft away: nothing to say."""


class TryFormDraft(Body):
    """Answers to try a draft with, of an imagined dwelling."""

    facts = fields.Dict(load_default=dict, validate=validate.Length(max=20))
    answers = fields.Dict(required=True, validate=validate.Length(max=800, error="题目太多。"))


class FormFile(ma.Schema):
    """An XLSForm spreadsheet."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})

    class Meta:
        unknown = ma.RAISE


class FormDraftAnswer(Answer):
    """A draft with what is wrong with it, by question code."""

    draft = fields.String()
    number = fields.Integer()
    saved_at = Moment()
    document = fields.Dict()
    faults = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


class FormDraftSaved(Answer):
    """What a save made of it."""

    draft = fields.String()
    number = fields.Integer()
    faults = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


class FormDraftPublished(Answer):
    """The frozen version."""

    version = fields.String()


class FormDraftTried(Answer):
    """The answers would be taken; so many are there."""

    answered = fields.Integer()


class FormImported(Answer):
    """The draft made of a spreadsheet, and what did not come along, with sheet and row."""

    draft = fields.String()
    listed = fields.List(fields.String())


class WordingChange(Answer):
    """One difference between two versions."""

    how = fields.String()
    code = fields.String()
    no = fields.String()
    title = fields.String()
    texts = fields.List(fields.String())


class WordingComparison(Answer):
    """What lies between two versions."""

    changes = fields.List(fields.Nested(WordingChange))
