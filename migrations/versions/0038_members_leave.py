"""Members of a self-management group leave before its term, and alternates move up."""

import sqlalchemy as sa
from alembic import op

from kernel.database import UTCDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add when and why a member left."""
    op.add_column("self_group_member", sa.Column("left_at", UTCDateTime(), nullable=True))
    op.add_column("self_group_member", sa.Column("left_why", sa.String(length=24), nullable=True))


def downgrade() -> None:
    """Drop them: who left would look like a member, so those rows go first."""
    op.execute("DELETE FROM self_group_member WHERE left_at IS NOT NULL")
    op.drop_column("self_group_member", "left_why")
    op.drop_column("self_group_member", "left_at")
