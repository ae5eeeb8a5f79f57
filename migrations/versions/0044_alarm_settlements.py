"""Alarms of money are settled with a reason; a line of the bank may be a payment out the books hold already."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, allow_values

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

DECISIONS = ("credited", "arrived", "pos", "returned", "theirs", "accepted", "entered")


def upgrade() -> None:
    """Make the table."""
    allow_values(op, "bank_line", "decision", (*DECISIONS, "paid_out"))
    op.create_table(
        "alarm_settlement",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("alarm_id", BigInt, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("decision", sa.String(length=24), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.Column("proposed_at", UTCDateTime(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("proposed_by", BigInt, nullable=True),
        sa.Column("decided_by", BigInt, nullable=True),
        sa.CheckConstraint(
            "(state = 'decided') = (decided_by IS NOT NULL)", name=op.f("alarm_settlement_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "decision IN ('returned', 'credited', 'asked', 'nothing')", name=op.f("alarm_settlement_decision_known")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'decided', 'sent_back', 'noted')", name=op.f("alarm_settlement_state_known")
        ),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'decided') OR (decision IS NOT NULL AND proposed_by IS NOT NULL)",
            name=op.f("alarm_settlement_proposed_by_somebody"),
        ),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("alarm_settlement_two_people")),
        sa.CheckConstraint("why IS NOT NULL AND proposed_by IS NOT NULL", name=op.f("alarm_settlement_says_why")),
        sa.ForeignKeyConstraint(["alarm_id"], ["payment_alarm.id"], name=op.f("alarm_settlement_alarm_id_fkey")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("alarm_settlement_decided_by_fkey")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("alarm_settlement_proposed_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("alarm_settlement_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("alarm_settlement_public_id_key")),
    )
    op.create_index(
        "alarm_settlement_one",
        "alarm_settlement",
        ["alarm_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'sent_back'"),
        postgresql_where=sa.text("state <> 'sent_back'"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("alarm_settlement")
    allow_values(op, "bank_line", "decision", DECISIONS)
