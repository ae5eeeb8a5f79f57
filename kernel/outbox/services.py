"""Staging and delivering news. Handlers are told at least once, so a handler told twice must count once."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import core, for_update, reading, transaction, use_case
from kernel.outbox.models import OutboxRow

log = logging.getLogger(__name__)

TRIES = 12
LEASE = timedelta(minutes=2)
"""How long a runner has what it took in hand; what it did not finish then is taken up again."""


class Handler(Protocol):
    """Hears one topic. Idempotent; may call out; raises to be told again later."""

    def __call__(self, payload: dict[str, Any], *, now: datetime) -> None: ...


_STAGE = sa.insert(OutboxRow.metadata.tables["outbox"]).inline()  # built once: hot writes stage news, no one its id


def stage(
    session: Session, topic: str, payload: dict[str, Any], *, now: datetime, due_at: datetime | None = None
) -> None:
    """Stage news in the caller's transaction, to be delivered now or at ``due_at``.

    ``payload``: small JSON of ids; no names, phones, answers or choices.
    """
    row = {"topic": topic, "payload": payload, "staged_at": now, "due_at": due_at or now, "tries": 0}
    core(session).execute(_STAGE, row)


def deliver_due(handlers: Mapping[str, Sequence[Handler]], *, now: datetime, limit: int = 200) -> int:
    """Deliver what is due; how many rows were delivered.

    Rows are leased before their handlers run (outside any transaction, they may call out) and settled together after:
    a runner killed in between is followed by one that tells again when the lease ends. News nobody hears costs no more
    than its share of those two transactions. After ``TRIES`` failures a row is dead.
    """
    delivered: list[int] = []
    failed: dict[int, str] = {}
    for row in _lease(now=now, limit=limit):
        try:
            for handler in handlers.get(row.topic, ()):
                handler(dict(row.payload), now=now)
        except Exception as error:
            # The text of an error may hold secrets or people's data: its kind is enough to find it.
            log.warning("outbox handler failed", extra={"topic": row.topic, "error": type(error).__name__})
            failed[row.id] = type(error).__name__
        else:
            delivered.append(row.id)
    if delivered or failed:
        _settle(delivered, failed, now=now)
    return len(delivered)


@use_case
def _lease(*, now: datetime, limit: int) -> list[OutboxRow]:
    with transaction() as session:
        rows = session.scalars(
            for_update(
                sa.select(OutboxRow)
                .where(OutboxRow.dead_at.is_(None), OutboxRow.due_at <= now)
                .order_by(OutboxRow.due_at)
                .limit(limit),
                skip_locked=True,
            )
        ).all()
        for row in rows:
            row.due_at = now + LEASE
            row.tries += 1
        return list(rows)


@use_case
def _settle(delivered: Sequence[int], failed: Mapping[int, str], *, now: datetime) -> None:
    with transaction() as session:
        session.execute(sa.delete(OutboxRow).where(OutboxRow.id.in_(delivered)))
        for row in session.scalars(sa.select(OutboxRow).where(OutboxRow.id.in_(failed))):
            row.last_error = failed[row.id]
            row.due_at = now + timedelta(seconds=min(5 * 2**row.tries, 3600))
            if row.tries >= TRIES:
                row.dead_at = now


def counts() -> dict[str, int]:
    """Rows waiting and dead, for readiness and the operator."""
    session = reading()
    waiting = session.scalar(sa.select(sa.func.count()).select_from(OutboxRow).where(OutboxRow.dead_at.is_(None)))
    dead = session.scalar(sa.select(sa.func.count()).select_from(OutboxRow).where(OutboxRow.dead_at.is_not(None)))
    return {"waiting": waiting or 0, "dead": dead or 0}
