"""Every select over reports, and over the sheets they look at."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.people.models import Holding, HoldingKind, Person, Tie
from kernel.places.models import Dwelling, Place
from surveys.questionnaires.models import Response, ValidResponse
from surveys.questionnaires.reports.models import Stage, SurveyReport

NO_REPORT = NotFound("no-such-report", "没有找到这份报表。")


def report_by_public_id(session: Session, public_id: str) -> SurveyReport:
    """The report with a public id. Raises NotFound."""
    found = session.scalar(sa.select(SurveyReport).where(SurveyReport.public_id == public_id))
    if found is None:
        raise NO_REPORT
    return found


def newest_of(session: Session, campaign_id: int, spec_hash: str) -> SurveyReport | None:
    """The report of exactly this asking that was asked for last and has not failed."""
    return session.scalar(
        sa.select(SurveyReport)
        .where(
            SurveyReport.campaign_id == campaign_id,
            SurveyReport.spec_hash == spec_hash,
            SurveyReport.state != Stage.FAILED,
        )
        .order_by(SurveyReport.asked_at.desc())
        .limit(1)
    )


def reports_of(session: Session, campaign_id: int, person_id: int) -> Sequence[SurveyReport]:
    """What a person asked for of a campaign, newest first, twenty at most."""
    return session.scalars(
        sa.select(SurveyReport)
        .where(SurveyReport.campaign_id == campaign_id, SurveyReport.person_id == person_id)
        .order_by(SurveyReport.asked_at.desc())
        .limit(20)
    ).all()


def waiting(session: Session, person_id: int) -> int:
    """How many reports a person waits for."""
    statement = (
        sa.select(sa.func.count())
        .select_from(SurveyReport)
        .where(SurveyReport.person_id == person_id, SurveyReport.state.in_([Stage.WAITING, Stage.MAKING]))
    )
    return session.scalar(statement) or 0


def next_to_make(session: Session, now: datetime) -> SurveyReport | None:
    """The oldest report nobody makes (any more), locked."""
    return session.scalar(
        for_update(
            sa.select(SurveyReport)
            .where(
                sa.or_(
                    SurveyReport.state == Stage.WAITING,
                    sa.and_(SurveyReport.state == Stage.MAKING, SurveyReport.leased_until < now),
                )
            )
            .order_by(SurveyReport.asked_at)
            .limit(1),
            skip_locked=True,
        )
    )


def in_turn(session: Session, report_id: int, turn: int) -> SurveyReport | None:
    """The report, locked, while it is still being made in this turn; else None."""
    return session.scalar(
        for_update(
            sa.select(SurveyReport).where(
                SurveyReport.id == report_id, SurveyReport.turn == turn, SurveyReport.state == Stage.MAKING
            )
        )
    )


def drop_before(session: Session, moment: datetime) -> int:
    """Delete reports asked for before a moment; how many."""
    result = session.execute(sa.delete(SurveyReport).where(SurveyReport.asked_at < moment))
    return result.rowcount  # type: ignore[attr-defined]


_BUILDING = aliased(Place)


def sheets(session: Session, campaign_id: int, estate_ids: Sequence[int]) -> Iterator[Any]:
    """The sheets that count in some estates with what filters ask of them, streamed: (public_id, version_id, channel,
    answers, private_sealed, let, level, building, submitted_at)."""
    let = sa.exists().where(
        Holding.dwelling_id == Dwelling.id, Holding.kind == HoldingKind.TENANT, Holding.held_until.is_(None)
    )
    level = (
        sa.select(sa.func.max(Tie.level))
        .where(
            Tie.account_id == Response.account_id,
            Tie.dwelling_id == Response.dwelling_id,
            Tie.since <= Response.submitted_at,
        )
        .scalar_subquery()
    )
    return iter(
        session.execute(
            sa.select(
                Response.public_id,
                Response.version_id,
                Response.channel,
                Response.answers,
                Response.private_sealed,
                Response.submitted_at,
                let.label("let"),
                sa.func.coalesce(level, 0).label("level"),
                _BUILDING.public_id.label("building"),
            )
            .join(ValidResponse, ValidResponse.response_id == Response.id)
            .join(Dwelling, Dwelling.id == Response.dwelling_id)
            .join(_BUILDING, _BUILDING.id == Dwelling.building_id)
            .where(ValidResponse.campaign_id == campaign_id, Response.estate_id.in_(estate_ids))
            .execution_options(yield_per=200)
        )
    )


def persons_of(session: Session, estate_ids: Sequence[int]) -> Iterator[Person]:
    """Everybody on the rosters of some estates, streamed."""
    return iter(
        session.scalars(
            sa.select(Person)
            .where(
                Person.id.in_(
                    sa.select(Holding.person_id)
                    .join(Dwelling, Dwelling.id == Holding.dwelling_id)
                    .where(Dwelling.estate_id.in_(estate_ids))
                )
            )
            .execution_options(yield_per=500)
        )
    )
