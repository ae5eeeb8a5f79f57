"""The shapes of paper ballots at the edge."""

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, Moment, text
from surveys.votes.rules.paper import VoidReason
from surveys.votes.schemas import MOST_MOTIONS, Ticked

MOST_LINES = 500
MOST_PHOTOS = 4


class PrintPapers(Body):
    """Which lines get a paper: some, or all of the roll that have none."""

    lines = fields.List(
        text(22, 22), load_default=None, allow_none=True, validate=ma.validate.Length(1, MOST_LINES, error="请选房屋。")
    )


class HandPaper(Body):
    """Who asked for the paper, and who took it."""

    asked_by = text(40, 1, required=True)
    to = text(40, 1, required=True)
    agent = fields.Boolean(load_default=False)


class ReturnPaper(Body):
    """When the paper was received, and its photos."""

    received_at = Moment(load_default=None, allow_none=True)
    evidence = fields.List(
        text(22, 22), load_default=list, validate=ma.validate.Length(0, MOST_PHOTOS, error=f"最多 {MOST_PHOTOS} 张。")
    )


def _entries(**more: object) -> fields.Dict:
    return fields.Dict(
        keys=text(22, 1),
        values=Ticked(),
        required=True,
        validate=ma.validate.Length(max=MOST_MOTIONS + 1, error="选票上没有这么多事项。"),
        **more,  # type: ignore[arg-type]
    )


class KeyPaper(Body):
    """What the paper says: motion id → choice word, candidate ids, or ``spoilt``; and whether it is signed."""

    choices = _entries()
    signed = fields.Boolean(required=True)


class DecidePaper(Body):
    """One of the two readings of every field that differs; ``signed`` as yes or no."""

    decided = _entries()


class VoidPaper(Body):
    """Why a paper counts for nothing, and whether the line gets a new one."""

    reason = fields.Enum(VoidReason, by_value=True, required=True)
    reprint = fields.Boolean(load_default=False)


class PaperOut(Answer):
    """A paper as the workers see it; never what it says."""

    serial = fields.String()
    number = fields.Integer()
    state = fields.String()
    received_at = Moment(allow_none=True)
    void_reason = fields.String(allow_none=True)


class PaperAccountOut(Answer):
    """The account of a vote's papers."""

    printed = fields.Integer()
    returned = fields.Integer()
    void = fields.Integer()
    unreturned = fields.Integer()
    settled = fields.Integer()
    adds_up = fields.Boolean()
