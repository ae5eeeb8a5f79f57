"""Every select over paper forms."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.places.models import Dwelling, Place
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.paper.models import PaperObjection, SurveyKeying, SurveyPaper
from surveys.questionnaires.rules.paper import OPEN

NO_PAPER_HERE = NotFound("no-such-paper", "没有找到您家的纸质问卷，可能已经录好了。请返回再看。")
NO_PAPER = NotFound("no-such-paper", "没有找到这份纸质表，或者它不归您办。")


def paper_by_public_id(session: Session, public_id: str, *, change: bool = False) -> SurveyPaper:
    """The paper with a public id, locked for a ``change``. Raises NotFound."""
    statement = sa.select(SurveyPaper).where(SurveyPaper.public_id == public_id)
    found = session.scalar(for_update(statement) if change else statement)
    if found is None:
        raise NO_PAPER
    return found


def open_paper(session: Session, campaign_id: int, dwelling_id: int) -> SurveyPaper | None:
    """The paper of a dwelling that is on its way, if any."""
    return session.scalar(
        sa.select(SurveyPaper).where(
            SurveyPaper.campaign_id == campaign_id, SurveyPaper.dwelling_id == dwelling_id, SurveyPaper.state.in_(OPEN)
        )
    )


def objections(session: Session, paper_id: int) -> Sequence[PaperObjection]:
    """What the household said of a paper, in order."""
    return session.scalars(
        sa.select(PaperObjection).where(PaperObjection.paper_id == paper_id).order_by(PaperObjection.id)
    ).all()


def contested(session: Session, paper_ids: Iterable[int]) -> set[int]:
    """Which of some papers (inner ids) a household contests, and nobody has looked yet."""
    return set(
        session.scalars(
            sa.select(PaperObjection.paper_id).where(
                PaperObjection.paper_id.in_(list(paper_ids)), PaperObjection.answered_at.is_(None)
            )
        )
    )


def keyings(session: Session, paper_id: int) -> Sequence[SurveyKeying]:
    """What was keyed of a paper, in turn."""
    return session.scalars(
        sa.select(SurveyKeying).where(SurveyKeying.paper_id == paper_id).order_by(SurveyKeying.turn)
    ).all()


def waiting(session: Session, places: Sequence[Place], limit: int = 200) -> list[Any]:
    """Papers on their way at or under some places, the oldest first: (paper, campaign title, dwelling label)."""
    return list(
        session.execute(
            sa.select(SurveyPaper, Campaign.title, Dwelling.label)
            .join(Campaign, Campaign.id == SurveyPaper.campaign_id)
            .join(Dwelling, Dwelling.id == SurveyPaper.dwelling_id)
            .join(Place, Place.id == Dwelling.building_id)
            .where(
                SurveyPaper.state.in_(OPEN),
                sa.or_(sa.false(), *(Place.path.startswith(place.path, autoescape=True) for place in places)),
            )
            .order_by(SurveyPaper.registered_at)
            .limit(limit)
        )
    )


def dwelling_of(session: Session, paper: SurveyPaper) -> Dwelling:
    """The dwelling a paper came from."""
    return session.get_one(Dwelling, paper.dwelling_id)


def campaign_of(session: Session, paper: SurveyPaper) -> Campaign:
    """The campaign a paper belongs to."""
    return session.get_one(Campaign, paper.campaign_id)
