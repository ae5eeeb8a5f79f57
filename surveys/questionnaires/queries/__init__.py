"""Every select over questionnaires, campaigns, responses and counts."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_share, for_update, once
from kernel.errors import NotFound
from kernel.places.models import Dwelling, Place
from surveys.questionnaires.models import (
    Attachment,
    Campaign,
    CampaignPlace,
    Questionnaire,
    QuestionnaireVersion,
    Response,
    TallyQueue,
    ValidResponse,
)
from surveys.questionnaires.queries.meeting import NO_CAMPAIGN
from surveys.questionnaires.queries.meeting import NO_DWELLING as NO_DWELLING
from surveys.questionnaires.queries.meeting import Asked as Asked
from surveys.questionnaires.queries.meeting import MetCampaign as MetCampaign
from surveys.questionnaires.queries.meeting import MetHome as MetHome
from surveys.questionnaires.queries.meeting import MetPlace as MetPlace
from surveys.questionnaires.queries.meeting import asked as asked
from surveys.questionnaires.queries.meeting import met as met
from surveys.questionnaires.rules.lifecycle import State


def questionnaire_by_code(session: Session, code: str) -> Questionnaire | None:
    """The questionnaire with a code, or None."""
    return session.scalar(sa.select(Questionnaire).where(Questionnaire.code == code))


def version_with_hash(session: Session, questionnaire_id: int, content_hash: str) -> QuestionnaireVersion | None:
    """The version with exactly this content, or None."""
    return session.scalar(
        sa.select(QuestionnaireVersion).where(
            QuestionnaireVersion.questionnaire_id == questionnaire_id,
            QuestionnaireVersion.content_hash == content_hash,
        )
    )


def version_by_id(session: Session, version_id: int) -> QuestionnaireVersion:
    """The version with an inner id."""
    return session.get_one(QuestionnaireVersion, version_id)


_HASH = sa.select(QuestionnaireVersion.content_hash).where(QuestionnaireVersion.id == sa.bindparam("id"))


def content_hash(session: Session, version_id: int) -> str:
    """The hash of a version's text."""
    return once(
        session, ("content hash", version_id), lambda: str(session.execute(_HASH, {"id": version_id}).scalar_one())
    )


def version_by_public_id(session: Session, public_id: str) -> QuestionnaireVersion:
    """The version with a public id. Raises NotFound."""
    found = session.scalar(sa.select(QuestionnaireVersion).where(QuestionnaireVersion.public_id == public_id))
    if found is None:
        raise NotFound("no-such-version", "没有找到这一版问卷。")
    return found


def newest_version(session: Session, code: str) -> QuestionnaireVersion:
    """The version of a questionnaire that was loaded last. Raises NotFound."""
    found = session.scalar(
        sa.select(QuestionnaireVersion)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(Questionnaire.code == code)
        .order_by(QuestionnaireVersion.loaded_at.desc())
        .limit(1)
    )
    if found is None:
        raise NotFound("no-such-questionnaire", f"没有代码为 {code} 的问卷。")
    return found


def campaign_by_public_id(session: Session, public_id: str) -> Campaign:
    """The campaign with a public id. Raises NotFound."""
    found = session.scalar(sa.select(Campaign).where(Campaign.public_id == public_id))
    if found is None:
        raise NO_CAMPAIGN
    return found


def campaign_by_id(session: Session, campaign_id: int) -> Campaign:
    """The campaign with an inner id."""
    return session.get_one(Campaign, campaign_id)


def campaign_for_change(session: Session, public_id: str) -> Campaign:
    """The campaign, locked until the transaction ends. Raises NotFound."""
    found = session.scalar(for_update(sa.select(Campaign).where(Campaign.public_id == public_id)))
    if found is None:
        raise NO_CAMPAIGN
    return found


def campaign_for_share(session: Session, campaign_id: int) -> Campaign:
    """The campaign as it is now, its wording and state held until the transaction ends."""
    statement = for_share(sa.select(Campaign).where(Campaign.id == campaign_id))
    return session.scalars(statement.execution_options(populate_existing=True)).one()


