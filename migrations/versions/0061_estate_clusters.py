"""Clusters of estates (片区): what is planned and decided on as one."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables."""
    op.create_table(
        "cluster",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("cluster_ended_by_somebody")),
        sa.PrimaryKeyConstraint("id", name=op.f("cluster_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("cluster_public_id_key")),
    )
    op.create_table(
        "cluster_estate",
        sa.Column("cluster_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("estate_id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["cluster_id"], ["cluster.id"], name=op.f("cluster_estate_cluster_id_fkey")),
        sa.ForeignKeyConstraint(["estate_id"], ["place.id"], name=op.f("cluster_estate_estate_id_fkey")),
        sa.PrimaryKeyConstraint("cluster_id", "estate_id", name=op.f("cluster_estate_pkey")),
    )
    op.create_index("cluster_estate_estate_id_idx", "cluster_estate", ["estate_id"], unique=False)


def downgrade() -> None:
    """No clusters."""
    op.drop_table("cluster_estate")
    op.drop_table("cluster")
