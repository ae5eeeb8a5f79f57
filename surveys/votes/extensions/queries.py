"""Every select over extensions."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.votes.extensions.models import VoteExtension


def extensions_of(session: Session, vote_id: int) -> Sequence[VoteExtension]:
    """The extensions of a vote in their order."""
    return session.scalars(
        sa.select(VoteExtension).where(VoteExtension.vote_id == vote_id).order_by(VoteExtension.number)
    ).all()
