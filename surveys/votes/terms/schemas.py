"""The shape of a vote's terms at the edge."""

from marshmallow import fields

from kernel.web.schemas import Body, whole_number
from surveys.votes.rules.terms import MOST_FOR_AN_AGENT, Clash


class TermsIn(Body):
    """How a vote will be cast."""

    clash = fields.Enum(Clash, by_value=True, load_default=Clash.FIRST)
    paper = fields.Boolean(load_default=True)
    agent_limit = whole_number(0, MOST_FOR_AN_AGENT, load_default=0)
    bar_staff = fields.Boolean(load_default=True)
