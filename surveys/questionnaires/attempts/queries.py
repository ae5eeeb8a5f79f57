"""Every select over tries at doors."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.questionnaires.attempts.models import VisitAttempt


def attempts(session: Session, campaign_id: int, dwelling_id: int) -> list[VisitAttempt]:
    """The tries at a door in a campaign, newest first."""
    return list(
        session.scalars(
            sa.select(VisitAttempt)
            .where(VisitAttempt.campaign_id == campaign_id, VisitAttempt.dwelling_id == dwelling_id)
            .order_by(VisitAttempt.at.desc())
        )
    )


def attempt_by_public_id(session: Session, public_id: str) -> VisitAttempt:
    """A try by its public id, which is known to be there."""
    return session.scalars(sa.select(VisitAttempt).where(VisitAttempt.public_id == public_id)).one()
