"""Responses and keyings may lose what says whose they are, and nothing else of them may change."""

import sqlalchemy as sa
from alembic import op

from kernel.database import append_only, append_only_but

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

FORGETS = {
    "response": {"private_sealed": "{} IS NULL", "person_id": "{} IS NULL", "account_id": "{} IS NOT NULL"},
    "survey_keying": {"sealed": "length({}) = 0"},
}


def upgrade() -> None:
    """Put the narrower lock in place of the whole one."""
    inspector = sa.inspect(op.get_bind())
    for table, forgets in FORGETS.items():
        columns = [column["name"] for column in inspector.get_columns(table)]
        _unlock(table)
        append_only_but(op, table, columns, forgets)


def downgrade() -> None:
    """And back."""
    for table in FORGETS:
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
