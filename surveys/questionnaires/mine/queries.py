"""Every select over what one account has said in questionnaires."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.places.models import Dwelling, Place
from surveys.questionnaires.drafts.models import Draft
from surveys.questionnaires.models import Attachment, Campaign, Response
from surveys.questionnaires.standing.models import Dispute


def responses_of(session: Session, account_id: int) -> list[Any]:
    """All sheets an account handed in, the latest first: (response, campaign, dwelling, estate)."""
    return list(
        session.execute(
            sa.select(Response, Campaign, Dwelling, Place)
            .join(Campaign, Campaign.id == Response.campaign_id)
            .join(Dwelling, Dwelling.id == Response.dwelling_id)
            .join(Place, Place.id == Response.estate_id)
            .where(Response.account_id == account_id)
            .order_by(Response.submitted_at.desc(), Response.id.desc())
            .limit(500)
        )
    )


def pictures_of(session: Session, account_id: int) -> Sequence[Attachment]:
    """The pictures an account uploaded that are kept."""
    return session.scalars(
        sa.select(Attachment).where(Attachment.account_id == account_id).order_by(Attachment.created_at.desc())
    ).all()


def drafts_of(session: Session, account_id: int) -> list[Any]:
    """What an account has begun: (campaign public id, dwelling public id, saved at)."""
    return list(
        session.execute(
            sa.select(Campaign.public_id, Dwelling.public_id, Draft.saved_at)
            .join(Campaign, Campaign.id == Draft.campaign_id)
            .join(Dwelling, Dwelling.id == Draft.dwelling_id)
            .where(Draft.account_id == account_id)
        )
    )


def objections_of(session: Session, account_id: int) -> Sequence[Dispute]:
    """The cases an account raised."""
    return session.scalars(
        sa.select(Dispute).where(Dispute.account_id == account_id).order_by(Dispute.raised_at.desc())
    ).all()
