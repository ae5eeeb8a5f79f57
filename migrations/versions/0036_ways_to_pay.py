"""How a payer is handed over to WeChat: its pay sheet, a code to scan, a page of another browser."""

import sqlalchemy as sa
from alembic import op

from kernel.database.altering import add_check, add_columns, drop_columns, drop_constraint

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

TABLE = "payment_attempt"


def upgrade() -> None:
    """Say it of every attempt; those there are were of the pay sheet."""
    add_columns(
        op,
        TABLE,
        sa.Column("how", sa.String(24), nullable=False, server_default="'jsapi'"),
        sa.Column("pay_url", sa.String(512), nullable=True),
        sa.Column("payer_ip", sa.String(45), nullable=True),
    )
    add_check(op, TABLE, "payment_attempt_how_known", "how IN ('jsapi', 'native', 'h5')")


def downgrade() -> None:
    """Forget it."""
    drop_constraint(op, TABLE, "payment_attempt_how_known")
    drop_columns(op, TABLE, "payer_ip", "pay_url", "how")
