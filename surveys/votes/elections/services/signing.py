"""Signatures for a cause – a petition, a nominee – a head of today's roll each, by phone or on paper."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from surveys.votes.elections import queries as elections
from surveys.votes.elections.models import NomineeSignature, RecallPetition, RecallSignature
from surveys.votes.elections.queries import Cause, Signature


def standing(session: Session, cause: Cause) -> dict[int, Signature]:
    """Dwelling that names a head → its signature, those taken back left out."""
    signed = elections.ever_signed(session, cause)
    return {head: row for head, row in signed.items() if row.withdrawn_at is None}


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
    lines = heads if isinstance(heads, Mapping) else dict.fromkeys(heads)
    known = elections.ever_signed(session, cause)
    fresh = []
    for dwelling_id, line_id in lines.items():
        row = known.get(dwelling_id)
        if row is None:
            row = _unsigned(cause, dwelling_id)
            session.add(row)
        elif row.withdrawn_at is None:
            continue
        row.account_id, row.sheet_line_id, row.signed_at, row.withdrawn_at = account_id, line_id, now, None
        fresh.append(dwelling_id)
    session.flush()
    return fresh


def _unsigned(cause: Cause, dwelling_id: int) -> Signature:
    if isinstance(cause, RecallPetition):
        return RecallSignature(petition_id=cause.id, dwelling_id=dwelling_id)
    return NomineeSignature(nominee_id=cause.id, dwelling_id=dwelling_id)


def take_back(session: Session, cause: Cause, heads: Iterable[int], *, now: datetime) -> list[int]:
    """Take signatures back; gives the heads whose stood. The caller holds the cause."""
    signed = standing(session, cause)
    gone = [head for head in heads if head in signed]
    for head in gone:
        signed[head].withdrawn_at = now
    session.flush()
    return gone
