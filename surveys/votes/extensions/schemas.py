"""The shapes of an extension at the edge."""

from kernel.web.schemas import Body, Moment, text, whole_number
from surveys.votes.rules.periods import LONGEST_DAYS
from surveys.votes.schemas import this_century


class VoteExtensionIn(Body):
    """How long, why, and which body decided: days, or the instant itself."""

    days = whole_number(1, LONGEST_DAYS, load_default=None, allow_none=True)
    until = Moment(load_default=None, allow_none=True, validate=this_century)
    reason = text(200, 2, required=True)
    decided_by = text(80, 2, required=True)
