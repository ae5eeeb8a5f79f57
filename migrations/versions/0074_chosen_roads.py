"""A batch's payment may go back by bank transfer though WeChat were open: chosen before two approve, with the reason."""

import sqlalchemy as sa
from alembic import op

from kernel.database.altering import add_columns, drop_columns

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the reason; what was proposed before goes by the road that is open."""
    add_columns(op, "refund_batch_line", sa.Column("bank_why", sa.String(length=200), nullable=True))


def downgrade() -> None:
    """And back."""
    drop_columns(op, "refund_batch_line", "bank_why")
