"""What may come in and what goes out of payments out of the account."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, text, whole_number
from payments.rules.spending import SpendingState
from payments.schemas import MOST_FEN


class SpendingAsked(Body):
    """A payment asked for: whom, what for, by which voucher (photos uploaded before)."""

    item = text(22, 22, required=True)
    payee = text(80, 2, required=True)
    payee_is_person = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    purpose = text(200, 2, required=True)
    voucher_no = text(40, 1, required=True)
    amount_fen = whole_number(1, MOST_FEN, required=True)
    photos = fields.List(text(22, 22), required=True, validate=validate.Length(1, 6, error="请拍 1 到 6 张凭证照片。"))


class SpendingDeed(Body):
    """Nothing: which request stands in the address."""


class SpendingWhy(Body):
    """Why it is refused or reversed; everybody who signed reads it."""

    why = text(200, 2, required=True)


class SpendingPaid(Body):
    """The bank's own number of the transfer."""

    bank_reference = text(64, 1, required=True)


class SpendingSignatories(Body):
    """How many sign."""

    signatories = whole_number(2, 3, required=True)


class SpendingThing(Answer):
    """The request that was made."""

    id = fields.String(required=True)


class SpendingStanding(Answer):
    """Where a request stands now."""

    state = fields.String(required=True, metadata={"enum": [state.value for state in SpendingState]})


class SpendingSettingOut(Answer):
    """How many sign now; ``wanted``: fewer, proposed by one and waiting for another to agree."""

    signatories = fields.Integer(required=True)
    wanted = fields.Boolean(required=True)
