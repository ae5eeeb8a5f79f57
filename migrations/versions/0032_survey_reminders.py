"""Reminders to the households of an estate that have not answered."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, append_only

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "survey_reminder",
        sa.Column("campaign_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("estate_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=False),
        sa.Column("by_person_id", BigInt, nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("survey_reminder_number_positive")),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("survey_reminder_by_person_id_fkey")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("survey_reminder_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["estate_id"], ["place.id"], name=op.f("survey_reminder_estate_id_fkey")),
        sa.PrimaryKeyConstraint("campaign_id", "estate_id", "number", name=op.f("survey_reminder_pkey")),
    )
    append_only(op, "survey_reminder")


def downgrade() -> None:
    """Drop it."""
    op.drop_table("survey_reminder")
