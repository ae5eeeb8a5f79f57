"""What may come in about one's own data, and what goes out."""

from marshmallow import fields

from kernel.web.schemas import Answer, Body, text


class WithdrawConsent(Body):
    """Which consent of which of one's responses."""

    response = text(22, 22, required=True)
    question = text(82, 1, required=True)
    item = text(40, 1, required=True)


class ConsentWithdrawn(Answer):
    """``counts``: the sheet goes on to count without it; ``withdrawn``: nothing of it counts any more."""

    standing = fields.String()


class MyDataAnswer(Answer):
    """Everything kept of one in questionnaires."""

    made_at = fields.String()
    responses = fields.List(fields.Dict())
    pictures = fields.List(fields.Dict())
    drafts = fields.List(fields.Dict())
    cases = fields.List(fields.Dict())
