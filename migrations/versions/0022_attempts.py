"""Tries at doors, and the kept figures of estates that need a look at every home."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "visit_attempt",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('met', 'not_home', 'vacant', 'refused')", name=op.f("visit_attempt_outcome_known")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("visit_attempt_account_id_fkey")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("visit_attempt_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("visit_attempt_dwelling_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("visit_attempt_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("visit_attempt_public_id_key")),
    )
    op.create_index("visit_attempt_dwelling_idx", "visit_attempt", ["campaign_id", "dwelling_id", "at"])
    append_only(op, "visit_attempt")
    op.create_table(
        "estate_sheet",
        sa.Column("campaign_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("estate_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("responses", sa.Integer(), nullable=False),
        sa.Column("homes", sa.Integer(), nullable=False),
        sa.Column("document", JsonDoc, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("estate_sheet_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["estate_id"], ["place.id"], name=op.f("estate_sheet_estate_id_fkey")),
        sa.PrimaryKeyConstraint("campaign_id", "estate_id", name=op.f("estate_sheet_pkey")),
    )
    op.create_table(
        "known_group",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("estate_id", BigInt, nullable=False),
        sa.Column("trait", sa.String(length=24), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("households >= 0", name=op.f("known_group_not_negative")),
        sa.ForeignKeyConstraint(["estate_id"], ["place.id"], name=op.f("known_group_estate_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("known_group_pkey")),
    )
    op.create_index("known_group_estate_idx", "known_group", ["estate_id", "trait", "at"])
    append_only(op, "known_group")


def downgrade() -> None:
    """Drop them."""
    for table in ("known_group", "estate_sheet", "visit_attempt"):
        op.drop_table(table)
