"""The plan: its records, its money, figures entered, quarters frozen, contribution drives."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

APPEND_ONLY = ("funds_entry", "entered_figure", "quarter_snapshot", "drive_progress")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "entered_figure",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("entered_figure_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("entered_figure_public_id_key")),
    )
    op.create_index("entered_figure_period_idx", "entered_figure", ["period"], unique=False)
    op.create_table(
        "quarter_snapshot",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("plan_year", sa.Integer(), nullable=False),
        sa.Column("frozen_at", UTCDateTime(), nullable=False),
        sa.Column("frozen_by", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("document", JsonDoc, nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("quarter_snapshot_version_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("quarter_snapshot_pkey")),
        sa.UniqueConstraint("period", "version", name="quarter_snapshot_one_version"),
        sa.UniqueConstraint("public_id", name=op.f("quarter_snapshot_public_id_key")),
    )
    op.create_table(
        "plan_record",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("plan_year", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("estate_id", BigInt, nullable=False),
        sa.Column("district_id", BigInt, nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("buildings", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("in_central_task", sa.Boolean(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("start_evidence", sa.String(length=200), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint("mode IN ('deposit_then_contribution', 'one_shot')", name=op.f("plan_record_mode_known")),
        sa.CheckConstraint(
            "(started_on IS NULL) = (start_evidence IS NULL)", name=op.f("plan_record_start_has_evidence")
        ),
        sa.CheckConstraint(
            "completed_on IS NULL OR (started_on IS NOT NULL AND completed_on >= started_on)",
            name=op.f("plan_record_completed_after_start"),
        ),
        sa.CheckConstraint("households > 0 AND buildings > 0", name=op.f("plan_record_not_empty")),
        sa.ForeignKeyConstraint(["district_id"], ["place.id"], name=op.f("plan_record_district_id_fkey")),
        sa.ForeignKeyConstraint(["estate_id"], ["place.id"], name=op.f("plan_record_estate_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("plan_record_pkey")),
        sa.UniqueConstraint("plan_year", "estate_id", name="plan_record_one_a_year"),
        sa.UniqueConstraint("public_id", name=op.f("plan_record_public_id_key")),
    )
    op.create_index("plan_record_district_id_idx", "plan_record", ["district_id"], unique=False)
    op.create_table(
        "contribution_drive",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("record_id", BigInt, nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("highest_fen", BigInt, nullable=True),
        sa.Column("lowest_fen", BigInt, nullable=True),
        sa.Column("is_lower_bound", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint("highest_fen >= lowest_fen", name=op.f("contribution_drive_highest_not_low")),
        sa.CheckConstraint("households > 0", name=op.f("contribution_drive_has_households")),
        sa.ForeignKeyConstraint(["record_id"], ["plan_record.id"], name=op.f("contribution_drive_record_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("contribution_drive_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("contribution_drive_public_id_key")),
        sa.UniqueConstraint("record_id", name="contribution_drive_one_a_record"),
    )
    op.create_table(
        "funds_entry",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("record_id", BigInt, nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("move", sa.String(length=24), nullable=False),
        sa.Column("amount_fen", BigInt, nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("move IN ('received', 'spent')", name=op.f("funds_entry_move_known")),
        sa.CheckConstraint(
            "source IN ('central', 'province', 'city', 'county', 'residents', 'owner_unit', 'pipeline')",
            name=op.f("funds_entry_source_known"),
        ),
        sa.CheckConstraint("amount_fen <> 0", name=op.f("funds_entry_amount_not_zero")),
        sa.ForeignKeyConstraint(["record_id"], ["plan_record.id"], name=op.f("funds_entry_record_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("funds_entry_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("funds_entry_public_id_key")),
    )
    op.create_index("funds_entry_record_id_idx", "funds_entry", ["record_id"], unique=False)
    op.create_table(
        "drive_progress",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("drive_id", BigInt, nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("paid_households", sa.Integer(), nullable=False),
        sa.Column("collected_fen", BigInt, nullable=False),
        sa.CheckConstraint("paid_households >= 0 AND collected_fen >= 0", name=op.f("drive_progress_not_negative")),
        sa.ForeignKeyConstraint(["drive_id"], ["contribution_drive.id"], name=op.f("drive_progress_drive_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("drive_progress_pkey")),
        sa.UniqueConstraint("drive_id", "on_day", name="drive_progress_one_a_day"),
    )
    for table in APPEND_ONLY:
        append_only(op, table)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("drive_progress")
    op.drop_table("funds_entry")
    op.drop_table("contribution_drive")
    op.drop_table("plan_record")
    op.drop_table("quarter_snapshot")
    op.drop_table("entered_figure")
