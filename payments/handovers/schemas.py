"""What may come in and what goes out about flats that changed hands."""

from marshmallow import fields

from kernel.web.schemas import Answer, Body, text


class DepositLeft(Body):
    """Nothing: which deposit stands in the address, and there is one thing to say."""


class DepositLeftOnPaper(Body):
    """The payer's receipt, and the paper he signed."""

    receipt_number = text(24, 4, required=True)
    paper = text(200, 2, required=True)


class DepositLeftOut(Answer):
    """The deposit that stays with its flat."""

    id = fields.String(required=True)
