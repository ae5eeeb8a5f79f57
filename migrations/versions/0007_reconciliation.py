"""Bills kept as they came, the days compared with them, what differed and who decided what."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, append_only

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

APPEND_ONLY = ("bill_file",)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "bill_file",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("merchant_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("storage_key", sa.String(length=120), nullable=True),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('trade', 'fund_flow')", name=op.f("bill_file_kind_known")),
        sa.CheckConstraint("source IN ('service', 'file')", name=op.f("bill_file_source_known")),
        sa.CheckConstraint("storage_key IS NOT NULL OR row_count = 0", name=op.f("bill_file_kept_unless_empty")),
        sa.PrimaryKeyConstraint("id", name=op.f("bill_file_pkey")),
        sa.UniqueConstraint("channel", "merchant_id", "day", "kind", "sha256", name="bill_file_once"),
        sa.UniqueConstraint("public_id", name=op.f("bill_file_public_id_key")),
    )
    op.create_table(
        "reconciled_day",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("merchant_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("bill_id", BigInt, nullable=True),
        sa.Column("trouble", sa.String(length=200), nullable=True),
        sa.Column("ours_payments", sa.BigInteger(), nullable=False),
        sa.Column("ours_paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("ours_refunds", sa.BigInteger(), nullable=False),
        sa.Column("ours_refunded_fen", sa.BigInteger(), nullable=False),
        sa.Column("theirs_payments", sa.BigInteger(), nullable=False),
        sa.Column("theirs_paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("theirs_refunds", sa.BigInteger(), nullable=False),
        sa.Column("theirs_refunded_fen", sa.BigInteger(), nullable=False),
        sa.Column("run_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("closed_by", BigInt, nullable=True),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("reconciled_day_closed_by_somebody")),
        sa.CheckConstraint("closed_at IS NULL OR bill_id IS NOT NULL", name=op.f("reconciled_day_closed_with_a_bill")),
        sa.ForeignKeyConstraint(["bill_id"], ["bill_file.id"], name=op.f("reconciled_day_bill_id_fkey")),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("reconciled_day_closed_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("reconciled_day_pkey")),
        sa.UniqueConstraint("channel", "merchant_id", "day", name="reconciled_day_once"),
        sa.UniqueConstraint("public_id", name=op.f("reconciled_day_public_id_key")),
    )
    op.create_table(
        "bill_difference",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("day_id", BigInt, nullable=False),
        sa.Column("item", sa.String(length=24), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("nth", sa.BigInteger(), nullable=False),
        sa.Column("ours_fen", sa.BigInteger(), nullable=True),
        sa.Column("theirs_fen", sa.BigInteger(), nullable=True),
        sa.Column("ours_says", sa.String(length=64), nullable=False),
        sa.Column("theirs_says", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("found_at", UTCDateTime(), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("decision", sa.String(length=24), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.Column("proposed_by", BigInt, nullable=True),
        sa.Column("proposed_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", BigInt, nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'decided') = (decided_by IS NOT NULL)", name=op.f("bill_difference_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "decision IN ('entered', 'returned', 'theirs', 'accepted')", name=op.f("bill_difference_decision_known")
        ),
        sa.CheckConstraint("item IN ('payment', 'refund', 'transfer')", name=op.f("bill_difference_item_known")),
        sa.CheckConstraint(
            "kind IN ('missing_here', 'missing_there', 'amount', 'state', 'twice', 'other_day')",
            name=op.f("bill_difference_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'proposed', 'decided', 'healed', 'explained')", name=op.f("bill_difference_state_known")
        ),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'decided') OR (decision IS NOT NULL AND proposed_by IS NOT NULL)",
            name=op.f("bill_difference_proposed_by_somebody"),
        ),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("bill_difference_two_people")),
        sa.ForeignKeyConstraint(["day_id"], ["reconciled_day.id"], name=op.f("bill_difference_day_id_fkey")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("bill_difference_decided_by_fkey")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("bill_difference_proposed_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("bill_difference_pkey")),
        sa.UniqueConstraint("day_id", "item", "number", "kind", "nth", name="bill_difference_once"),
        sa.UniqueConstraint("public_id", name=op.f("bill_difference_public_id_key")),
    )
    op.create_index("bill_difference_number_idx", "bill_difference", ["number"], unique=False)
    for table in APPEND_ONLY:
        append_only(op, table)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("bill_difference")
    op.drop_table("reconciled_day")
    op.drop_table("bill_file")
