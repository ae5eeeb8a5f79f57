"""Every select over mappings and corrections."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_share, for_update
from surveys.questionnaires.corrections.models import CampaignCorrection, CampaignMapping, VersionMapping
from surveys.questionnaires.models import Campaign, QuestionnaireVersion, Response, TallyCounter, TallyQueue
from surveys.questionnaires.publicly.models import PublicChange, PublicRelease
from surveys.questionnaires.sheets.models import EstateSheet


def mapping_between(session: Session, from_version_id: int, to_version_id: int) -> VersionMapping | None:
    """The mapping from one version to another, or None."""
    return session.scalar(
        sa.select(VersionMapping).where(
            VersionMapping.from_version_id == from_version_id, VersionMapping.to_version_id == to_version_id
        )
    )


def mappings_of(session: Session, questionnaire_id: int) -> Sequence[VersionMapping]:
    """All mappings between versions of a questionnaire."""
    return session.scalars(
        sa.select(VersionMapping)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == VersionMapping.from_version_id)
        .where(QuestionnaireVersion.questionnaire_id == questionnaire_id)
        .order_by(VersionMapping.made_at, VersionMapping.id)
    ).all()


def mappings_of_campaign(session: Session, campaign_id: int) -> Sequence[CampaignMapping]:
    """What a campaign says otherwise than the mappings between versions, oldest first."""
    return session.scalars(
        sa.select(CampaignMapping)
        .where(CampaignMapping.campaign_id == campaign_id)
        .order_by(CampaignMapping.made_at, CampaignMapping.id)
    ).all()


def older_wordings(session: Session, campaign_id: int) -> Sequence[tuple[int, str, str]]:
    """(id, edition, content_hash) of every version a campaign asked with before it was corrected."""
    rows = session.execute(
        sa.select(QuestionnaireVersion.id, QuestionnaireVersion.edition, QuestionnaireVersion.content_hash)
        .join(CampaignCorrection, CampaignCorrection.from_version_id == QuestionnaireVersion.id)
        .where(CampaignCorrection.campaign_id == campaign_id)
        .distinct()
    )
    return [(row[0], row[1], row[2]) for row in rows]


def not_counted_yet(session: Session, campaign_id: int) -> set[tuple[int, int, int, str]]:
    """What waits in the tally queue of a campaign: (id, response id, sign, part)."""
    rows = session.execute(
        sa.select(TallyQueue.id, TallyQueue.response_id, TallyQueue.sign, TallyQueue.part)
        .join(Response, Response.id == TallyQueue.response_id)
        .where(Response.campaign_id == campaign_id)
    )
    return {(row[0], row[1], row[2], row[3]) for row in rows}


def not_released_yet(session: Session, campaign_id: int) -> Sequence[PublicChange]:
    """What was counted in a campaign and no release has looked at."""
    return session.scalars(sa.select(PublicChange).where(PublicChange.campaign_id == campaign_id)).all()


def version_of(session: Session, campaign_id: int, *, lock: bool) -> int:
    """The version a campaign asks with now; ``lock``: and it stays so until the transaction ends."""
    statement = sa.select(Campaign.version_id).where(Campaign.id == campaign_id)
    return session.execute(for_share(statement) if lock else statement).scalar_one()


def corrections_of(session: Session, campaign_id: int) -> Sequence[CampaignCorrection]:
    """What was corrected in a campaign, oldest first."""
    return session.scalars(
        sa.select(CampaignCorrection)
        .where(CampaignCorrection.campaign_id == campaign_id)
        .order_by(CampaignCorrection.corrected_at, CampaignCorrection.id)
    ).all()


def counters_of(session: Session, campaign_id: int) -> Sequence[TallyCounter]:
    """The counters of a campaign as rows."""
    return session.scalars(sa.select(TallyCounter).where(TallyCounter.campaign_id == campaign_id)).all()


def forget_counters(session: Session, campaign_id: int) -> None:
    """Delete the counters of a campaign, to be written under other codes in the same transaction."""
    session.execute(sa.delete(TallyCounter).where(TallyCounter.campaign_id == campaign_id))


def releases_of(session: Session, campaign_id: int) -> Sequence[PublicRelease]:
    """The public releases of a campaign, locked."""
    return session.scalars(
        for_update(
            sa.select(PublicRelease).where(PublicRelease.campaign_id == campaign_id).order_by(PublicRelease.estate_id)
        )
    ).all()


def forget_sheets(session: Session, campaign_id: int) -> None:
    """Delete the kept looks at a campaign's estates; the timer makes them anew."""
    session.execute(sa.delete(EstateSheet).where(EstateSheet.campaign_id == campaign_id))
