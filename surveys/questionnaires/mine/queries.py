"""Every select over what one account has said in questionnaires."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.people.models import Relation, Tie
from kernel.places.models import Dwelling, Place
from surveys.questionnaires.drafts.models import Draft
from surveys.questionnaires.models import Attachment, Campaign, Response
from surveys.questionnaires.rules.lifecycle import ENTERED
from surveys.questionnaires.rules.standing import DisputeKind, Evidence
from surveys.questionnaires.standing.models import Dispute


def responses_of(session: Session, account_id: int) -> list[Any]:
    """All sheets an account handed in for its own household, the latest first: (response, campaign, dwelling, estate).

    What it entered as a worker, at a door or from paper, is the household's and not among them.
    """
    return _sheets(session, Response.account_id == account_id, Response.channel.not_in(ENTERED))


def entered_for_homes_of(session: Session, account_id: int) -> list[Any]:
    """All sheets others filled in at the door or from paper for the dwellings an account has proved that it speaks for,
    the latest first: (response, campaign, dwelling, estate)."""
    homes = sa.select(Tie.dwelling_id).where(
        Tie.account_id == account_id,
        Tie.ended_at.is_(None),
        Tie.level >= Evidence.PROVED,
        Tie.relation != Relation.NEIGHBOUR,
    )
    return _sheets(session, Response.dwelling_id.in_(homes), Response.channel.in_(ENTERED))


def _sheets(session: Session, *conditions: sa.ColumnElement[bool]) -> list[Any]:
    return list(
        session.execute(
            sa.select(Response, Campaign, Dwelling, Place)
            .join(Campaign, Campaign.id == Response.campaign_id)
            .join(Dwelling, Dwelling.id == Response.dwelling_id)
            .join(Place, Place.id == Response.estate_id)
            .where(*conditions)
            .order_by(Response.submitted_at.desc(), Response.id.desc())
            .limit(500)
        )
    )


def campaign_of(session: Session, response: Response) -> Campaign:
    """The campaign a sheet answers."""
    return session.get_one(Campaign, response.campaign_id)


def pictures_of(session: Session, account_id: int) -> Sequence[Attachment]:
    """The pictures an account uploaded that are kept, without those that it took for other households."""
    return session.scalars(
        sa.select(Attachment)
        .outerjoin(Response, Response.id == Attachment.response_id)
        .where(
            Attachment.account_id == account_id,
            sa.or_(Attachment.response_id.is_(None), Response.channel.not_in(ENTERED)),
        )
        .order_by(Attachment.created_at.desc())
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
    """The cases an account raised, without those its work for other households raised."""
    return session.scalars(
        sa.select(Dispute)
        .join(Response, Response.id == Dispute.response_id)
        .where(
            Dispute.account_id == account_id,
            sa.or_(Dispute.kind == DisputeKind.OBJECTION, Response.channel.not_in(ENTERED)),
        )
        .order_by(Dispute.raised_at.desc())
    ).all()
