"""Every select over what is public, and what waits to become so."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update, insert_ignoring
from surveys.questionnaires.publicly.models import PublicChange, PublicRelease, PublicSeen


def keep(session: Session, rows: Sequence[tuple[Any, int, str]]) -> None:
    """Keep (document, sign, part) triples that were just counted for the next release of their estates."""
    session.execute(
        sa.insert(PublicChange),
        [
            {
                "campaign_id": row.campaign_id,
                "estate_id": row.estate_id,
                "dwelling_id": row.dwelling_id,
                "response_id": row.id,
                "sign": sign,
                "part": part,
            }
            for row, sign, part in rows
        ],
    )


def estates_with_changes(session: Session, dwellings: int) -> Sequence[tuple[int, int]]:
    """(campaign id, estate id) pairs for which so many dwellings or more wait."""
    rows = session.execute(
        sa.select(PublicChange.campaign_id, PublicChange.estate_id)
        .group_by(PublicChange.campaign_id, PublicChange.estate_id)
        .having(sa.func.count(PublicChange.dwelling_id.distinct()) >= dwellings)
    )
    return [(row[0], row[1]) for row in rows]


def release_for_change(session: Session, campaign_id: int, estate_id: int, now: datetime) -> PublicRelease:
    """An estate's release, locked; an empty one is made on first need."""
    empty = {"campaign_id": campaign_id, "estate_id": estate_id, "number": 0, "taken_at": now, "document": {}}
    session.execute(insert_ignoring(session, PublicRelease).values(empty).on_conflict_do_nothing())
    return session.scalars(
        for_update(
            sa.select(PublicRelease).where(
                PublicRelease.campaign_id == campaign_id, PublicRelease.estate_id == estate_id
            )
        )
    ).one()


def changes(session: Session, campaign_id: int, estate_id: int, limit: int) -> Sequence[PublicChange]:
    """What waits for an estate, locked."""
    return session.scalars(
        for_update(
            sa.select(PublicChange)
            .where(PublicChange.campaign_id == campaign_id, PublicChange.estate_id == estate_id)
            .limit(limit),
            skip_locked=True,
        )
    ).all()


def forget(session: Session, ids: Sequence[int]) -> None:
    """Take changes off the list."""
    session.execute(sa.delete(PublicChange).where(PublicChange.id.in_(ids)))


def seen(session: Session, campaign_id: int, dwelling_ids: Sequence[int]) -> set[int]:
    """Those of some dwellings that a release has looked at before."""
    return set(
        session.scalars(
            sa.select(PublicSeen.dwelling_id).where(
                PublicSeen.campaign_id == campaign_id, PublicSeen.dwelling_id.in_(dwelling_ids)
            )
        )
    )


def now_seen(session: Session, campaign_id: int, dwelling_ids: Sequence[int]) -> None:
    """Remember that a release has looked at some dwellings."""
    rows = [{"campaign_id": campaign_id, "dwelling_id": dwelling_id} for dwelling_id in dwelling_ids]
    session.execute(insert_ignoring(session, PublicSeen).values(rows).on_conflict_do_nothing())


def releases(session: Session, campaign_id: int, estate_ids: Sequence[int]) -> Sequence[PublicRelease]:
    """The releases of some estates."""
    return session.scalars(
        sa.select(PublicRelease).where(
            PublicRelease.campaign_id == campaign_id, PublicRelease.estate_id.in_(estate_ids)
        )
    ).all()
