"""Rolls: objections, corrections and amendments, and the frozen copy."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "roll_objection",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("raised_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("kind IN ('area', 'owners', 'missing', 'other')", name=op.f("roll_objection_kind_known")),
        sa.CheckConstraint(
            "state IN ('open', 'upheld', 'rejected', 'withdrawn')", name=op.f("roll_objection_state_known")
        ),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("roll_objection_open_until_ended")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("roll_objection_vote_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("roll_objection_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("roll_objection_account_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("roll_objection_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("roll_objection_public_id_key")),
    )
    op.create_index(
        "roll_objection_one_open",
        "roll_objection",
        ["vote_id", "dwelling_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("roll_objection_vote_id_idx", "roll_objection", ["vote_id"], unique=False)
    op.create_table(
        "roll_change",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("objection_id", BigInt, nullable=True),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("effect", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("old", JsonDoc, nullable=False),
        sa.Column("new", JsonDoc, nullable=False),
        sa.Column("rows", JsonDoc, nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "kind IN ('area', 'owners', 'left_out', 'put_back', 'sale', 'inheritance', 'court')",
            name=op.f("roll_change_kind_known"),
        ),
        sa.CheckConstraint("effect IN ('applied', 'stands')", name=op.f("roll_change_effect_known")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("roll_change_vote_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("roll_change_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["objection_id"], ["roll_objection.id"], name=op.f("roll_change_objection_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("roll_change_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("roll_change_public_id_key")),
        sa.UniqueConstraint("vote_id", "number", name="roll_change_one_number"),
    )
    op.create_table(
        "roll_snapshot",
        sa.Column("vote_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("roll_snapshot_vote_id_fkey")),
        sa.PrimaryKeyConstraint("vote_id", name=op.f("roll_snapshot_pkey")),
    )
    append_only(op, "roll_change")
    append_only(op, "roll_snapshot")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("roll_snapshot")
    op.drop_table("roll_change")
    op.drop_table("roll_objection")
