"""A vote's terms: the statements that find and keep them."""

from typing import Any

import sqlalchemy as sa
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


def keep_terms(session: Session, vote: Vote, terms: Terms) -> dict[str, Any]:
    """Write how a draft will be cast, in place of what was set before; gives what the row says."""
    values = {
        "clash": str(terms.clash),
        "paper": terms.paper,
        "agent_limit": terms.agent_limit,
        "bar_staff": terms.bar_staff,
    }
    session.execute(sa.delete(CastingTerms).where(CastingTerms.vote_id == vote.id))
    session.execute(sa.insert(CastingTerms).values(vote_id=vote.id, **values))
    return values
