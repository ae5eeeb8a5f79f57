"""Households ask a worker to come by: one open visit a home."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "home_visit",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("by_worker", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("half", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('survey', 'vote', 'money', 'seeing', 'other')", name=op.f("home_visit_purpose_known")
        ),
        sa.CheckConstraint("half IN ('am', 'pm')", name=op.f("home_visit_half_known")),
        sa.CheckConstraint("state IN ('open', 'done', 'cancelled', 'lapsed')", name=op.f("home_visit_state_known")),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("home_visit_ended")),
        sa.CheckConstraint("tries >= 0", name=op.f("home_visit_tries")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("home_visit_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("home_visit_account_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("home_visit_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("home_visit_public_id_key")),
    )
    op.create_index(
        "home_visit_one_open",
        "home_visit",
        ["dwelling_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("home_visit_dwelling_id_idx", "home_visit", ["dwelling_id", "made_at"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_table("home_visit")
