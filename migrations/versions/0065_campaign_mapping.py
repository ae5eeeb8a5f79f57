"""A campaign may replace the mapping of a correction by one of its own while it runs."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "campaign_mapping",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("from_version_id", BigInt, nullable=False),
        sa.Column("to_version_id", BigInt, nullable=False),
        sa.Column("document", JsonDoc, nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("from_version_id <> to_version_id", name=op.f("campaign_mapping_two_versions")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("campaign_mapping_campaign_id_fkey")),
        sa.ForeignKeyConstraint(
            ["from_version_id"], ["questionnaire_version.id"], name=op.f("campaign_mapping_from_version_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["to_version_id"], ["questionnaire_version.id"], name=op.f("campaign_mapping_to_version_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("campaign_mapping_pkey")),
    )
    op.create_index("campaign_mapping_campaign_id_idx", "campaign_mapping", ["campaign_id"], unique=False)
    append_only(op, "campaign_mapping")


def downgrade() -> None:
    """Drop it; figures stay as they were counted last."""
    op.drop_table("campaign_mapping")
