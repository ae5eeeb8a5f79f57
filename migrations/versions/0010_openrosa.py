"""App passwords: what a worker's phone app signs in with, one a phone, taken back one by one."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "openrosa_password",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("slot BETWEEN 1 AND 5", name=op.f("openrosa_password_slot_known")),
        sa.CheckConstraint("ends_at > made_at", name=op.f("openrosa_password_runs_forward")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("openrosa_password_account_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("openrosa_password_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("openrosa_password_public_id_key")),
        sa.UniqueConstraint("username", name="openrosa_password_username_key"),
    )
    op.create_index(
        "openrosa_password_one_a_slot",
        "openrosa_password",
        ["account_id", "slot"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
        sqlite_where=sa.text("revoked_at IS NULL"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("openrosa_password")
