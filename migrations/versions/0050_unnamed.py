"""What households said of a sheet and of works may lose who said it, and nothing else of it may change."""

import sqlalchemy as sa
from alembic import op

from kernel.database import append_only, append_only_but

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

TABLES = ("response_review", "effect_mark")


def upgrade() -> None:
    """Put the narrower lock in place of the whole one."""
    inspector = sa.inspect(op.get_bind())
    for table in TABLES:
        columns = [column["name"] for column in inspector.get_columns(table)]
        _unlock(table)
        append_only_but(op, table, columns, {"account_id": "{} IS NOT NULL"})


def downgrade() -> None:
    """And back."""
    for table in TABLES:
        _unlock(table)
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP FUNCTION IF EXISTS {table}_refuse_change()")
        append_only(op, table)


def _unlock(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
    else:
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{verb}")
