"""Every select over codes of helped ballots."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.people.models import Person
from surveys.votes.assisted.models import AssistedCode


def hold_person(session: Session, person_id: int) -> None:
    """Hold a voter while codes to his phone are counted."""
    session.execute(for_update(sa.select(Person.id).where(Person.id == person_id)))


def sent_to(session: Session, phone_index: bytes, since: datetime) -> Sequence[datetime]:
    """When codes were made for a phone since a moment, newest first."""
    return session.scalars(
        sa.select(AssistedCode.made_at)
        .where(AssistedCode.phone_index == phone_index, AssistedCode.made_at > since)
        .order_by(AssistedCode.made_at.desc())
    ).all()


def asked_by(session: Session, helper_id: int, since: datetime) -> int:
    """How many codes a worker asked for since a moment."""
    counted = sa.select(sa.func.count()).select_from(AssistedCode)
    return session.scalar(counted.where(AssistedCode.helper_id == helper_id, AssistedCode.made_at > since)) or 0


def code_of(session: Session, helper_id: int, public_id: str, *, hold: bool = False) -> AssistedCode:
    """A code a worker asked for. Raises NotFound, for somebody else's as well."""
    statement = sa.select(AssistedCode).where(AssistedCode.public_id == public_id, AssistedCode.helper_id == helper_id)
    found = session.scalar(for_update(statement) if hold else statement)
    if found is None:
        raise NotFound("no-such-code", "没有找到这个验证码，请重新发一个。")
    return found


def code_by_public_id(session: Session, public_id: str) -> AssistedCode | None:
    """A code by its public id, or None."""
    return session.scalar(sa.select(AssistedCode).where(AssistedCode.public_id == public_id))


def use(session: Session, code_id: int, ballot_id: int, *, now: datetime) -> bool:
    """Let a confirmed code confirm a ballot; False when it has confirmed one already."""
    done = session.execute(
        sa.update(AssistedCode)
        .where(AssistedCode.id == code_id, AssistedCode.used_at.is_(None))
        .values(used_at=now, ballot_id=ballot_id)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]
