"""What households have begun to fill in, kept until it is submitted."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "draft",
        sa.Column("campaign_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("dwelling_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("account_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("draft_number_positive")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("draft_account_id_fkey")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("draft_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("draft_dwelling_id_fkey")),
        sa.PrimaryKeyConstraint("campaign_id", "dwelling_id", "account_id", name=op.f("draft_pkey")),
    )
    op.create_index("draft_saved_at_idx", "draft", ["saved_at"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_table("draft")
