"""Every select over mappings for next year's sheets."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from surveys.questionnaires.yearly_mappings.models import YearlyMapping
from surveys.questionnaires.yearly_mappings.rules import Decision


def agreed(session: Session, from_version_id: int, to_version_id: int) -> YearlyMapping | None:
    """The mapping that counts between two versions: the one agreed to last; None when there is none."""
    return session.scalar(
        _of(from_version_id, to_version_id)
        .where(YearlyMapping.decision == Decision.AGREED)
        .order_by(YearlyMapping.decided_at.desc(), YearlyMapping.id.desc())
        .limit(1)
    )


def proposals(session: Session, from_version_id: int, to_version_id: int) -> Sequence[YearlyMapping]:
    """All that was proposed between two versions, the latest first."""
    return session.scalars(
        _of(from_version_id, to_version_id).order_by(YearlyMapping.proposed_at.desc(), YearlyMapping.id.desc())
    ).all()


def waiting_for(session: Session, to_version_id: int) -> Sequence[YearlyMapping]:
    """What waits for somebody's word, of all mappings into a version."""
    return session.scalars(
        sa.select(YearlyMapping)
        .where(YearlyMapping.to_version_id == to_version_id, YearlyMapping.decision.is_(None))
        .order_by(YearlyMapping.proposed_at, YearlyMapping.id)
    ).all()


def for_decision(session: Session, public_id: str) -> YearlyMapping:
    """A proposal, locked. Raises NotFound."""
    found = session.scalar(for_update(sa.select(YearlyMapping).where(YearlyMapping.public_id == public_id)))
    if found is None:
        raise NotFound("no-such-mapping", "没有这份新旧对照。")
    return found


def _of(from_version_id: int, to_version_id: int) -> sa.Select[YearlyMapping]:
    return sa.select(YearlyMapping).where(
        YearlyMapping.from_version_id == from_version_id, YearlyMapping.to_version_id == to_version_id
    )
