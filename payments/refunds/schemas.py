"""What may come in and what goes out of giving deposits back."""

from marshmallow import fields, validate

from kernel.web.schemas import Answer, Body, Moment, text, whole_number
from payments.rules.giving_back import AskedReason, RequestState
from payments.schemas import MOST_FEN

MOST_REQUESTS = 500


def _reason() -> fields.String:
    return fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf([one.value for one in AskedReason], error="请从几种原因里选，也可以不选。"),
    )


class RefundAsked(Body):
    """Why, if the payer cares to say."""

    reason = _reason()


class RefundEntered(Body):
    """A request entered for a payer who shows his receipt."""

    receipt_number = text(24, 1, required=True)
    reason = _reason()


class RefundDeed(Body):
    """Nothing: which request stands in the address."""


class RefundRefusal(Body):
    """Why a request is refused; the payer reads it."""

    why = text(200, 2, required=True)


class RefundApprovals(Body):
    """What a preview showed: which requests, and what they come to."""

    requests = fields.List(
        text(22, 22),
        required=True,
        validate=validate.Length(1, MOST_REQUESTS, error=f"一次核准 1 到 {MOST_REQUESTS} 笔。"),
    )
    total_fen = whole_number(1, MOST_FEN, required=True)


class RefundPayee(Body):
    """Whose bank account a transfer goes to."""

    name = text(40, 2, required=True)
    bank = text(80, 2, required=True)
    account = text(48, 8, required=True)


class RefundTransfer(Body):
    """The voucher a transfer was made under."""

    voucher_no = text(64, 1, required=True)


class RefundConfirmation(Body):
    """Whether the transfer arrived, or came back."""

    arrived = fields.Boolean(required=True, truthy={True}, falsy={False})


class ConversionProposal(Body):
    """Which plan lists the estate, what a household owes (None: all it gave), what the preview came to."""

    basis = text(200, 2, required=True)
    due_fen = whole_number(1, MOST_FEN, load_default=None, allow_none=True)
    total_fen = whole_number(1, MOST_FEN, required=True)


class RefundThing(Answer):
    """What was made or acted upon."""

    id = fields.String(required=True)


class RefundStanding(Answer):
    """Where a request stands now."""

    state = fields.String(required=True, metadata={"enum": [state.value for state in RequestState]})


class RefundFailure(Answer):
    """A request of a batch that could not be approved, and why."""

    id = fields.String(required=True)
    detail = fields.String(required=True)


class RefundApprovalsOut(Answer):
    """What a batch did."""

    checked = fields.Integer(required=True)
    released = fields.Integer(required=True)
    failed = fields.List(fields.Nested(RefundFailure), required=True)


class ConversionPreviewQuery(Body):
    """What a household owes, in fen; left out: all it gave."""

    due_fen = fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(1, MOST_FEN, error="请填大于 0 的金额。")
    )


class ConversionPreviewOut(Answer):
    """What converting would do."""

    deposits = fields.Integer(required=True)
    amount_fen = fields.Integer(required=True)
    rest_fen = fields.Integer(required=True)


class RefundStep(Answer):
    """One step of the way back: its words, and whether it is behind, here, or ahead."""

    word = fields.String(required=True)
    is_done = fields.Boolean(required=True)


class RefundStatusOut(Answer):
    """Where the payer's request stands; ``id`` null: nothing asked."""

    id = fields.String(allow_none=True)
    state = fields.String(allow_none=True)
    amount_fen = fields.Integer(required=True)
    word = fields.String(required=True)
    text = fields.String(required=True)
    steps = fields.List(fields.Nested(RefundStep), required=True)
    may_ask = fields.Boolean(required=True)
    may_cancel = fields.Boolean(required=True)
    asked_at = Moment(allow_none=True)
    done_at = Moment(allow_none=True)
