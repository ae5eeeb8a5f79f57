"""Every select over grants."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.grants.models import Grant
from kernel.places.models import Place


def current(session: Session, person_id: int, roles: Sequence[str], now: datetime) -> Sequence[tuple[Grant, Place]]:
    """The person's grants of some roles whose term runs now, each with its place."""
    rows = session.execute(
        sa.select(Grant, Place)
        .join(Place, Place.id == Grant.place_id)
        .where(
            Grant.person_id == person_id,
            Grant.role.in_(roles),
            Grant.starts_at <= now,
            sa.or_(Grant.ends_at.is_(None), Grant.ends_at > now),
            sa.or_(Grant.revoked_at.is_(None), Grant.revoked_at > now),
        )
        .order_by(Place.path)
    )
    return [(row.Grant, row.Place) for row in rows]
