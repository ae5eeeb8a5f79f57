"""The shapes of written proxies at the edge."""

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, text
from surveys.votes.rules.proxies import Powers

MOST_PHOTOS = 4


class NewProxyIn(Body):
    """A proxy as the paper says it; days are China's, the last one included."""

    line = text(22, 22, required=True)
    principal = text(22, 22, required=True)
    agent_name = text(40, 1, required=True)
    agent_phone = text(20, 11, required=True)
    matter = text(200, 1, required=True)
    powers = fields.Enum(Powers, by_value=True, required=True)
    signed_on = fields.Date(required=True)
    valid_until = fields.Date(required=True)
    evidence = fields.List(
        text(22, 22), load_default=list, validate=ma.validate.Length(0, MOST_PHOTOS, error=f"最多 {MOST_PHOTOS} 张。")
    )


class ProxyDecisionIn(Body):
    """Whether the second worker found the entry right."""

    good = fields.Boolean(required=True)
    why = text(200, load_default="")


class ProxyEndIn(Body):
    """Why a proxy is withdrawn."""

    why = text(200, 2, required=True)


class ProxyOrderIn(Body):
    """An order that needs no words."""


class BarredAgentIn(Body):
    """Somebody who may not be an agent at the vote's place."""

    name = text(40, 1, required=True)
    phone = text(20, 11, required=True)
    why = text(80, 2, required=True)


class ProxyOut(Answer):
    """A proxy; names and phones stay inside."""

    id = fields.String(attribute="public_id")
    state = fields.String()
    powers = fields.String()


class BarredAgentOut(Answer):
    """The id of what was made or changed."""

    id = fields.String()
