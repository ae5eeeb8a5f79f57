"""Every statement over drafts."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from surveys.questionnaires.drafts.models import Draft
from surveys.questionnaires.models import Campaign, Response


def draft_of(session: Session, campaign_id: int, dwelling_id: int, account_id: int) -> Draft | None:
    """The draft of an account for a dwelling, or None."""
    return session.get(Draft, (campaign_id, dwelling_id, account_id))


def draft_for_change(session: Session, campaign_id: int, dwelling_id: int, account_id: int) -> Draft | None:
    """The same, locked until the transaction ends."""
    return session.scalar(
        for_update(
            sa.select(Draft).where(
                Draft.campaign_id == campaign_id, Draft.dwelling_id == dwelling_id, Draft.account_id == account_id
            )
        )
    )


def is_submitted(session: Session, draft: Draft) -> bool:
    """Whether what a draft holds has been submitted since (a timer will delete it)."""
    return bool(
        session.scalar(
            sa.select(
                sa.exists().where(
                    Response.campaign_id == draft.campaign_id,
                    Response.dwelling_id == draft.dwelling_id,
                    Response.account_id == draft.account_id,
                    Response.submitted_at >= draft.saved_at,
                )
            )
        )
    )


def drop_submitted(session: Session) -> int:
    """Delete drafts whose account has submitted for that dwelling since; how many."""
    submitted = sa.exists().where(
        Response.campaign_id == Draft.campaign_id,
        Response.dwelling_id == Draft.dwelling_id,
        Response.account_id == Draft.account_id,
        Response.submitted_at >= Draft.saved_at,
    )
    return session.execute(sa.delete(Draft).where(submitted)).rowcount  # type: ignore[attr-defined]


def drop_old(session: Session, *, closed_before: datetime, saved_before: datetime) -> int:
    """Delete drafts of campaigns closed long ago, and those nobody has touched for very long; how many."""
    closed = sa.select(Campaign.id).where(Campaign.closed_at < closed_before)
    old = sa.or_(Draft.campaign_id.in_(closed), Draft.saved_at < saved_before)
    return session.execute(sa.delete(Draft).where(old)).rowcount  # type: ignore[attr-defined]
