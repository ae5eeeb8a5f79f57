"""Every select over grants."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import once
from kernel.grants.models import Grant
from kernel.grants.rules import runs
from kernel.places.models import Place

# All of a person's grants, a handful: a page asks for several roles, and each asking would be a statement.
_OF_PERSON = (
    sa.select(Grant, Place)
    .join(Place, Place.id == Grant.place_id)
    .where(Grant.person_id == sa.bindparam("person_id"))
    .order_by(Place.path)
)


def current(session: Session, person_id: int, roles: Sequence[str], now: datetime) -> Sequence[tuple[Grant, Place]]:
    """The person's grants of some roles whose term runs now, each with its place."""
    every = once(session, ("grants", person_id), lambda: session.execute(_OF_PERSON, {"person_id": person_id}).all())
    return [
        (grant, place)
        for grant, place in every
        if grant.role in roles and runs(grant.starts_at, grant.ends_at, grant.revoked_at, now)
    ]
