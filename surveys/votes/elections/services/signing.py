"""Signatures for a cause – a petition, a nominee – a head of today's roll each, by phone or on paper."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.votes.elections.models import Nominee, NomineeSignature, RecallPetition, RecallSignature

Cause = RecallPetition | Nominee


def _table(cause: Cause) -> tuple[Any, Any]:
    """The table of a cause's signatures, and its column that names the cause."""
    if isinstance(cause, RecallPetition):
        return RecallSignature, RecallSignature.petition_id
    return NomineeSignature, NomineeSignature.nominee_id


def standing(session: Session, cause: Cause) -> dict[int, Any]:
    """Dwelling that names a head → its signature, those taken back left out."""
    table, column = _table(cause)
    rows = session.scalars(sa.select(table).where(column == cause.id, table.withdrawn_at.is_(None)))
    return {row.dwelling_id: row for row in rows}


def put(
    session: Session,
    cause: Cause,
    heads: Mapping[int, int | None] | Iterable[int],
    *,
    now: datetime,
    account_id: int | None = None,
) -> list[int]:
    """Sign for heads that have not signed; gives those. On paper ``heads`` says which line of a sheet each signed on.

    The caller holds the cause. Who took a signature back may sign again.
    """
    table, column = _table(cause)
    lines = heads if isinstance(heads, Mapping) else dict.fromkeys(heads)
    known = {row.dwelling_id: row for row in session.scalars(sa.select(table).where(column == cause.id))}
    fresh = []
    for dwelling_id, line_id in lines.items():
        row = known.get(dwelling_id)
        if row is None:
            row = table(**{column.key: cause.id}, dwelling_id=dwelling_id)
            session.add(row)
        elif row.withdrawn_at is None:
            continue
        row.account_id, row.sheet_line_id, row.signed_at, row.withdrawn_at = account_id, line_id, now, None
        fresh.append(dwelling_id)
    session.flush()
    return fresh


def take_back(session: Session, cause: Cause, heads: Iterable[int], *, now: datetime) -> list[int]:
    """Take signatures back; gives the heads whose stood. The caller holds the cause."""
    signed = standing(session, cause)
    gone = [head for head in heads if head in signed]
    for head in gone:
        signed[head].withdrawn_at = now
    session.flush()
    return gone
