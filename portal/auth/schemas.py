"""What goes in and out about sessions."""

from marshmallow import fields

from kernel.web.schemas import Answer, Body, Moment


class SignOut(Body):
    """``everywhere``: all phones and computers of this account."""

    everywhere = fields.Boolean(load_default=False)


class EndThis(Body):
    """A body without fields."""


class Ended(Answer):
    """How many sessions ended."""

    ended = fields.Integer()


class SessionAnswer(Answer):
    """One place where the account is signed in."""

    id = fields.String()
    device = fields.String()
    made_at = Moment()
    seen_at = Moment()
    ends_at = Moment()
    current = fields.Boolean()


class SessionsAnswer(Answer):
    """All of them, last seen first."""

    sessions = fields.List(fields.Nested(SessionAnswer))
