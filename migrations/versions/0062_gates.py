"""Dated bases: against how many households, which area and target a collection is measured."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

STATES = "'proposed', 'adopted', 'withdrawn'"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "gate_base",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("collection_id", BigInt, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("households", sa.BigInteger(), nullable=False),
        sa.Column("area_dm2", sa.BigInteger(), nullable=True),
        sa.Column("average_fen", sa.BigInteger(), nullable=False),
        sa.Column("target_fen", sa.BigInteger(), nullable=True),
        sa.Column("share_permille", sa.BigInteger(), nullable=True),
        sa.Column("by_building", JsonDoc, nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("made_by", BigInt, nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("decided_by", BigInt, nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("gate_base_state_known")),
        sa.CheckConstraint("households > 0 AND average_fen > 0", name=op.f("gate_base_of_somebody")),
        sa.CheckConstraint("area_dm2 IS NULL OR area_dm2 > 0", name=op.f("gate_base_area")),
        sa.CheckConstraint("target_fen IS NULL OR target_fen > 0", name=op.f("gate_base_target")),
        sa.CheckConstraint("share_permille IS NULL OR share_permille BETWEEN 1 AND 1000", name=op.f("gate_base_share")),
        sa.CheckConstraint(
            "decided_by IS NULL OR state = 'withdrawn' OR decided_by <> made_by", name=op.f("gate_base_two")
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name=op.f("gate_base_decided_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("gate_base_collection_id_fkey")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("gate_base_decided_by_fkey")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("gate_base_made_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("gate_base_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("gate_base_public_id_key")),
    )
    op.create_index("gate_base_collection_id_idx", "gate_base", ["collection_id", "as_of"])
    op.create_index(
        "gate_base_one_proposed",
        "gate_base",
        ["collection_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("gate_base")
