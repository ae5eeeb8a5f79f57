"""Accounts' signed days; batches of what was overpaid or came twice; why money goes back, as the payer reads it."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime
from kernel.database.altering import allow_words, forbid_words

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

WORDS = (
    ("refund_batch", "decision", ("duplicate", "overpaid")),
    ("deposit_refund", "reason", ("cancelled", "duplicate")),
    ("refund_intent", "reason", ("contribution",)),
)
LIVE = sa.text("state IN ('proposed', 'decided')")


def upgrade() -> None:
    """Make the table, let columns take new words."""
    op.create_table(
        "account_day",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("figures", JsonDoc, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("decision", sa.String(length=24), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.Column("proposed_at", UTCDateTime(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("proposed_by", BigInt, nullable=True),
        sa.Column("decided_by", BigInt, nullable=True),
        sa.CheckConstraint("state IN ('proposed', 'decided', 'sent_back')", name=op.f("account_day_state_known")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("account_day_two_people")),
        sa.CheckConstraint(
            "(state = 'decided') = (decided_by IS NOT NULL)", name=op.f("account_day_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'decided') OR (decision IS NOT NULL AND proposed_by IS NOT NULL)",
            name=op.f("account_day_proposed_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["bank_account.id"], name=op.f("account_day_account_id_fkey")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("account_day_proposed_by_fkey")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("account_day_decided_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("account_day_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("account_day_public_id_key")),
    )
    op.create_index(
        "account_day_once",
        "account_day",
        ["account_id", "until"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    for table, column, words in WORDS:
        allow_words(op, table, column, *words)


def downgrade() -> None:
    """Drop the table; the words are refused while rows say so."""
    for table, column, words in reversed(WORDS):
        forbid_words(op, table, column, *words)
    op.drop_table("account_day")
