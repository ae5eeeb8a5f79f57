"""Reports for districts and the city count frozen waves of sheets, so that two of them cannot be subtracted."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The waves."""
    op.create_table(
        "report_wave",
        sa.Column("campaign_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("estate_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("taken_at", UTCDateTime(), nullable=False),
        sa.Column("document", JsonDoc, nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("report_wave_number_counts")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("report_wave_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["estate_id"], ["place.id"], name=op.f("report_wave_estate_id_fkey")),
        sa.PrimaryKeyConstraint("campaign_id", "estate_id", name=op.f("report_wave_pkey")),
    )


def downgrade() -> None:
    """No waves."""
    op.drop_table("report_wave")
