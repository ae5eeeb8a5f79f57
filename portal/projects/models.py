"""The tables of the plan. Money lines, entered figures and frozen quarters only grow: a correction is a new row."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, BigInt, JsonDoc, Model, UTCDateTime, big_id, fk, one_of, public_id
from portal.projects.rules.words import CollectionMode, FundsMove, FundSource


class PlanRecord(Model):
    """An estate in a year's plan. What counts as a start is a local definition, so a start carries its evidence."""

    __tablename__ = "plan_record"
    __table_args__ = (
        sa.UniqueConstraint("plan_year", "estate_id", name="plan_record_one_a_year"),
        one_of("mode", CollectionMode, "plan_record"),
        sa.CheckConstraint("households > 0 AND buildings > 0", name="plan_record_not_empty"),
        sa.CheckConstraint("(started_on IS NULL) = (start_evidence IS NULL)", name="plan_record_start_has_evidence"),
        sa.CheckConstraint(
            "completed_on IS NULL OR (started_on IS NOT NULL AND completed_on >= started_on)",
            name="plan_record_completed_after_start",
        ),
        sa.Index("plan_record_district_id_idx", "district_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    plan_year: Mapped[int] = mapped_column(sa.Integer)
    batch: Mapped[int] = mapped_column(sa.Integer, default=1)
    estate_id: Mapped[int] = mapped_column(fk("place.id"))
    district_id: Mapped[int] = mapped_column(fk("place.id"))
    households: Mapped[int] = mapped_column(sa.Integer)
    buildings: Mapped[int] = mapped_column(sa.Integer)
    mode: Mapped[str] = mapped_column(sa.String(32), default=CollectionMode.DEPOSIT_THEN_CONTRIBUTION)
    in_central_task: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    started_on: Mapped[date | None] = mapped_column(sa.Date)
    start_evidence: Mapped[str | None] = mapped_column(sa.String(200))
    completed_on: Mapped[date | None] = mapped_column(sa.Date)
    source: Mapped[str] = mapped_column(sa.String(200))


class FundsEntry(Model):
    """A line of a record's funds book: on a day so much of one source arrived, or was spent. Negative corrects."""

    __tablename__ = "funds_entry"
    __table_args__ = (
        one_of("source", FundSource, "funds_entry"),
        one_of("move", FundsMove, "funds_entry"),
        sa.CheckConstraint("amount_fen <> 0", name="funds_entry_amount_not_zero"),
        sa.Index("funds_entry_record_id_idx", "record_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    record_id: Mapped[int] = mapped_column(fk("plan_record.id"))
    source: Mapped[str] = mapped_column(sa.String(24))
    move: Mapped[str] = mapped_column(sa.String(24))
    amount_fen: Mapped[int] = mapped_column(BigInt)
    on_day: Mapped[date] = mapped_column(sa.Date)
    evidence: Mapped[str] = mapped_column(sa.String(200))
    entered_by: Mapped[str] = mapped_column(sa.String(80))
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)


class EnteredFigure(Model):
    """A figure nobody here can compute (the city's rank in its province), as somebody entered it, with its source."""

    __tablename__ = "entered_figure"
    __table_args__ = (sa.Index("entered_figure_period_idx", "period"), APPEND_ONLY)

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    period: Mapped[str] = mapped_column(sa.String(6))
    name: Mapped[str] = mapped_column(sa.String(40))
    value: Mapped[str] = mapped_column(sa.String(80))
    source: Mapped[str] = mapped_column(sa.String(200))
    entered_by: Mapped[str] = mapped_column(sa.String(80))
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)


class QuarterSnapshot(Model):
    """A quarter as it was reported: every record of the plan as it stood. Restating makes the next version."""

    __tablename__ = "quarter_snapshot"
    __table_args__ = (
        sa.UniqueConstraint("period", "version", name="quarter_snapshot_one_version"),
        sa.CheckConstraint("version > 0", name="quarter_snapshot_version_positive"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    period: Mapped[str] = mapped_column(sa.String(6))
    version: Mapped[int] = mapped_column(sa.Integer)
    plan_year: Mapped[int] = mapped_column(sa.Integer)
    frozen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    frozen_by: Mapped[str] = mapped_column(sa.String(80))
    reason: Mapped[str] = mapped_column(sa.String(200))
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    """``{"records": [RecordFacts.to_json(), …]}``"""


class ContributionDrive(Model):
    """How one estate's residents raised their part: when it began, what the highest and lowest household paid.

    ``is_lower_bound``: the sum was reported as "so much and more" (余) and is shown so.
    """

    __tablename__ = "contribution_drive"
    __table_args__ = (
        sa.UniqueConstraint("record_id", name="contribution_drive_one_a_record"),
        sa.CheckConstraint("households > 0", name="contribution_drive_has_households"),
        sa.CheckConstraint("highest_fen >= lowest_fen", name="contribution_drive_highest_not_low"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    record_id: Mapped[int] = mapped_column(fk("plan_record.id"))
    opened_on: Mapped[date] = mapped_column(sa.Date)
    households: Mapped[int] = mapped_column(sa.Integer)
    highest_fen: Mapped[int | None] = mapped_column(BigInt)
    lowest_fen: Mapped[int | None] = mapped_column(BigInt)
    is_lower_bound: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    source: Mapped[str] = mapped_column(sa.String(200))


class DriveProgress(Model):
    """How far a drive had come on a day: households that had paid, and the sum so far."""

    __tablename__ = "drive_progress"
    __table_args__ = (
        sa.UniqueConstraint("drive_id", "on_day", name="drive_progress_one_a_day"),
        sa.CheckConstraint("paid_households >= 0 AND collected_fen >= 0", name="drive_progress_not_negative"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    drive_id: Mapped[int] = mapped_column(fk("contribution_drive.id"))
    on_day: Mapped[date] = mapped_column(sa.Date)
    paid_households: Mapped[int] = mapped_column(sa.Integer)
    collected_fen: Mapped[int] = mapped_column(BigInt)
