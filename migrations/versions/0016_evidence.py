"""Proofs kept beside records: the photo of a paper, a voucher, how a notice was delivered."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, append_only

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "evidence_file",
        sa.Column("id", BigInt, sa.Identity(), nullable=False),
        sa.Column("public_id", sa.String(22), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("place_id", BigInt, nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("storage_key", sa.String(120), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("size_bytes > 0", name=op.f("evidence_file_not_empty")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("evidence_file_account_id_fkey")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("evidence_file_place_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("evidence_file_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("evidence_file_public_id_key")),
    )
    op.create_index("evidence_file_created_at_idx", "evidence_file", ["created_at"], unique=False)
    op.create_table(
        "evidence_use",
        sa.Column("file_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["evidence_file.id"], name=op.f("evidence_use_file_id_fkey")),
        sa.PrimaryKeyConstraint("file_id", name=op.f("evidence_use_pkey")),
    )
    op.create_index("evidence_use_subject_idx", "evidence_use", ["subject"], unique=False)
    append_only(op, "evidence_use")


def downgrade() -> None:
    """Drop them."""
    op.drop_table("evidence_use")
    op.drop_table("evidence_file")
