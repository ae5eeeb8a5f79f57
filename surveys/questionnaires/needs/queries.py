"""Every select over catalogues, wishes and what households say of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import core
from kernel.places.models import Place
from surveys.questionnaires.models import Campaign, CampaignPlace
from surveys.questionnaires.needs.models import EffectMark, WishStep, WorkCatalogue
from surveys.questionnaires.rules.lifecycle import State
from surveys.questionnaires.rules.tally import FEWEST


def catalogue_for(session: Session, year: int) -> WorkCatalogue | None:
    """The newest catalogue of a year or of the last year before it that has one."""
    return session.scalar(
        sa.select(WorkCatalogue)
        .where(WorkCatalogue.year <= year)
        .order_by(WorkCatalogue.year.desc(), WorkCatalogue.loaded_at.desc(), WorkCatalogue.id.desc())
        .limit(1)
    )


def catalogue_with_hash(session: Session, year: int, content_hash: str) -> WorkCatalogue | None:
    """The catalogue of a year with exactly this content, or None."""
    return session.scalar(
        sa.select(WorkCatalogue).where(WorkCatalogue.year == year, WorkCatalogue.content_hash == content_hash)
    )


def steps(session: Session, campaign_id: int, estate_ids: Sequence[int]) -> Sequence[WishStep]:
    """All steps of the wishes of some estates, oldest first."""
    return session.scalars(
        sa.select(WishStep)
        .where(WishStep.campaign_id == campaign_id, WishStep.estate_id.in_(estate_ids))
        .order_by(WishStep.item, WishStep.number)
    ).all()


def last_step(session: Session, campaign_id: int, estate_id: int, item: str) -> WishStep | None:
    """The step that counts for an item, or None."""
    return session.scalar(
        sa.select(WishStep)
        .where(WishStep.campaign_id == campaign_id, WishStep.estate_id == estate_id, WishStep.item == item)
        .order_by(WishStep.number.desc())
        .limit(1)
    )


def campaigns_in(session: Session, estate_id: int) -> Sequence[Campaign]:
    """The campaigns that asked or ask in an estate, newest first."""
    return session.scalars(
        sa.select(Campaign)
        .join(CampaignPlace, CampaignPlace.campaign_id == Campaign.id)
        .where(CampaignPlace.place_id == estate_id, Campaign.state != State.DRAFT)
        .order_by(Campaign.opened_at.desc())
    ).all()


def campaigns_under(session: Session, place: Place, most: int) -> Sequence[Campaign]:
    """The campaigns that asked or ask in estates under a place, newest first."""
    asked = (
        sa.select(CampaignPlace.campaign_id)
        .join(Place, Place.id == CampaignPlace.place_id)
        .where(Place.path.startswith(place.path, autoescape=True))
    )
    return session.scalars(
        sa.select(Campaign)
        .where(Campaign.id.in_(asked), Campaign.state != State.DRAFT)
        .order_by(Campaign.opened_at.desc())
        .limit(most)
    ).all()


_BEFORE = (  # built once and plain: the questionnaire's page asks it each time, and mostly there is none
    sa.select(Campaign.id)
    .join(CampaignPlace, CampaignPlace.campaign_id == Campaign.id)
    .where(
        CampaignPlace.place_id == sa.bindparam("estate"),
        Campaign.state == State.CLOSED,
        Campaign.opened_at < sa.bindparam("opened"),
    )
    .order_by(Campaign.opened_at.desc())
    .limit(1)
)


def campaign_before(session: Session, estate_id: int, opened_at: datetime) -> Campaign | None:
    """The campaign that asked in an estate before the one opened at a moment, and is over; or None."""
    found = core(session).execute(_BEFORE, {"estate": estate_id, "opened": opened_at}).scalar()
    return None if found is None else session.get(Campaign, found)


def marked(session: Session, campaign_id: int, dwelling_id: int) -> dict[str, int]:
    """Item → the mark a household gave it."""
    rows = session.execute(
        sa.select(EffectMark.item, EffectMark.mark).where(
            EffectMark.campaign_id == campaign_id, EffectMark.dwelling_id == dwelling_id
        )
    )
    return {row[0]: row[1] for row in rows}


def marks(session: Session, campaign_id: int, estate_ids: Sequence[int]) -> Sequence[Any]:
    """(item, how many households gave a mark, sum of the marks) over some estates."""
    return session.execute(
        sa.select(EffectMark.item, sa.func.count(), sa.func.sum(EffectMark.mark))
        .where(EffectMark.campaign_id == campaign_id, EffectMark.estate_id.in_(estate_ids))
        .group_by(EffectMark.item)
    ).all()


def marks_in_fives(session: Session, campaign_id: int, estate_ids: Sequence[int]) -> Sequence[Any]:
    """The same of each estate's first five, ten, fifteen … households, which everybody may know: (item, households,
    sum). A mark is given once and never changed, so two looks are the same or differ by five households' marks."""
    order = sa.func.row_number().over(
        partition_by=(EffectMark.estate_id, EffectMark.item), order_by=(EffectMark.at, EffectMark.dwelling_id)
    )
    whole = sa.func.count().over(partition_by=(EffectMark.estate_id, EffectMark.item))
    given = (
        sa.select(EffectMark.item, EffectMark.mark, order.label("place"), whole.label("whole"))
        .where(EffectMark.campaign_id == campaign_id, EffectMark.estate_id.in_(estate_ids))
        .subquery()
    )
    return session.execute(
        sa.select(given.c.item, sa.func.count(), sa.func.sum(given.c.mark))
        .where(given.c.place <= given.c.whole - given.c.whole % FEWEST)
        .group_by(given.c.item)
    ).all()


def last_closed(session: Session, estate_id: int) -> Campaign | None:
    """The campaign that asked in an estate and was closed last, or None."""
    return session.scalar(
        sa.select(Campaign)
        .join(CampaignPlace, CampaignPlace.campaign_id == Campaign.id)
        .where(CampaignPlace.place_id == estate_id, Campaign.state == State.CLOSED)
        .order_by(Campaign.opened_at.desc())
        .limit(1)
    )


def in_estate(session: Session, estate_id: int) -> bool:
    """Whether any campaign ever asked in an estate."""
    statement = (
        sa.select(Campaign.id)
        .join(CampaignPlace, CampaignPlace.campaign_id == Campaign.id)
        .where(CampaignPlace.place_id == estate_id, Campaign.state != State.DRAFT)
        .limit(1)
    )
    return session.scalar(statement) is not None


def estate_code(session: Session, estate_id: int) -> str:
    """An estate's code."""
    return session.execute(sa.select(Place.code).where(Place.id == estate_id)).scalar_one()
