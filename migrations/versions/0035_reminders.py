"""Reminders of contributions: how often at most, and each one."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, allow_values, append_only

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


NOTICES = (
    "new_claim",
    "claim_confirmed",
    "claim_refused",
    "money_taken",
    "money_voided",
    "response_assisted",
    "response_changed",
    "response_waiting",
    "response_settled",
    "survey_reminder",
)


def upgrade() -> None:
    """Make the tables."""
    allow_values(op, "notice", "kind", (*NOTICES, "budget_published", "contribution_reminder"))
    op.create_table(
        "reminder_setting",
        sa.Column("collection_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=False),
        sa.Column("set_by", BigInt, nullable=False),
        sa.Column("set_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("most BETWEEN 0 AND 5", name="reminder_setting_most"),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("reminder_setting_collection_id_fkey")),
        sa.ForeignKeyConstraint(["set_by"], ["person.id"], name=op.f("reminder_setting_set_by_fkey")),
        sa.PrimaryKeyConstraint("collection_id", name=op.f("reminder_setting_pkey")),
    )
    op.create_table(
        "reminder",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("budget_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("by_person_id", BigInt, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("counted BETWEEN 1 AND 5", name="reminder_never_more"),
        sa.ForeignKeyConstraint(["budget_id"], ["budget.id"], name=op.f("reminder_budget_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("reminder_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("reminder_by_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("reminder_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("reminder_public_id_key")),
        sa.UniqueConstraint("budget_id", "dwelling_id", "counted", name="reminder_counted_once"),
    )
    append_only(op, "reminder")


def downgrade() -> None:
    """Drop them; notices of reminders go with them."""
    op.execute("DELETE FROM notice WHERE kind IN ('budget_published', 'contribution_reminder')")
    allow_values(op, "notice", "kind", NOTICES)
    for table in ("reminder", "reminder_setting"):
        op.drop_table(table)
