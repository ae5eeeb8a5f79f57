"""What may come in and what goes out of accounts' days."""

from marshmallow import fields

from kernel.web.schemas import Answer, Body, text


class AccountDayProposal(Body):
    """That an account stands as was read; ``seen``: the mark shown with its figures."""

    seen = text(16, 16, required=True)
    why = text(200, 2, required=True)


class AccountDayThing(Answer):
    """The day that was acted upon."""

    id = fields.String(required=True)
