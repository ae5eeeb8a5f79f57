"""Every statement of forgetting."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.evidence.models import EvidenceFile, EvidenceUse
from surveys.questionnaires.models import Attachment, Campaign, Purpose, Response
from surveys.questionnaires.needs.models import EffectMark
from surveys.questionnaires.paper.models import PaperObjection, SurveyKeying, SurveyPaper
from surveys.questionnaires.rules.lifecycle import ENTERED, State
from surveys.questionnaires.second_visitors.models import SecondVisitor
from surveys.questionnaires.standing.models import Dispute, Review

FORGOTTEN = b""
"""What stands in place of a keying that was forgotten."""


def campaigns_due(session: Session, closed_before: datetime) -> Sequence[Campaign]:
    """Campaigns that closed before a moment, the oldest first."""
    return session.scalars(
        sa.select(Campaign)
        .where(Campaign.state == State.CLOSED, Campaign.closed_at < closed_before)
        .order_by(Campaign.closed_at)
    ).all()


def _named(campaign_id: int, nobody: int | None) -> sa.ColumnElement[bool]:
    return sa.and_(
        Response.campaign_id == campaign_id,
        sa.or_(
            Response.private_sealed.is_not(None),
            Response.person_id.is_not(None),
            Response.account_id != (nobody or 0),
        ),
    )


def named(session: Session, campaign_id: int, nobody: int | None, limit: int) -> Sequence[int]:
    """Responses of a campaign that still say whose they are (inner ids)."""
    return session.scalars(sa.select(Response.id).where(_named(campaign_id, nobody)).limit(limit)).all()


def count_named(session: Session, campaign_id: int, nobody: int | None) -> int:
    """How many they are."""
    return session.scalar(sa.select(sa.func.count()).select_from(Response).where(_named(campaign_id, nobody))) or 0


def unname(session: Session, ids: Sequence[int], nobody: int) -> None:
    """Take names, phones and accounts from some responses: the one change the table lets through."""
    session.execute(
        sa.update(Response)
        .where(Response.id.in_(ids))
        .values(private_sealed=None, person_id=None, account_id=nobody)
        .execution_options(synchronize_session=False)
    )


def signatures(session: Session, campaign_id: int, limit: int) -> Sequence[Attachment]:
    """The signatures kept with a campaign's responses."""
    return session.scalars(
        sa.select(Attachment)
        .where(Attachment.campaign_id == campaign_id, Attachment.purpose == Purpose.SIGNATURE)
        .limit(limit)
    ).all()


def unname_pictures(session: Session, campaign_id: int, nobody: int) -> None:
    """Let photos no longer say who took them."""
    session.execute(
        sa.update(Attachment)
        .where(Attachment.campaign_id == campaign_id, Attachment.account_id != nobody)
        .values(account_id=nobody)
    )


def said_of(session: Session, campaign_id: int) -> Sequence[Dispute]:
    """All cases of a campaign, oldest first."""
    return session.scalars(
        sa.select(Dispute).where(Dispute.campaign_id == campaign_id).order_by(Dispute.raised_at, Dispute.id)
    ).all()


def reviews_of(session: Session, campaign_id: int) -> Sequence[Any]:
    """(response id, account id) of what households said of a campaign's sheets."""
    return session.execute(
        sa.select(Review.response_id, Review.account_id)
        .join(Response, Response.id == Review.response_id)
        .where(Response.campaign_id == campaign_id)
        .order_by(Review.response_id, Review.account_id)
    ).all()


def unname_review(session: Session, response_id: int, account_id: int, nobody: int) -> None:
    """Let what a household said of a sheet no longer say who said it."""
    session.execute(
        sa.update(Review)
        .where(Review.response_id == response_id, Review.account_id == account_id)
        .values(account_id=nobody)
        .execution_options(synchronize_session=False)
    )


def unname_visits(session: Session, campaign_id: int) -> None:
    """Let visits no longer say who made them and who came along."""
    visits = sa.select(Response.id).where(Response.campaign_id == campaign_id)
    session.execute(
        sa.update(SecondVisitor)
        .where(SecondVisitor.response_id.in_(visits))
        .values(person_id=None, asked_by=None)
        .execution_options(synchronize_session=False)
    )


def unname_paper_objections(session: Session, campaign_id: int) -> None:
    """Let objections to papers no longer say who of the household raised them."""
    papers = sa.select(SurveyPaper.id).where(SurveyPaper.campaign_id == campaign_id)
    session.execute(
        sa.update(PaperObjection)
        .where(PaperObjection.paper_id.in_(papers))
        .values(account_id=None)
        .execution_options(synchronize_session=False)
    )


def unname_marks(session: Session, campaign_id: int, nobody: int) -> None:
    """Let marks no longer say who of the household gave them."""
    session.execute(
        sa.update(EffectMark)
        .where(EffectMark.campaign_id == campaign_id, EffectMark.account_id != nobody)
        .values(account_id=nobody)
        .execution_options(synchronize_session=False)
    )


def photographed(session: Session, campaign_id: int) -> Sequence[Any]:
    """Photos kept with the sheets that workers entered, with the version and the answers that name them."""
    return session.execute(
        sa.select(Attachment, Response.version_id, Response.answers)
        .join(Response, Response.id == Attachment.response_id)
        .where(
            Attachment.campaign_id == campaign_id,
            Attachment.purpose == Purpose.PHOTO,
            Response.channel.in_(ENTERED),
        )
    ).all()


def photographed_papers(session: Session, campaign_id: int, limit: int) -> Sequence[str]:
    """Public ids of a campaign's papers, also of those made void, whose photos are kept as proofs."""
    return session.scalars(
        sa.select(SurveyPaper.public_id)
        .join(EvidenceUse, EvidenceUse.subject == sa.literal("survey_paper:").concat(SurveyPaper.public_id))
        .join(EvidenceFile, EvidenceFile.id == EvidenceUse.file_id)
        .where(SurveyPaper.campaign_id == campaign_id, EvidenceFile.storage_key != "")
        .distinct()
        .limit(limit)
    ).all()


def forget_keyings(session: Session, campaign_id: int) -> None:
    """Forget what was keyed of papers: it is in the responses."""
    papers = sa.select(SurveyPaper.id).where(SurveyPaper.campaign_id == campaign_id)
    session.execute(
        sa.update(SurveyKeying)
        .where(SurveyKeying.paper_id.in_(papers), SurveyKeying.sealed != FORGOTTEN)
        .values(sealed=FORGOTTEN)
        .execution_options(synchronize_session=False)
    )
