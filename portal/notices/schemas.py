"""What goes out about notices."""

from marshmallow import fields

from kernel.web.schemas import Answer, Body, Moment


class ReadIt(Body):
    """A body without fields."""


class NoticeAnswer(Answer):
    """One notice."""

    id = fields.String()
    kind = fields.String()
    text = fields.String()
    dwelling = fields.String()
    at = Moment()
    read = fields.Boolean()


class NoticesAnswer(Answer):
    """All of an account's."""

    notices = fields.List(fields.Nested(NoticeAnswer))
