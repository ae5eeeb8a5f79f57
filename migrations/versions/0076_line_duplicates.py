"""A bank line that is another one told again; a signed day that a late line is added to; whose an alarm is."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt
from kernel.database.altering import add_check, add_columns, allow_words, drop_columns, drop_constraint, forbid_words

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

LIVE = sa.text("state IN ('proposed', 'decided')")
FIRST = sa.text("state IN ('proposed', 'decided') AND amends IS NULL")


def _live(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "account_day", columns, unique=True, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    """Let lines name the line they are, days the day they add to, alarms the merchant they are about."""
    add_columns(op, "bank_line", sa.Column("duplicate_of", BigInt, sa.ForeignKey("bank_line.id"), nullable=True))
    add_check(op, "bank_line", "bank_line_never_its_own_duplicate", "duplicate_of IS NULL OR duplicate_of <> id")
    add_check(
        op,
        "bank_line",
        "bank_line_duplicate_of_something",
        "state <> 'decided' OR decision <> 'duplicate' OR duplicate_of IS NOT NULL",
    )
    op.create_index("bank_line_duplicate_of_idx", "bank_line", ["duplicate_of"])
    allow_words(op, "bank_line", "decision", "duplicate")
    add_columns(op, "account_day", sa.Column("amends", BigInt, sa.ForeignKey("account_day.id"), nullable=True))
    op.drop_index("account_day_once", "account_day")
    _live("account_day_once", ["account_id", "until"], FIRST)
    _live("account_day_amended_once", ["amends"], LIVE)
    add_columns(op, "payment_alarm", sa.Column("merchant_id", sa.String(length=32), nullable=True))
    allow_words(op, "notice", "kind", "maybe_paid_twice")


def downgrade() -> None:
    """No longer. Refused while a day is added to another, or a line is a duplicate."""
    op.execute("DELETE FROM notice WHERE kind = 'maybe_paid_twice'")
    forbid_words(op, "notice", "kind", "maybe_paid_twice")
    drop_columns(op, "payment_alarm", "merchant_id")
    op.drop_index("account_day_amended_once", "account_day")
    op.drop_index("account_day_once", "account_day")
    drop_columns(op, "account_day", "amends")
    _live("account_day_once", ["account_id", "until"], LIVE)
    forbid_words(op, "bank_line", "decision", "duplicate")
    op.drop_index("bank_line_duplicate_of_idx", "bank_line")
    drop_constraint(op, "bank_line", "bank_line_duplicate_of_something")
    drop_constraint(op, "bank_line", "bank_line_never_its_own_duplicate")
    drop_columns(op, "bank_line", "duplicate_of")
