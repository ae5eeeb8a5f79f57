"""The shapes of ballots cast on a worker's phone."""

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Moment, text
from surveys.votes.schemas import CastBallot
from surveys.votes.secret.schemas import CastEnvelope


def _signature() -> fields.List[str]:
    return fields.List(text(22, 22), required=True, validate=ma.validate.Length(equal=1, error="请投票人本人签名。"))


class AssistedBallotIn(CastBallot):
    """A ballot with the voter of the register (``""`` for a household) and the drawn signature."""

    voter = text(22, load_default="")
    evidence = _signature()


class AssistedEnvelopeIn(CastEnvelope):
    """An envelope sealed on the worker's phone, with the drawn signature."""

    voter = text(22, load_default="")
    evidence = _signature()


class AssistedBallotOut(Answer):
    """What the voter takes along: the receipt's number."""

    receipt_no = fields.String()
    standing = fields.String()
    cast_at = Moment()
    audit_hash = fields.String()
