"""What may come in about corrections, and what goes out."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, Moment, text


class Correct(Body):
    """A newer wording for a campaign. ``mapping``: what is not the same on both sides; see ``rules.mapping``."""

    version = text(22, 22, required=True)
    mapping = fields.Dict(load_default=dict, validate=validate.Length(max=8))
    reason = text(400, 2, required=True)


class Remap(Body):
    """Another mapping for a campaign's last correction."""

    mapping = fields.Dict(required=True, validate=validate.Length(max=8))
    reason = text(400, 2, required=True)


class MappingAnswer(Answer):
    """A complete mapping."""

    mapping = fields.Dict()


class CorrectionAnswer(Answer):
    """One correction of a campaign."""

    from_version = fields.String()
    to_version = fields.String()
    reason = fields.String()
    corrected_at = Moment()


class CorrectionsAnswer(Answer):
    """All corrections of a campaign, oldest first, and the wording it asks with now. ``remapped``: mappings that were
    replaced by another while it ran."""

    campaign = fields.String()
    version = fields.String()
    corrections = fields.List(fields.Nested(CorrectionAnswer))
    remapped = fields.List(fields.Nested(CorrectionAnswer))
