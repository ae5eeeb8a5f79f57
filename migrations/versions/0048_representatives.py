"""Who votes for an organisation, a minor or an incapable owner."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "owner_representative",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("owner_id", BigInt, nullable=False),
        sa.Column("representative_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("ground", sa.String(length=24), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=80), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "ground IN ('organisation', 'minor', 'incapable')", name=op.f("owner_representative_ground_known")
        ),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL) AND (confirmed_by IS NULL OR confirmed_by <> entered_by)",
            name=op.f("owner_representative_two_people"),
        ),
        sa.CheckConstraint("owner_id <> representative_id", name=op.f("owner_representative_is_another")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("owner_representative_owner_id_fkey")),
        sa.ForeignKeyConstraint(
            ["representative_id"], ["person.id"], name=op.f("owner_representative_representative_id_fkey")
        ),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("owner_representative_dwelling_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("owner_representative_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("owner_representative_public_id_key")),
    )
    op.create_index(
        "owner_representative_one_live",
        "owner_representative",
        ["owner_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "owner_representative_representative_id_idx", "owner_representative", ["representative_id"], unique=False
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("owner_representative")
