"""The shapes of ballots cast on a worker's phone."""

import re

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, Moment, text
from surveys.votes.schemas import CastBallot
from surveys.votes.secret.schemas import CastEnvelope


def _signature() -> fields.List[str]:
    return fields.List(
        text(22, 22), load_default=list, validate=ma.validate.Length(max=1, error="请投票人本人签名一次。")
    )


def _code() -> fields.String:
    return text(22, load_default="", metadata={"description": "id of the code the voter has said, else a signature"})


class AssistedBallotIn(CastBallot):
    """A ballot with the voter of the register (``""`` for a household) and what confirms it: signature or code."""

    voter = text(22, load_default="")
    evidence = _signature()
    code = _code()


class AssistedEnvelopeIn(CastEnvelope):
    """An envelope sealed on the worker's phone, with what confirms it: signature or code."""

    voter = text(22, load_default="")
    evidence = _signature()
    code = _code()


class AssistedBallotOut(Answer):
    """What the voter takes along: the receipt's number."""

    receipt_no = fields.String()
    standing = fields.String()
    cast_at = Moment()
    audit_hash = fields.String()


class AssistedCodeIn(Body):
    """Whose phone a code goes to."""

    line_id = text(22, 22, required=True)
    voter = text(22, 22, required=True)


class AssistedCodeSaidIn(Body):
    """The code as the voter says it."""

    code = fields.String(
        required=True, validate=ma.validate.Regexp(re.compile(r"[0-9]{6}\Z"), error="验证码是 6 位数字。")
    )


class AssistedCodeOut(Answer):
    """A code on its way: to which phone (masked), until when it is good."""

    id = fields.String()
    phone = fields.String()
    expires_at = Moment()


class AssistedCodeSaidOut(Answer):
    """The code that now confirms one ballot."""

    id = fields.String()
