"""Every select over the audit chain."""

from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.audit.models import AuditCheckpoint, AuditEntry, AuditPayload, AuditSeal


def head(session: Session) -> AuditSeal | None:
    """The last seal of the chain."""
    return session.scalar(sa.select(AuditSeal).order_by(AuditSeal.position.desc()).limit(1))


def unsealed(session: Session, limit: int) -> Sequence[tuple[int, str]]:
    """Entries without a seal, by what has none (never by id: ids commit out of order), oldest times first."""
    rows = session.execute(
        sa.select(AuditEntry.id, AuditEntry.row_hash)
        .where(~sa.exists().where(AuditSeal.entry_id == AuditEntry.id))
        .order_by(AuditEntry.at, AuditEntry.row_hash)
        .limit(limit)
    )
    return [(row.id, row.row_hash) for row in rows]


def subjects_of(session: Session, action: str, subjects: Iterable[str]) -> Sequence[str]:
    """Of which of some subjects an action is on record, as often as it is."""
    return session.scalars(
        sa.select(AuditEntry.subject).where(AuditEntry.action == action, AuditEntry.subject.in_(list(subjects)))
    ).all()


def count_unsealed(session: Session) -> int:
    """How many entries wait for their seal."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(AuditEntry)
            .where(~sa.exists().where(AuditSeal.entry_id == AuditEntry.id))
        )
        or 0
    )


def chain(session: Session) -> Iterator[tuple[AuditSeal, AuditEntry | None, AuditPayload | None]]:
    """The whole chain in order, streamed: seal, entry (or None), payload (or None when erased)."""
    rows = session.execute(
        sa.select(AuditSeal, AuditEntry, AuditPayload)
        .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
        .outerjoin(AuditPayload, AuditPayload.entry_id == AuditSeal.entry_id)
        .order_by(AuditSeal.position)
        .execution_options(yield_per=1000)
    )
    return ((row.AuditSeal, row.AuditEntry, row.AuditPayload) for row in rows)


def position_of(session: Session, row_hash: str) -> AuditSeal | None:
    """The seal of the entry with a row hash, or None while it waits."""
    return session.scalar(
        sa.select(AuditSeal)
        .join(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
        .where(AuditEntry.row_hash == row_hash)
    )


def first_checkpoint_from(session: Session, position: int) -> AuditCheckpoint | None:
    """The first checkpoint that includes a position."""
    return session.scalar(
        sa.select(AuditCheckpoint)
        .where(AuditCheckpoint.position >= position)
        .order_by(AuditCheckpoint.position)
        .limit(1)
    )


def checkpoints(session: Session) -> Sequence[AuditCheckpoint]:
    """All checkpoints in order."""
    return session.scalars(sa.select(AuditCheckpoint).order_by(AuditCheckpoint.position)).all()
