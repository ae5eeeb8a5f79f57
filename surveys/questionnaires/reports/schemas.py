"""What may be asked of reports, and what goes out."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, Moment, text, whole_number
from surveys.questionnaires.rules.lifecycle import Channel


class ReportFilters(Body):
    """Which sheets: how they came in, how far who filled it in had proved himself (0: a worker or paper), whether a
    tenant is registered, whether people over 60 live there, one building (its public id)."""

    channel = fields.String(load_default="", validate=validate.OneOf(["", *Channel], error="没有这种填法。"))
    level = whole_number(0, 2, load_default=None, allow_none=True)
    let = fields.Boolean(load_default=None, allow_none=True)
    old = fields.Boolean(load_default=None, allow_none=True)
    building = text(22, load_default="")


class AskCrosstab(Body):
    """Two questions against each other: codes as q09 or, for a row of a matrix, q11/parking. ``columns`` "": one alone.
    ``estate``: code of one estate; empty for all of mine."""

    estate = text(64, load_default="")
    rows = text(130, 1, required=True)
    columns = text(130, load_default="")
    filters = fields.Nested(ReportFilters, load_default=dict)


class AskWords(Body):
    """What people wrote: to one question or to all, with a word in it."""

    estate = text(64, load_default="")
    question = text(82, load_default="")
    find = text(40, load_default="")
    filters = fields.Nested(ReportFilters, load_default=dict)


class ReportAnswer(Answer):
    """A report. ``document``: once it is ready; of the moment ``made_at``, when ``responses`` were counted. In a table,
    ``left_out``: estates whose answers are not counted in the corrected words yet. ``reworded_at``: since then it is in
    older words than the questionnaire; ask anew."""

    report = fields.String(attribute="public_id")
    state = fields.String(metadata={"description": "waiting, making, ready or failed"})
    spec = fields.Dict()
    estates = fields.List(fields.String(), attribute="estate_codes")
    asked_at = Moment()
    made_at = Moment(allow_none=True)
    reworded_at = Moment(allow_none=True)
    responses = fields.Integer()
    document = fields.Dict()
