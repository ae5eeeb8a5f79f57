"""Every select over representatives."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.errors import NotFound
from kernel.people.models import Person
from surveys.votes.representatives.models import OwnerRepresentative

_LIVE = sa.and_(OwnerRepresentative.confirmed_at.is_not(None), OwnerRepresentative.ended_at.is_(None))


def represented_by(session: Session, person_ids: Sequence[int]) -> Sequence[sa.Row[int, int, str]]:
    """Of some persons: (representative, owner's inner id, owner's public id) of every confirmed representation."""
    return session.execute(
        sa.select(OwnerRepresentative.representative_id, Person.id, Person.public_id)
        .join(Person, Person.id == OwnerRepresentative.owner_id)
        .where(_LIVE, OwnerRepresentative.representative_id.in_(person_ids))
    ).all()


def speakers_for(session: Session, owner_ids: Sequence[int]) -> dict[int, Person]:
    """Owner's inner id → the confirmed representative, for those of some owners who have one."""
    rows = session.execute(
        sa.select(OwnerRepresentative.owner_id, Person)
        .join(Person, Person.id == OwnerRepresentative.representative_id)
        .where(_LIVE, OwnerRepresentative.owner_id.in_(owner_ids))
    )
    return {row.owner_id: row.Person for row in rows}


def grounds_of(session: Session, person_ids: Sequence[int]) -> dict[int, str]:
    """Of some owners: by what right somebody votes for them, for those who have a confirmed representative."""
    rows = session.execute(
        sa.select(OwnerRepresentative.owner_id, OwnerRepresentative.ground).where(
            _LIVE, OwnerRepresentative.owner_id.in_(person_ids)
        )
    )
    return {row.owner_id: row.ground for row in rows}


def representative_by_public_id(session: Session, public_id: str) -> OwnerRepresentative:
    """A representative. Raises NotFound."""
    found = session.scalar(sa.select(OwnerRepresentative).where(OwnerRepresentative.public_id == public_id))
    if found is None:
        raise NotFound("no-such-representative", "没有找到这条代表人登记。")
    return found


def of_owners(session: Session, owner_ids: Sequence[int]) -> Sequence[OwnerRepresentative]:
    """The representatives, confirmed or waiting, of some owners."""
    return session.scalars(
        sa.select(OwnerRepresentative)
        .where(OwnerRepresentative.owner_id.in_(owner_ids), OwnerRepresentative.ended_at.is_(None))
        .order_by(OwnerRepresentative.entered_at, OwnerRepresentative.public_id)
    ).all()
