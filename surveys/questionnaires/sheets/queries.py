"""Every select behind the kept figures of estates."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.people.models import Holding, HoldingKind
from kernel.places.models import Dwelling, DwellingUse
from kernel.places.queries import households
from surveys.questionnaires.attempts.models import VisitAttempt
from surveys.questionnaires.models import Campaign, CampaignPlace, Response, TallyCounter, ValidResponse
from surveys.questionnaires.rules.lifecycle import State
from surveys.questionnaires.rules.questions import ANSWERED
from surveys.questionnaires.sheets.models import EstateSheet, KnownGroup


def sheets(session: Session, campaign_id: int, estate_ids: Sequence[int]) -> Sequence[EstateSheet]:
    """The kept figures of some estates."""
    return session.scalars(
        sa.select(EstateSheet).where(EstateSheet.campaign_id == campaign_id, EstateSheet.estate_id.in_(estate_ids))
    ).all()


def sheet_for_change(session: Session, campaign_id: int, estate_id: int) -> EstateSheet | None:
    """The kept figures of an estate, locked; None before the first."""
    return session.scalar(
        for_update(
            sa.select(EstateSheet).where(EstateSheet.campaign_id == campaign_id, EstateSheet.estate_id == estate_id)
        )
    )


def standing(session: Session) -> Sequence[Any]:
    """Every estate of a campaign that was opened, with how many responses are counted and how old its sheet is:
    (campaign_id, estate_id, state, closed_at, counted, made_at, responses)."""
    counted = (
        sa.select(TallyCounter.campaign_id, TallyCounter.estate_id, sa.func.sum(TallyCounter.n).label("n"))
        .where(TallyCounter.question == sa.literal_column("''"), TallyCounter.row == "", TallyCounter.cell == ANSWERED)
        .group_by(TallyCounter.campaign_id, TallyCounter.estate_id)
        .subquery()
    )
    return session.execute(
        sa.select(
            Campaign.id.label("campaign_id"),
            CampaignPlace.place_id.label("estate_id"),
            Campaign.state,
            Campaign.closed_at,
            sa.func.coalesce(counted.c.n, 0).label("counted"),
            EstateSheet.made_at,
            EstateSheet.responses,
        )
        .join(CampaignPlace, CampaignPlace.campaign_id == Campaign.id)
        .outerjoin(
            counted,
            sa.and_(counted.c.campaign_id == Campaign.id, counted.c.estate_id == CampaignPlace.place_id),
        )
        .outerjoin(
            EstateSheet,
            sa.and_(EstateSheet.campaign_id == Campaign.id, EstateSheet.estate_id == CampaignPlace.place_id),
        )
        .where(
            Campaign.state != State.DRAFT,
            # A closed campaign is looked at once more, then it rests.
            sa.or_(
                Campaign.state == State.OPEN,
                EstateSheet.made_at.is_(None),
                EstateSheet.made_at < Campaign.closed_at,
                EstateSheet.responses != sa.func.coalesce(counted.c.n, 0),
            ),
        )
    ).all()


def doors(session: Session, campaign_id: int, estate_id: int) -> Iterator[Any]:
    """Each home of an estate with its valid response, if any: (id, floor, area_dm2, let, version_id, channel, relation,
    answers)."""
    let = sa.exists().where(
        Holding.dwelling_id == Dwelling.id, Holding.kind == HoldingKind.TENANT, Holding.held_until.is_(None)
    )
    return iter(
        session.execute(
            sa.select(
                Dwelling.id,
                Dwelling.floor,
                Dwelling.area_dm2,
                let.label("let"),
                Response.version_id,
                Response.channel,
                Response.relation,
                Response.answers,
            )
            .outerjoin(
                ValidResponse,
                sa.and_(ValidResponse.campaign_id == campaign_id, ValidResponse.dwelling_id == Dwelling.id),
            )
            .outerjoin(Response, Response.id == ValidResponse.response_id)
            .where(Dwelling.estate_id == estate_id, Dwelling.use == DwellingUse.HOME)
            .execution_options(yield_per=500)
        )
    )


def outcomes(session: Session, campaign_id: int, estate_id: int) -> dict[int, list[str]]:
    """Dwelling (inner id) → what was found at its door, oldest first."""
    found: dict[int, list[str]] = {}
    rows = session.execute(
        sa.select(VisitAttempt.dwelling_id, VisitAttempt.outcome)
        .join(Dwelling, Dwelling.id == VisitAttempt.dwelling_id)
        .where(VisitAttempt.campaign_id == campaign_id, Dwelling.estate_id == estate_id)
        .order_by(VisitAttempt.at)
    )
    for dwelling_id, outcome in rows:
        found.setdefault(dwelling_id, []).append(outcome)
    return found


def put(session: Session, values: dict[str, Any], insert: Any, *, made_at: datetime) -> None:
    """Keep a sheet, unless a newer one is kept already."""
    statement = insert.values(values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["campaign_id", "estate_id"],
            set_={name: statement.excluded[name] for name in ("made_at", "responses", "homes", "document")},
            where=EstateSheet.made_at <= made_at,
        )
    )


def reported(session: Session, estate_ids: Sequence[int]) -> list[KnownGroup]:
    """What communities said last of how many households of some estates are of each kind."""
    newest = (
        sa.func.row_number()
        .over(
            partition_by=(KnownGroup.estate_id, KnownGroup.trait), order_by=(KnownGroup.at.desc(), KnownGroup.id.desc())
        )
        .label("newest")
    )
    found = sa.select(KnownGroup.id, newest).where(KnownGroup.estate_id.in_(estate_ids)).subquery()
    return [
        *session.scalars(sa.select(KnownGroup).join(found, sa.and_(found.c.id == KnownGroup.id, found.c.newest == 1)))
    ]


def homes_by_estate(session: Session, campaign_id: int) -> dict[int, int]:
    """How many homes each estate of a campaign has (by inner id), as its sheet says; those without one are counted."""
    rows = session.execute(
        sa.select(CampaignPlace.place_id, EstateSheet.homes)
        .outerjoin(
            EstateSheet,
            sa.and_(EstateSheet.campaign_id == campaign_id, EstateSheet.estate_id == CampaignPlace.place_id),
        )
        .where(CampaignPlace.campaign_id == campaign_id)
    )
    found = {row[0]: row[1] for row in rows}
    return {estate_id: households(session, estate_id) if n is None else n for estate_id, n in found.items()}
