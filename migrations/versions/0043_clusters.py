"""Votes of several assemblies that belong together."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, append_only

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "vote_cluster",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("vote_cluster_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("vote_cluster_public_id_key")),
    )
    op.create_table(
        "vote_cluster_member",
        sa.Column("vote_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("cluster_id", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("vote_cluster_member_vote_id_fkey")),
        sa.ForeignKeyConstraint(["cluster_id"], ["vote_cluster.id"], name=op.f("vote_cluster_member_cluster_id_fkey")),
        sa.PrimaryKeyConstraint("vote_id", name=op.f("vote_cluster_member_pkey")),
    )
    op.create_index("vote_cluster_member_cluster_id_idx", "vote_cluster_member", ["cluster_id"], unique=False)
    append_only(op, "vote_cluster")
    append_only(op, "vote_cluster_member")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("vote_cluster_member")
    op.drop_table("vote_cluster")