def campaigns(session: Session) -> Sequence[Campaign]:
    """All campaigns, newest first."""
    return session.scalars(sa.select(Campaign).order_by(Campaign.created_at.desc())).all()


def campaigns_due(session: Session, now: datetime) -> Sequence[str]:
    """Public ids of campaigns whose written opening or closing time has come."""
    return session.scalars(
        sa.select(Campaign.public_id).where(
            sa.or_(
                sa.and_(Campaign.state == State.DRAFT, Campaign.opens_at <= now),
                sa.and_(Campaign.state == State.OPEN, Campaign.closes_at <= now),
            )
        )
    ).all()


def current_campaign(session: Session, estate: Place, now: datetime) -> Campaign | None:
    """The campaign that asks in an estate: the one that is open, else the one that was open last, else None."""
    return session.scalar(
        sa.select(Campaign)
        .join(CampaignPlace, CampaignPlace.campaign_id == Campaign.id)
        .where(CampaignPlace.place_id == estate.id, Campaign.opened_at <= now)
        .order_by(sa.case((Campaign.state == State.OPEN, 0), else_=1), Campaign.opened_at.desc())
        .limit(1)
    )


def current_campaigns(session: Session, estate_ids: Sequence[int], now: datetime) -> dict[int, Campaign]:
    """The same of several estates, by their inner ids; those never asked are left out."""
    found: dict[int, Campaign] = {}
    for estate_id, campaign in session.execute(
        sa.select(CampaignPlace.place_id, Campaign)
        .join(Campaign, Campaign.id == CampaignPlace.campaign_id)
        .where(CampaignPlace.place_id.in_(estate_ids), Campaign.opened_at <= now)
        .order_by(sa.case((Campaign.state == State.OPEN, 0), else_=1), Campaign.opened_at.desc())
    ):
        found.setdefault(estate_id, campaign)
    return found


def open_campaigns(session: Session, estate_id: int) -> Sequence[Campaign]:
    """The campaigns that are open in an estate, oldest first."""
    return session.scalars(
        sa.select(Campaign)
        .join(CampaignPlace, CampaignPlace.campaign_id == Campaign.id)
        .where(CampaignPlace.place_id == estate_id, Campaign.state == State.OPEN)
        .order_by(Campaign.opened_at)
    ).all()


def estates_of(session: Session, campaign_id: int) -> Sequence[Place]:
    """The estates a campaign asks in, in the order of the tree."""
    return session.scalars(
        sa.select(Place)
        .join(CampaignPlace, CampaignPlace.place_id == Place.id)
        .where(CampaignPlace.campaign_id == campaign_id)
        .order_by(Place.path)
    ).all()


def answered_dwellings(session: Session, campaign_id: int, estate_id: int) -> set[int]:
    """Ids of the dwellings of an estate that have a valid response in a campaign."""
    return set(
        session.scalars(
            sa.select(ValidResponse.dwelling_id)
            .join(Dwelling, Dwelling.id == ValidResponse.dwelling_id)
            .where(ValidResponse.campaign_id == campaign_id, Dwelling.estate_id == estate_id)
        )
    )


def answered_in_estates(
    session: Session, campaign_ids: Collection[int], estate_ids: Sequence[int]
) -> dict[int, set[int]]:
    """Campaign -> ids of the dwellings of some estates that have a valid response in it."""
    found: dict[int, set[int]] = {campaign_id: set() for campaign_id in campaign_ids}
    for campaign_id, dwelling_id in session.execute(
        sa.select(ValidResponse.campaign_id, ValidResponse.dwelling_id)
        .join(Dwelling, Dwelling.id == ValidResponse.dwelling_id)
        .where(ValidResponse.campaign_id.in_(campaign_ids), Dwelling.estate_id.in_(estate_ids))
    ):
        found[campaign_id].add(dwelling_id)
    return found


