"""Every select over reports, and over the sheets they look at."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from kernel.database import for_update, insert_ignoring
from kernel.errors import NotFound
from kernel.people.models import Holding, HoldingKind, Person, Tie
from kernel.places.models import Dwelling, Place
from surveys.questionnaires.models import Response, ValidResponse
from surveys.questionnaires.reports.models import ReportWave, Stage, SurveyReport
from surveys.questionnaires.standing.models import OwnerResponse

NO_REPORT = NotFound("no-such-report", "没有找到这份报表。")


def report_by_public_id(session: Session, public_id: str) -> SurveyReport:
    """The report with a public id. Raises NotFound."""
    found = session.scalar(sa.select(SurveyReport).where(SurveyReport.public_id == public_id))
    if found is None:
        raise NO_REPORT
    return found


def newest_of(session: Session, campaign_id: int, spec_hash: str) -> SurveyReport | None:
    """The report of exactly this asking that was asked for last, in today's words, and has not failed."""
    return session.scalar(
        sa.select(SurveyReport)
        .where(
            SurveyReport.campaign_id == campaign_id,
            SurveyReport.spec_hash == spec_hash,
            SurveyReport.state != Stage.FAILED,
            SurveyReport.reworded_at.is_(None),
        )
        .order_by(SurveyReport.asked_at.desc(), SurveyReport.id.desc())
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


def in_todays_words(session: Session, campaign_id: int) -> Sequence[SurveyReport]:
    """The reports of a campaign that no correction has made old yet and that have not failed, locked."""
    return session.scalars(
        for_update(
            sa.select(SurveyReport)
            .where(
                SurveyReport.campaign_id == campaign_id,
                SurveyReport.state != Stage.FAILED,
                SurveyReport.reworded_at.is_(None),
            )
            .order_by(SurveyReport.id)
        )
    ).all()


def waves_of(session: Session, campaign_id: int) -> Sequence[ReportWave]:
    """The waves of a campaign's estates, locked."""
    return session.scalars(
        for_update(sa.select(ReportWave).where(ReportWave.campaign_id == campaign_id).order_by(ReportWave.estate_id))
    ).all()


def drop_before(session: Session, moment: datetime) -> int:
    """Delete reports asked for before a moment; how many."""
    result = session.execute(sa.delete(SurveyReport).where(SurveyReport.asked_at < moment))
    return result.rowcount  # type: ignore[attr-defined]


_BUILDING = aliased(Place)


def _let() -> Any:
    return sa.exists().where(
        Holding.dwelling_id == Dwelling.id, Holding.kind == HoldingKind.TENANT, Holding.held_until.is_(None)
    )


def _level() -> Any:
    return sa.func.coalesce(
        sa.select(sa.func.max(Tie.level))
        .where(
            Tie.account_id == Response.account_id,
            Tie.dwelling_id == Response.dwelling_id,
            Tie.since <= Response.submitted_at,
        )
        .scalar_subquery(),
        0,
    )


_SHEET = (
    Response.id,
    Response.dwelling_id,
    Response.public_id,
    Response.version_id,
    Response.channel,
    Response.relation,
    Response.answers,
    Response.private_sealed,
    Response.submitted_at,
)


def sheets(session: Session, campaign_id: int, estate_id: int) -> Iterator[Any]:
    """The sheets that count in an estate with what filters ask of them, streamed: the columns of ``_SHEET``, let,
    level, building."""
    return iter(
        session.execute(
            sa.select(*_SHEET, _let().label("let"), _level().label("level"), _BUILDING.public_id.label("building"))
            .join(ValidResponse, ValidResponse.response_id == Response.id)
            .join(Dwelling, Dwelling.id == Response.dwelling_id)
            .join(_BUILDING, _BUILDING.id == Dwelling.building_id)
            .where(ValidResponse.campaign_id == campaign_id, Response.estate_id == estate_id)
            .execution_options(yield_per=200)
        )
    )


def standing_sheets(session: Session, campaign_id: int, estate_id: int) -> list[list[int]]:
    """What a wave of an estate would hold now: [dwelling, response, owner's response or 0, let, level] each."""
    rows = session.execute(
        sa.select(
            ValidResponse.dwelling_id,
            ValidResponse.response_id,
            sa.func.coalesce(OwnerResponse.response_id, 0),
            _let(),
            _level(),
        )
        .join(Response, Response.id == ValidResponse.response_id)
        .join(Dwelling, Dwelling.id == Response.dwelling_id)
        .outerjoin(
            OwnerResponse,
            sa.and_(
                OwnerResponse.campaign_id == ValidResponse.campaign_id,
                OwnerResponse.dwelling_id == ValidResponse.dwelling_id,
            ),
        )
        .where(ValidResponse.campaign_id == campaign_id, Response.estate_id == estate_id)
        .order_by(ValidResponse.dwelling_id)
    )
    return [[int(value) for value in row] for row in rows]


def wave_for_change(session: Session, campaign_id: int, estate_id: int, now: datetime) -> ReportWave:
    """An estate's wave, locked; an empty one is made on first need."""
    empty = {"campaign_id": campaign_id, "estate_id": estate_id, "number": 0, "taken_at": now, "document": {}}
    session.execute(insert_ignoring(session, ReportWave).values(empty).on_conflict_do_nothing())
    return session.scalars(
        for_update(
            sa.select(ReportWave).where(ReportWave.campaign_id == campaign_id, ReportWave.estate_id == estate_id)
        )
    ).one()


def sheets_by_id(session: Session, ids: Sequence[int]) -> dict[int, Any]:
    """Some sheets by their inner ids: the columns of ``_SHEET``."""
    return {row.id: row for row in session.execute(sa.select(*_SHEET).where(Response.id.in_(list(ids))))}


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
