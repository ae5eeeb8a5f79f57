"""Files of a campaign's answers, asked for by staff and made in the background."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "survey_export",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("estate_codes", JsonDoc, nullable=False),
        sa.Column("format", sa.String(length=24), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("leased_until", UTCDateTime(), nullable=True),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(length=120), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("format IN ('xlsx', 'csv')", name=op.f("survey_export_format_known")),
        sa.CheckConstraint(
            "state IN ('waiting', 'making', 'ready', 'failed', 'gone')", name=op.f("survey_export_state_known")
        ),
        sa.CheckConstraint("storage_key IS NOT NULL OR state <> 'ready'", name=op.f("survey_export_ready_has_file")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("survey_export_account_id_fkey")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("survey_export_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("survey_export_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("survey_export_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("survey_export_public_id_key")),
    )
    op.create_index("survey_export_account_id_idx", "survey_export", ["account_id", "campaign_id"], unique=False)
    op.create_index("survey_export_state_idx", "survey_export", ["state", "leased_until"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_table("survey_export")
