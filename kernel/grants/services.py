"""Asking for, giving and ending grants. Callers of ``give`` and ``revoke`` hold the transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import new_public_id
from kernel.errors import Invalid, NotAllowed
from kernel.grants import queries
from kernel.grants.models import Grant
from kernel.grants.rules import ROLES, roles_allowing
from kernel.places.models import Place
from kernel.places.rules import is_within


def may(session: Session, person_id: int | None, action: str, place: Place, now: datetime) -> bool:
    """Whether the person may do ``action`` at ``place``: by a role at the place or above it, whose term runs now."""
    return any(is_within(place.path, at.path) for at in places_for(session, person_id, action, now))


def require(session: Session, person_id: int | None, action: str, place: Place, now: datetime) -> None:
    """Raises NotAllowed when the person may not."""
    if not may(session, person_id, action, place, now):
        raise NotAllowed("not-your-place", "您没有办理这里的权限，或任期已满。如有疑问请联系街道。")


def may_anywhere(session: Session, person_id: int | None, action: str, now: datetime) -> bool:
    """Whether the person may do ``action`` at some place."""
    return bool(places_for(session, person_id, action, now))


def places_for(session: Session, person_id: int | None, action: str, now: datetime) -> list[Place]:
    """The highest places at which the person may do ``action`` now (everything below is included)."""
    if person_id is None:
        return []
    found: list[Place] = []
    for _, place in queries.current(session, person_id, roles_allowing(action), now):
        if not any(is_within(place.path, above.path) for above in found):
            found.append(place)
    return found


def grants_of(session: Session, person_id: int | None, now: datetime) -> Sequence[tuple[Grant, Place]]:
    """All grants of a person whose term runs now."""
    return queries.current(session, person_id, list(ROLES), now) if person_id is not None else []


def give(
    session: Session,
    *,
    person_id: int,
    role: str,
    place: Place,
    now: datetime,
    granted_by: str,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Grant:
    """Give a role at a place for a term (from now on unless told otherwise); audited.

    Raises Invalid for a role nobody knows or a level of the tree it is not given at.
    """
    if role not in ROLES:
        raise Invalid("no-such-role", f"没有“{role}”这个角色。可用：{'、'.join(ROLES)}。")
    if place.kind not in ROLES[role].levels:
        raise Invalid("wrong-level", f"{ROLES[role].title}不能设在“{place.name}”这一级。")
    grant = Grant(
        public_id=new_public_id(),
        person_id=person_id,
        role=role,
        place_id=place.id,
        starts_at=starts_at or now,
        ends_at=ends_at,
        granted_by=granted_by,
    )
    session.add(grant)
    session.flush()
    audit.record(
        session,
        actor=granted_by,
        action="grant.given",
        subject=f"grant:{grant.public_id}",
        now=now,
        payload={
            "person": person_id,
            "role": role,
            "place": place.code,
            "from": grant.starts_at.isoformat(),
            "until": ends_at.isoformat() if ends_at else None,
        },
    )
    return grant


def revoke(session: Session, grant: Grant, *, by: str, now: datetime) -> None:
    """End a grant now: the person loses access with the next request; audited."""
    if grant.revoked_at is None:
        grant.revoked_at = now
        session.flush()
        audit.record(session, actor=by, action="grant.revoked", subject=f"grant:{grant.public_id}", now=now)
