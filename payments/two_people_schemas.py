"""The bodies every step of two people is asked with, whatever the two decide about."""

from marshmallow import fields

from kernel.web.schemas import Body, text


class WhySaid(Body):
    """Why something is proposed."""

    why = text(200, 2, required=True)


class Agreement(Body):
    """Whether the second person agrees; else it is sent back, or withdrawn."""

    agree = fields.Boolean(required=True, truthy={True}, falsy={False})


class AgreementAsSeen(Agreement):
    """Whether the second person agrees, and to what: the mark shown with the proposal, or the figures, he read."""

    seen = text(16, 16, required=True)