def answered_by_estate(session: Session, campaign_id: int) -> dict[int, int]:
    """How many dwellings of each estate (by inner id) have a valid response in a campaign."""
    rows = session.execute(
        sa.select(Dwelling.estate_id, sa.func.count())
        .join(ValidResponse, ValidResponse.dwelling_id == Dwelling.id)
        .where(ValidResponse.campaign_id == campaign_id)
        .group_by(Dwelling.estate_id)
    )
    return {row[0]: row[1] for row in rows}


def valid_response(session: Session, campaign_id: int, dwelling_id: int) -> Response | None:
    """The response that counts for a dwelling, or None."""
    return session.scalar(
        sa.select(Response)
        .join(ValidResponse, ValidResponse.response_id == Response.id)
        .where(ValidResponse.campaign_id == campaign_id, ValidResponse.dwelling_id == dwelling_id)
    )


def has_valid_response(session: Session, campaign_id: int, dwelling_id: int) -> bool:
    """Whether a dwelling has answered a campaign."""
    return session.get(ValidResponse, (campaign_id, dwelling_id)) is not None


def response_by_public_id(session: Session, public_id: str) -> Response:
    """The response with a public id. Raises NotFound."""
    found = session.scalar(sa.select(Response).where(Response.public_id == public_id))
    if found is None:
        raise NotFound("no-such-response", "没有找到这份答卷。")
    return found


def queued(session: Session, limit: int) -> list[tuple[int, int, str]]:
    """Take up to ``limit`` rows off the tally queue: (response id, sign, part)."""
    some = for_update(sa.select(TallyQueue.id).limit(limit), skip_locked=True)
    ids = session.scalars(some).all()
    if not ids:
        return []
    rows = session.execute(
        sa.delete(TallyQueue)
        .where(TallyQueue.id.in_(ids))
        .returning(TallyQueue.response_id, TallyQueue.sign, TallyQueue.part)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def documents(session: Session, response_ids: Iterable[int]) -> Sequence[Any]:
    """What counting needs of some responses: id, campaign_id, version_id, estate_id, dwelling_id, channel, answers."""
    return session.execute(
        sa.select(
            Response.id,
            Response.campaign_id,
            Response.version_id,
            Response.estate_id,
            Response.dwelling_id,
            Response.channel,
            Response.answers,
        ).where(Response.id.in_(list(response_ids)))
    ).all()


def waiting_to_be_counted(session: Session) -> int:
    """How many responses the counters do not hold yet."""
    return session.scalar(sa.select(sa.func.count()).select_from(TallyQueue)) or 0


NO_FILE = NotFound("no-such-file", "没有找到这张图片。")


def attachment_by_public_id(session: Session, public_id: str) -> Attachment:
    """The attachment with a public id. Raises NotFound."""
    found = session.scalar(sa.select(Attachment).where(Attachment.public_id == public_id))
    if found is None:
        raise NO_FILE
    return found


def loose_attachments(session: Session, campaign_id: int, dwelling_id: int, account_id: int) -> int:
    """How many uploads of an account for a dwelling are not part of a response yet."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Attachment)
            .where(
                Attachment.campaign_id == campaign_id,
                Attachment.dwelling_id == dwelling_id,
                Attachment.account_id == account_id,
                Attachment.response_id.is_(None),
            )
        )
        or 0
    )


def shown_before(
    session: Session, campaign_id: int, dwelling_id: int, account_id: int, files: Collection[str], *, but: int
) -> int:
    """How many of some uploads (public ids) of an account for a dwelling are part of a response other than ``but``."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Attachment)
            .where(
                Attachment.public_id.in_(files),
                Attachment.campaign_id == campaign_id,
                Attachment.dwelling_id == dwelling_id,
                Attachment.account_id == account_id,
                Attachment.response_id != but,
            )
        )
        or 0
    )


def forgotten_attachments(session: Session, before: datetime, limit: int) -> Sequence[Attachment]:
    """Uploads from before a moment that never became part of a response."""
    return session.scalars(
        sa.select(Attachment).where(Attachment.response_id.is_(None), Attachment.created_at < before).limit(limit)
    ).all()
