"""What may come in and what goes out."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, Moment, text, whole_number
from payments.rules.attempt import AttemptState, How
from payments.rules.deposit import DepositState
from payments.rules.publication import RowKind

MOST_FEN = 10**12
"""A bound for the shape of a body only; what a collection takes at most is a rule."""


class DepositPledge(Body):
    """A payer's word: how much, and that he has read which terms."""

    amount_fen = whole_number(1, MOST_FEN, required=True)
    terms_version = text(24, 1, required=True)


class BeginPayment(Body):
    """How the payer goes to WeChat: over this page in WeChat, or to WeChat's page from another browser."""

    how = fields.String(
        load_default=How.JSAPI.value, validate=validate.OneOf([How.JSAPI, How.H5], error="不能这样付款。")
    )


class DepositPledgedOut(Answer):
    """The deposit that was pledged."""

    id = fields.String(required=True)


class PaymentHandoffOut(Answer):
    """What WeChat's pay sheet is called with (WECHAT §3.4)."""

    app_id = fields.String(required=True)
    time_stamp = fields.String(required=True)
    nonce = fields.String(required=True)
    package = fields.String(required=True)
    sign_type = fields.String(required=True)
    pay_sign = fields.String(required=True)


class PaymentBegunOut(Answer):
    """An attempt to be confirmed on the phone."""

    id = fields.String(required=True, attribute="attempt")
    how = fields.String(required=True, metadata={"enum": [How.JSAPI.value, How.H5.value]})
    handoff = fields.Nested(
        PaymentHandoffOut, allow_none=True, metadata={"description": "jsapi: what WeChat is called with"}
    )
    url = fields.String(metadata={"description": "h5: the page to go to"})


class DepositReceiptOut(Answer):
    """The payer's receipt."""

    number = fields.String(required=True)
    issued_at = Moment(required=True)


class DepositStatusOut(Answer):
    """Where a deposit stands."""

    id = fields.String(required=True, attribute="deposit.public_id")
    state = fields.String(
        required=True, attribute="deposit.state", metadata={"enum": [state.value for state in DepositState]}
    )
    amount_fen = fields.Integer(required=True, attribute="deposit.amount_fen")
    paid_at = Moment(allow_none=True, attribute="deposit.paid_at")
    attempt = fields.String(allow_none=True, metadata={"enum": [state.value for state in AttemptState]})
    unreachable = fields.Boolean(required=True)
    receipt = fields.Nested(DepositReceiptOut, allow_none=True)


class BooksQuery(Body):
    """Which part of the lines: those below ``before`` (a line's ``place``)."""

    before = text(24, load_default=None, allow_none=True)


class BookRowOut(Answer):
    """One published line: no unit, no door, no name; below 0 what went out or back."""

    place = fields.String(required=True)
    kind = fields.String(required=True, metadata={"enum": [kind.value for kind in RowKind]})
    receipt_tail = fields.String(required=True)
    building = fields.String(required=True)
    amount_fen = fields.Integer(required=True)
    day = fields.Date(required=True)


class BuildingSumOut(Answer):
    """A building of at least five paying households, or all the others together."""

    building = fields.String(required=True)
    paid_households = fields.Integer(required=True)
    paid_fen = fields.Integer(required=True)


class BooksOut(Answer):
    """An estate's public books as of the last published day; ``published_to`` is null before the first period.

    ``households``: those of the adopted base of ``households_as_of``; null there: the register of today.
    ``paid_households`` is a lower bound where not exact: fewer than five are left. ``paid_fen`` is null before
    anything is published and while fewer than five households made it up, ``average_fen`` is what is asked for.
    """

    estate = fields.String(required=True)
    account_holder = fields.String(required=True)
    account_bank = fields.String(required=True)
    account_tail = fields.String(required=True)
    published_to = fields.Date(required=True, allow_none=True)
    households = fields.Integer(required=True)
    households_as_of = fields.Date(required=True, allow_none=True)
    households_on_register = fields.Integer(required=True)
    paid_households = fields.Integer(required=True)
    paid_households_is_exact = fields.Boolean(required=True)
    paid_fen = fields.Integer(required=True, allow_none=True)
    average_fen = fields.Integer(required=True)
    is_met = fields.Boolean(required=True)
    buildings = fields.List(fields.Nested(BuildingSumOut), required=True)
    rows = fields.List(fields.Nested(BookRowOut), required=True)
    next = fields.String(allow_none=True)
