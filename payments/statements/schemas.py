"""What may come in and what goes out of bank statements."""

import marshmallow as ma
from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, text, whole_number
from payments.cash_desk.schemas import amount
from payments.rules.bank_line import OFFERED


class StatementForm(Body):
    """Which account the file is of: the last four digits of its number."""

    tail = text(4, 4, required=True)


class StatementFile(ma.Schema):
    """The statement itself."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})

    class Meta:
        unknown = ma.RAISE


class StatementImported(Answer):
    """What the import did."""

    account = fields.String(required=True)
    lines = fields.Integer(required=True)
    new = fields.Integer(required=True)
    known = fields.Integer(required=True)
    review = fields.Integer(required=True)
    matched = fields.Integer(required=True)
    waiting = fields.Integer(required=True)


class LinePartIn(Body):
    """A household so much of the line is for: its id, its reference, or its door as people write it."""

    home = text(60, 1, required=True)
    amount_fen = amount(required=True)


class BankLineProposal(Body):
    """What a line is, and why; which households it credits, which cash arrived with it, what a terminal's bank kept,
    which estate bears a fee, or which line it is told again.
    """

    decision = fields.String(
        required=True, validate=validate.OneOf([one.value for one in OFFERED], error="请选一种处理方式。")
    )
    why = text(200, 2, required=True)
    parts = fields.List(fields.Nested(LinePartIn), load_default=list, validate=validate.Length(max=200))
    banking = text(22, load_default="")
    fee_fen = whole_number(0, 10**15, load_default=0)
    estate = text(22, load_default="")
    same_as = text(22, load_default="")


class BankLineOut(Answer):
    """The line that was acted upon."""

    id = fields.String(required=True)
