"""The use cases of the plan: an estate enters it, starts, gets and spends money; a quarter is frozen."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit
from kernel.clock import china_day
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, Invalid
from kernel.places import queries as places
from kernel.places.models import Place, PlaceKind
from portal.projects import queries
from portal.projects.models import (
    ContributionDrive,
    DriveProgress,
    EnteredFigure,
    FundsEntry,
    PlanRecord,
    QuarterSnapshot,
)
from portal.projects.rules.quarter import Quarter
from portal.projects.rules.words import CollectionMode, FundsMove, FundSource


@dataclass(frozen=True)
class NewRecord:
    """What enters a plan. ``source``: the list or paper it was taken from."""

    plan_year: int
    estate_code: str
    households: int
    buildings: int
    source: str
    batch: int = 1
    mode: str = CollectionMode.DEPOSIT_THEN_CONTRIBUTION
    in_central_task: bool = False


@use_case
def add_record(new: NewRecord, *, by: str, now: datetime) -> str:
    """Take an estate into a year's plan; its public id. Raises Conflict when it is in it already."""
    with transaction() as session:
        estate = places.place_by_code(session, new.estate_code)
        record = PlanRecord(
            public_id=new_public_id(),
            plan_year=new.plan_year,
            batch=new.batch,
            estate_id=estate.id,
            district_id=_district_of(session, estate).id,
            households=new.households,
            buildings=new.buildings,
            mode=new.mode,
            in_central_task=new.in_central_task,
            source=new.source,
        )
        with translating({"plan_record_one_a_year": Conflict("already-in-plan", "这个小区已经在当年计划里了。")}):
            session.add(record)
            session.flush()
        _note(session, by, "plan.added", record, now, {"year": new.plan_year, "estate": new.estate_code})
        return record.public_id


@use_case
def note_start(record_id: str, *, on: date, evidence: str, by: str, now: datetime) -> None:
    """Works have begun. Raises Conflict when a start is on record, Invalid without evidence or for a day to come."""
    if not evidence.strip():
        raise Invalid("start-needs-evidence", "登记开工要写明依据，例如施工许可或进场记录。")
    if on > china_day(now):
        raise Invalid("start-in-the-future", "开工日期不能晚于今天。")
    with transaction() as session:
        record = queries.record_by_public_id(session, record_id)
        if record.started_on is not None:
            raise Conflict("already-started", "这个小区已经登记过开工。")
        record.started_on, record.start_evidence = on, evidence
        _note(session, by, "plan.started", record, now, {"on": on.isoformat(), "evidence": evidence})


@use_case
def note_completion(record_id: str, *, on: date, by: str, now: datetime) -> None:
    """Works are completed. Raises Conflict before a start or when it is on record already."""
    with transaction() as session:
        record = queries.record_by_public_id(session, record_id)
        if record.completed_on is not None:
            raise Conflict("already-completed", "这个小区已经登记过完工。")
        if record.started_on is None or on < record.started_on:
            raise Conflict("not-started", "这个小区还没有登记开工，或完工日期早于开工日期。")
        record.completed_on = on
        _note(session, by, "plan.completed", record, now, {"on": on.isoformat()})


@use_case
def enter_funds(
    record_id: str,
    *,
    source: FundSource,
    move: FundsMove,
    amount_fen: int,
    on: date,
    evidence: str,
    by: str,
    now: datetime,
) -> str:
    """Enter a line into a record's funds book (negative: a correction); its public id. Raises Invalid for nothing."""
    if amount_fen == 0:
        raise Invalid("amount-zero", "金额不能为零。")
    with transaction() as session:
        record = queries.record_by_public_id(session, record_id)
        entry = FundsEntry(
            public_id=new_public_id(),
            record_id=record.id,
            source=source,
            move=move,
            amount_fen=amount_fen,
            on_day=on,
            evidence=evidence,
            entered_by=by,
            entered_at=now,
        )
        session.add(entry)
        session.flush()
        _note(session, by, "plan.funds", record, now, {"move": move, "source": source, "amount_fen": amount_fen})
        return entry.public_id


