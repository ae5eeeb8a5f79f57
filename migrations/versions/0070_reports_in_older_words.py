"""A report remembers since when it is in older words than its questionnaire."""

import sqlalchemy as sa
from alembic import op

from kernel.database import UTCDateTime
from kernel.database.altering import add_columns, drop_columns

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the moment; reports of before a correction that nobody marked are a month old at most, then they go."""
    add_columns(op, "survey_report", sa.Column("reworded_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    """Take it away."""
    drop_columns(op, "survey_report", "reworded_at")
