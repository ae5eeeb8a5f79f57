"""A paper form is keyed and kept in the words it was printed with, whatever was corrected meanwhile."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt
from kernel.database.altering import add_columns, allow_null, drop_columns

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: of a paper that is a response its version, else the one its campaign asks with."""
    add_columns(
        op,
        "survey_paper",
        sa.Column("version_id", BigInt, sa.ForeignKey("questionnaire_version.id"), nullable=True),
    )
    op.execute(
        "UPDATE survey_paper SET version_id = COALESCE("
        "(SELECT version_id FROM response WHERE response.id = survey_paper.response_id), "
        "(SELECT version_id FROM campaign WHERE campaign.id = survey_paper.campaign_id))"
    )
    allow_null(op, "survey_paper", "version_id", allowed=False)


def downgrade() -> None:
    """Take it away."""
    drop_columns(op, "survey_paper", "version_id")
