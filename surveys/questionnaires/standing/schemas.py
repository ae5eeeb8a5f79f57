"""What may come in about which sheet counts, and what goes out."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, Moment, text
from surveys.questionnaires.rules.standing import Opinion


class SayOpinion(Body):
    """What one of the household says of a sheet that others filled in; an objection needs words."""

    opinion = fields.String(required=True, validate=validate.OneOf(list(Opinion), error="请选确认或提异议。"))
    text = text(300, load_default="")


class Said(Answer):
    """The response one spoke of."""

    response = fields.String()


class Settle(Body):
    """Which response counts (its public id, or "" for none) and why."""

    chosen = text(22, required=True)
    reason = text(300, 2, required=True)


class Settled(Answer):
    """The dwelling whose cases are settled."""

    dwelling = fields.String()


class CaseAnswer(Answer):
    """A dwelling that waits to be settled."""

    campaign = fields.String()
    title = fields.String()
    dwelling = fields.String()
    label = fields.String()
    estate = fields.String()
    since = Moment()
    cases = fields.Integer()
    objections = fields.Integer()


class CasesAnswer(Answer):
    """What waits in one's places."""

    cases = fields.List(fields.Nested(CaseAnswer))


class VersionAnswer(Answer):
    """One sheet of a dwelling. ``counts_for``: in words what of it counts, "" for nothing; ``may_object``: one may
    confirm or contest it, until ``object_until`` or (null) while it waits to be settled."""

    response = fields.String(attribute="response.public_id")
    number = fields.Integer()
    submitted_at = Moment(attribute="response.submitted_at")
    receipt = fields.String(attribute="response.receipt")
    channel = fields.String(attribute="response.channel")
    by = fields.String()
    assisted = fields.Boolean()
    mine = fields.Boolean()
    counts = fields.Boolean()
    counts_for = fields.String()
    waits = fields.Boolean()
    opinion = fields.String()
    may_object = fields.Boolean()
    object_until = Moment(allow_none=True)


class HistoryAnswer(Answer):
    """All sheets of a dwelling, the latest first; ``changed``: how often one corrected one's own."""

    changed = fields.Integer()
    versions = fields.List(fields.Nested(VersionAnswer))
