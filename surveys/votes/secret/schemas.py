"""The shapes of secret elections at the edge."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, text
from surveys.votes.schemas import BallotReceiptOut

LONGEST_BASE64 = 60_000


class _Base64(fields.Field[bytes]):
    """Bytes as base64 text."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bytes:
        try:
            if isinstance(value, str) and len(value) <= LONGEST_BASE64:
                return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            pass
        raise ma.ValidationError("选票没有封好，请刷新页面再投一次。")


class CastEnvelope(Body):
    """A sealed ballot: whose line, for which text, and the envelope in base64."""

    line_id = text(22, 22, required=True)
    text_hash = text(64, 64, required=True)
    envelope = _Base64(required=True)


class EnvelopeReceiptOut(BallotReceiptOut):
    """A receipt with the hash of the envelope."""

    envelope_hash = fields.String()


class ElectionKeyIn(Body):
    """The public key of an election, as the ceremony wrote it."""

    public_key = text(400, 1, required=True)


class ElectionKeyOut(Answer):
    """What a phone needs to seal: the key, and the bytes of the padded text."""

    public_key = fields.String()
    fingerprint = fields.String()
    text_hash = fields.String(allow_none=True)
    plain_length = fields.Integer()


class OpenedNumberOut(Answer):
    """One opened ballot: a number and what was chosen, motion id → candidate ids."""

    number = fields.String()
    choices = fields.Dict()


class SecretOpeningOut(Answer):
    """The opened list of a secret election, sorted by number."""

    envelopes = fields.Integer()
    envelopes_hash = fields.String()
    invalid = fields.Integer()
    ballots = fields.List(fields.Nested(OpenedNumberOut))
