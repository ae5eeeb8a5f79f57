"""Mappings between versions of a questionnaire, and campaigns that went on with a corrected one."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "version_mapping",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("from_version_id", BigInt, nullable=False),
        sa.Column("to_version_id", BigInt, nullable=False),
        sa.Column("document", JsonDoc, nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("from_version_id <> to_version_id", name=op.f("version_mapping_two_versions")),
        sa.ForeignKeyConstraint(
            ["from_version_id"], ["questionnaire_version.id"], name=op.f("version_mapping_from_version_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["to_version_id"], ["questionnaire_version.id"], name=op.f("version_mapping_to_version_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("version_mapping_pkey")),
        sa.UniqueConstraint("from_version_id", "to_version_id", name="version_mapping_pair_key"),
    )
    op.create_table(
        "campaign_correction",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("from_version_id", BigInt, nullable=False),
        sa.Column("to_version_id", BigInt, nullable=False),
        sa.Column("mapping_id", BigInt, nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("corrected_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("campaign_correction_campaign_id_fkey")),
        sa.ForeignKeyConstraint(
            ["from_version_id"], ["questionnaire_version.id"], name=op.f("campaign_correction_from_version_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["to_version_id"], ["questionnaire_version.id"], name=op.f("campaign_correction_to_version_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["mapping_id"], ["version_mapping.id"], name=op.f("campaign_correction_mapping_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("campaign_correction_pkey")),
    )
    op.create_index("campaign_correction_campaign_id_idx", "campaign_correction", ["campaign_id"], unique=False)
    append_only(op, "version_mapping")
    append_only(op, "campaign_correction")


def downgrade() -> None:
    """Drop them; campaigns stay with the wording they ask with."""
    op.drop_table("campaign_correction")
    op.drop_table("version_mapping")
