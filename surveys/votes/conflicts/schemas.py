"""The shapes of ballots in question at the edge."""

from marshmallow import fields

from kernel.web.schemas import Answer, Body, text
from surveys.votes.rules.conflicts import Decision


class BallotObjectionIn(Body):
    """Why a ballot of one's own line is objected to."""

    reason = text(200, 2, required=True)


class BallotDoubtIn(Body):
    """Which ballot is doubted, and why."""

    receipt_no = text(14, 10, required=True)
    reason = text(200, 2, required=True)


class BallotSettlementIn(Body):
    """What the street decided, and why."""

    decision = fields.Enum(Decision, by_value=True, required=True)
    why = text(200, 2, required=True)


class BallotConflictOut(Answer):
    """A ballot in question; never what was chosen."""

    id = fields.String(attribute="public_id")
    kind = fields.String()
    state = fields.String()
    decision = fields.String(allow_none=True)
