"""A result's way: days of publicity, where it stands, objections with answers, recounts beside the first count.

Results published before are final: groups and works stand on them.
"""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "result_plan",
        sa.Column("vote_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("publicity_days", sa.Integer(), nullable=False),
        sa.CheckConstraint("publicity_days BETWEEN 0 AND 90", name=op.f("result_plan_days_sensible")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("result_plan_vote_id_fkey")),
        sa.PrimaryKeyConstraint("vote_id", name=op.f("result_plan_pkey")),
    )
    op.create_table(
        "result_standing",
        sa.Column("vote_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("final_at", UTCDateTime(), nullable=True),
        sa.Column("final_by", sa.String(length=80), nullable=True),
        sa.CheckConstraint("stage IN ('preliminary', 'final')", name=op.f("result_standing_stage_known")),
        sa.CheckConstraint(
            "(stage = 'final') = (final_at IS NOT NULL) AND (final_at IS NULL) = (final_by IS NULL)",
            name=op.f("result_standing_final_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("result_standing_vote_id_fkey")),
        sa.PrimaryKeyConstraint("vote_id", name=op.f("result_standing_pkey")),
    )
    op.create_table(
        "result_recount",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", JsonDoc, nullable=False),
        sa.Column("tally_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.Column("counted_at", UTCDateTime(), nullable=False),
        sa.Column("counted_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("result_recount_vote_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("result_recount_pkey")),
        sa.UniqueConstraint("vote_id", "number", name="result_recount_one_number"),
    )
    op.create_table(
        "result_objection",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("roll_line_id", BigInt, nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("ruling", sa.String(length=24), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(length=80), nullable=True),
        sa.CheckConstraint("ruling IN ('upheld', 'rejected')", name=op.f("result_objection_ruling_known")),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (ruling IS NULL) AND (answered_at IS NULL) = (answer IS NULL) "
            "AND (answered_at IS NULL) = (answered_by IS NULL)",
            name=op.f("result_objection_answered_whole"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("result_objection_account_id_fkey")),
        sa.ForeignKeyConstraint(["roll_line_id"], ["roll_line.id"], name=op.f("result_objection_roll_line_id_fkey")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("result_objection_vote_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("result_objection_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("result_objection_public_id_key")),
        sa.UniqueConstraint("vote_id", "number", name="result_objection_one_number"),
    )
    op.create_index(
        "result_objection_one_open",
        "result_objection",
        ["vote_id", "account_id"],
        unique=True,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    append_only(op, "result_recount")
    op.execute(
        "INSERT INTO result_standing (vote_id, stage, ends_at, provisional, final_at, final_by) "
        "SELECT vote_id, 'final', counted_at, false, counted_at, counted_by FROM vote_result"
    )


def downgrade() -> None:
    """Drop them; a recount published since is lost, the first count stays."""
    op.drop_table("result_objection")
    op.drop_table("result_recount")
    op.drop_table("result_standing")
    op.drop_table("result_plan")
