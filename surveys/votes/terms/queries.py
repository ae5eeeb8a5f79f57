"""Finding a vote's terms."""

from sqlalchemy.orm import Session

from surveys.votes.models import Vote
from surveys.votes.rules import terms as rules
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.terms import Clash, Terms
from surveys.votes.secret import queries as secret
from surveys.votes.terms.models import CastingTerms


def terms_of(session: Session, vote: Vote) -> Terms:
    """The terms a vote is cast under."""
    row = session.get(CastingTerms, vote.id)
    stored = Terms(Clash(row.clash), row.paper, row.agent_limit, row.bar_staff) if row else None
    return rules.of(stored, secret=is_secret(session, vote), owners=is_owners(vote))


def is_secret(session: Session, vote: Vote) -> bool:
    """Whether the vote is by envelopes."""
    return secret.key_of(session, vote.id) is not None


def is_owners(vote: Vote) -> bool:
    """Whether owners vote."""
    return vote.electorate == Electorate.OWNERS
