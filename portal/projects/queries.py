"""Every select over the plan, its money and its frozen quarters."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from kernel.errors import NotFound
from kernel.places.models import Place
from portal.projects.models import (
    ContributionDrive,
    DriveProgress,
    EnteredFigure,
    FundsEntry,
    PlanRecord,
    QuarterSnapshot,
)
from portal.projects.rules.facts import RecordFacts
from portal.projects.rules.words import FundsMove


def record_by_public_id(session: Session, public_id: str) -> PlanRecord:
    """One plan record. Raises NotFound."""
    found = session.scalar(sa.select(PlanRecord).where(PlanRecord.public_id == public_id))
    if found is None:
        raise NotFound("no-such-plan-record", "没有找到这条计划记录。")
    return found


def records_of_estate(session: Session, estate_id: int) -> Sequence[PlanRecord]:
    """All plan records of an estate, the newest year first."""
    return session.scalars(
        sa.select(PlanRecord).where(PlanRecord.estate_id == estate_id).order_by(PlanRecord.plan_year.desc())
    ).all()


def plan_years(session: Session, district_id: int) -> Sequence[int]:
    """The years a district has records of, the newest first."""
    return session.scalars(
        sa.select(PlanRecord.plan_year)
        .where(PlanRecord.district_id == district_id)
        .distinct()
        .order_by(PlanRecord.plan_year.desc())
    ).all()


def facts_at(
    session: Session,
    day: date,
    *,
    plan_year: int | None = None,
    district_id: int | None = None,
    estate_id: int | None = None,
) -> list[RecordFacts]:
    """Plan records as they stood at the end of ``day``, in the order of district and estate code.

    Starts, completions and money lines of later days are left out, so that a quarter comes out the same whenever it is
    computed. Of one ``plan_year``, district or estate, or all.
    """
    estate, district = aliased(Place), aliased(Place)
    statement = (
        sa.select(PlanRecord, estate.code, estate.name, district.code, district.name)
        .join(estate, estate.id == PlanRecord.estate_id)
        .join(district, district.id == PlanRecord.district_id)
        .order_by(PlanRecord.plan_year, district.code, estate.code)
    )
    money = (
        sa.select(FundsEntry.record_id, FundsEntry.move, FundsEntry.source, sa.func.sum(FundsEntry.amount_fen))
        .join(PlanRecord, PlanRecord.id == FundsEntry.record_id)
        .where(FundsEntry.on_day <= day)
        .group_by(FundsEntry.record_id, FundsEntry.move, FundsEntry.source)
    )
    for column, wanted in (
        (PlanRecord.plan_year, plan_year),
        (PlanRecord.district_id, district_id),
        (PlanRecord.estate_id, estate_id),
    ):
        if wanted is not None:
            statement, money = statement.where(column == wanted), money.where(column == wanted)
    sums: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    for record_id, move, source, fen in session.execute(money):
        sums[record_id, move][source] = int(fen)
    return [
        RecordFacts(
            record_id=record.public_id,
            estate_code=estate_code,
            estate=estate_name,
            district_code=district_code,
            district=district_name,
            households=record.households,
            in_central_task=record.in_central_task,
            started_on=_by(day, record.started_on),
            completed_on=_by(day, record.completed_on),
            received=sums[record.id, FundsMove.RECEIVED],
            spent=sums[record.id, FundsMove.SPENT],
        )
        for record, estate_code, estate_name, district_code, district_name in session.execute(statement)
    ]


def _by(day: date, event: date | None) -> date | None:
    return event if event is not None and event <= day else None


def snapshots(session: Session) -> Sequence[QuarterSnapshot]:
    """The newest version of every frozen quarter, the latest quarter first (documents not loaded)."""
    newest = (
        sa.select(QuarterSnapshot.period, sa.func.max(QuarterSnapshot.version).label("version"))
        .group_by(QuarterSnapshot.period)
        .subquery()
    )
    return session.scalars(
        sa.select(QuarterSnapshot)
        .join(
            newest,
            sa.and_(newest.c.period == QuarterSnapshot.period, newest.c.version == QuarterSnapshot.version),
        )
        .order_by(QuarterSnapshot.period.desc())
        .options(sa.orm.defer(QuarterSnapshot.document))
    ).all()


def snapshot_of(session: Session, period: str, version: int | None = None) -> QuarterSnapshot:
    """A frozen quarter, its newest version unless told otherwise. Raises NotFound."""
    statement = sa.select(QuarterSnapshot).where(QuarterSnapshot.period == period)
    if version is not None:
        statement = statement.where(QuarterSnapshot.version == version)
    found = session.scalar(statement.order_by(QuarterSnapshot.version.desc()).limit(1))
    if found is None:
        raise NotFound("quarter-not-frozen", "这个季度的数据还没有公布。")
    return found


def latest_version(session: Session, period: str) -> int:
    """The newest version of a frozen quarter; 0 when it is not frozen."""
    return session.scalar(sa.select(sa.func.max(QuarterSnapshot.version)).where(QuarterSnapshot.period == period)) or 0


def entered_figures(session: Session, period: str) -> Sequence[EnteredFigure]:
    """The figures entered for a quarter: of each name the one entered last."""
    rows = session.scalars(
        sa.select(EnteredFigure).where(EnteredFigure.period == period).order_by(EnteredFigure.entered_at)
    ).all()
    return list({figure.name: figure for figure in rows}.values())


@dataclass(frozen=True)
class YearTotals:
    """What a plan year came to: completed estates, their households, the money spent on them."""

    year: int
    estates: int
    households: int
    spent_fen: int


def completed_by_year(session: Session, first: int, last: int) -> list[YearTotals]:
    """The completed records of some plan years, summed year by year."""
    records = (
        sa.select(
            PlanRecord.plan_year, sa.func.count().label("estates"), sa.func.sum(PlanRecord.households).label("homes")
        )
        .where(PlanRecord.plan_year.between(first, last), PlanRecord.completed_on.is_not(None))
        .group_by(PlanRecord.plan_year)
        .order_by(PlanRecord.plan_year)
    )
    money = (
        sa.select(PlanRecord.plan_year, sa.func.sum(FundsEntry.amount_fen))
        .join(PlanRecord, PlanRecord.id == FundsEntry.record_id)
        .where(
            PlanRecord.plan_year.between(first, last),
            PlanRecord.completed_on.is_not(None),
            FundsEntry.move == FundsMove.SPENT,
        )
        .group_by(PlanRecord.plan_year)
    )
    spent = {year: int(fen) for year, fen in session.execute(money)}
    return [
        YearTotals(row.plan_year, row.estates, int(row.homes), spent.get(row.plan_year, 0))
        for row in session.execute(records)
    ]


@dataclass(frozen=True)
class DriveFacts:
    """A contribution drive with its progress, oldest day first: (day, paid households, fen so far)."""

    plan_year: int
    district: str
    estate_code: str
    estate: str
    opened_on: date
    households: int
    highest_fen: int | None
    lowest_fen: int | None
    is_lower_bound: bool
    source: str
    progress: tuple[tuple[date, int, int], ...]

    @property
    def collected_fen(self) -> int:
        """The sum at the end."""
        return self.progress[-1][2] if self.progress else 0

    def paid_by(self, day: date) -> int:
        """The households that had paid by the end of ``day``."""
        return max((paid for on, paid, _ in self.progress if on <= day), default=0)


def drives(session: Session, mode: str) -> list[DriveFacts]:
    """The contribution drives of a mode of collecting, by plan year, district and estate code."""
    district = aliased(Place)
    rows = session.execute(
        sa.select(ContributionDrive, PlanRecord.plan_year, district.name, Place.code, Place.name)
        .join(PlanRecord, PlanRecord.id == ContributionDrive.record_id)
        .join(Place, Place.id == PlanRecord.estate_id)
        .join(district, district.id == PlanRecord.district_id)
        .where(PlanRecord.mode == mode)
        .order_by(PlanRecord.plan_year, district.code, Place.code)
    ).all()
    steps: dict[int, list[tuple[date, int, int]]] = defaultdict(list)
    for step in session.scalars(
        sa.select(DriveProgress)
        .where(DriveProgress.drive_id.in_([row[0].id for row in rows]))
        .order_by(DriveProgress.on_day)
    ):
        steps[step.drive_id].append((step.on_day, step.paid_households, step.collected_fen))
    return [
        DriveFacts(
            plan_year=year,
            district=district_name,
            estate_code=code,
            estate=name,
            opened_on=drive.opened_on,
            households=drive.households,
            highest_fen=drive.highest_fen,
            lowest_fen=drive.lowest_fen,
            is_lower_bound=drive.is_lower_bound,
            source=drive.source,
            progress=tuple(steps[drive.id]),
        )
        for drive, year, district_name, code, name in rows
    ]
