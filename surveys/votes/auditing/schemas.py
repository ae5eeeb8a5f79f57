"""The shapes of an auditor's downloads."""

from marshmallow import fields

from kernel.web.schemas import Answer


class AuditFileOut(Answer):
    """A file for the auditor: its name, its media type and its text."""

    name = fields.String()
    type = fields.String()
    content = fields.String()
