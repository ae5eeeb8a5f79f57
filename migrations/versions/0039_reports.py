"""Reports for staff, made in the background and kept."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "survey_report",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("estate_codes", JsonDoc, nullable=False),
        sa.Column("spec", JsonDoc, nullable=False),
        sa.Column("spec_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("leased_until", UTCDateTime(), nullable=True),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=True),
        sa.Column("responses", sa.Integer(), nullable=False),
        sa.Column("document", JsonDoc, nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'making', 'ready', 'failed')", name=op.f("survey_report_state_known")),
        sa.CheckConstraint("made_at IS NOT NULL OR state <> 'ready'", name=op.f("survey_report_ready_since")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("survey_report_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("survey_report_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("survey_report_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("survey_report_public_id_key")),
    )
    op.create_index("survey_report_spec_idx", "survey_report", ["campaign_id", "spec_hash"])
    op.create_index("survey_report_state_idx", "survey_report", ["state", "leased_until"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("survey_report")