@use_case
def enter_figure(quarter: Quarter, *, name: str, value: str, source: str, by: str, now: datetime) -> str:
    """Enter a figure from outside (全省排名) with its source; entering it again replaces it, both are kept."""
    if not (name.strip() and value.strip() and source.strip()):
        raise Invalid("figure-incomplete", "填报数据要写明名称、数值和来源。")
    with transaction() as session:
        figure = EnteredFigure(
            public_id=new_public_id(),
            period=str(quarter),
            name=name,
            value=value,
            source=source,
            entered_by=by,
            entered_at=now,
        )
        session.add(figure)
        session.flush()
        audit.record(
            session,
            actor=by,
            action="plan.figure",
            subject=f"figure:{figure.public_id}",
            now=now,
            payload={"period": str(quarter), "name": name, "value": value},
        )
        return figure.public_id


def must_be_over(quarter: Quarter, now: datetime) -> None:
    """Raises Conflict while a quarter still runs: what is not over cannot be frozen."""
    if china_day(now) <= quarter.last_day:
        raise Conflict("quarter-not-over", "这个季度还没有结束，不能冻结。")


@use_case
def freeze_quarter(quarter: Quarter, *, plan_year: int, reason: str, by: str, now: datetime) -> int:
    """Freeze a quarter as it stands in the records; the version made (1, or the next one when it is restated).

    Raises Conflict before the quarter is over, or when another one restates it at the same moment.
    """
    must_be_over(quarter, now)
    with transaction() as session:
        version = queries.latest_version(session, str(quarter)) + 1
        facts = queries.facts_at(session, quarter.last_day, plan_year=plan_year)
        snapshot = QuarterSnapshot(
            public_id=new_public_id(),
            period=str(quarter),
            version=version,
            plan_year=plan_year,
            frozen_at=now,
            frozen_by=by,
            reason=reason,
            document={"records": [record.to_json() for record in facts]},
        )
        with translating({"quarter_snapshot_one_version": Conflict("frozen-meanwhile", "这个季度刚被冻结过。")}):
            session.add(snapshot)
            session.flush()
        audit.record(
            session,
            actor=by,
            action="plan.frozen",
            subject=f"quarter:{quarter}",
            now=now,
            payload={"version": version, "records": len(facts), "reason": reason},
        )
        return version


@use_case
def record_drive(
    record_id: str,
    *,
    opened_on: date,
    households: int,
    highest_fen: int | None,
    lowest_fen: int | None,
    is_lower_bound: bool,
    source: str,
    progress: list[tuple[date, int, int]],
    by: str,
    now: datetime,
) -> None:
    """Put on record how an estate's residents raised their part. Raises Conflict when it is there already."""
    with transaction() as session:
        record = queries.record_by_public_id(session, record_id)
        drive = ContributionDrive(
            public_id=new_public_id(),
            record_id=record.id,
            opened_on=opened_on,
            households=households,
            highest_fen=highest_fen,
            lowest_fen=lowest_fen,
            is_lower_bound=is_lower_bound,
            source=source,
        )
        with translating({"contribution_drive_one_a_record": Conflict("drive-on-record", "这次筹资已经登记过。")}):
            session.add(drive)
            session.flush()
        if progress:
            session.execute(
                sa.insert(DriveProgress),
                [
                    {"drive_id": drive.id, "on_day": day, "paid_households": paid, "collected_fen": fen}
                    for day, paid, fen in progress
                ],
            )
        _note(session, by, "plan.drive", record, now, {"households": households})


def _district_of(session: Session, estate: Place) -> Place:
    for place in places.ancestors(session, estate):
        if place.kind == PlaceKind.DISTRICT:
            return place
    raise Invalid("estate-without-district", "这个小区还没有归到县（市、区）。")


def _note(
    session: Session, by: str, action: str, record: PlanRecord, now: datetime, payload: dict[str, object]
) -> None:
    audit.record(session, actor=by, action=action, subject=f"plan:{record.public_id}", now=now, payload=payload)
