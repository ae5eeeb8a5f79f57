"""Money of many households that goes back together, agreed by two, released one by one."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "refund_batch",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("collection_id", BigInt, nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("decision", sa.String(length=24), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.Column("proposed_at", UTCDateTime(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("proposed_by", BigInt, nullable=True),
        sa.Column("decided_by", BigInt, nullable=True),
        sa.CheckConstraint(
            "(state = 'decided') = (decided_by IS NOT NULL)", name=op.f("refund_batch_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "decision IN ('not_listed', 'cancelled', 'surplus_area', 'surplus_paid')",
            name=op.f("refund_batch_decision_known"),
        ),
        sa.CheckConstraint("state IN ('proposed', 'decided', 'sent_back')", name=op.f("refund_batch_state_known")),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'decided') OR (decision IS NOT NULL AND proposed_by IS NOT NULL)",
            name=op.f("refund_batch_proposed_by_somebody"),
        ),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("refund_batch_two_people")),
        sa.CheckConstraint("total_fen > 0", name=op.f("refund_batch_total_positive")),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("refund_batch_collection_id_fkey")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("refund_batch_decided_by_fkey")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("refund_batch_proposed_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("refund_batch_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("refund_batch_public_id_key")),
    )
    op.create_index(
        "refund_batch_one_waits",
        "refund_batch",
        ["collection_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "refund_batch_line",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("batch_id", BigInt, nullable=False),
        sa.Column("deposit_id", BigInt, nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=True),
        sa.Column("request_id", BigInt, nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("(state = 'released') = (request_id IS NOT NULL)", name=op.f("refund_batch_line_released")),
        sa.CheckConstraint("state <> 'failed' OR problem IS NOT NULL", name=op.f("refund_batch_line_says_why")),
        sa.CheckConstraint(
            "state IN ('planned', 'released', 'failed', 'dropped')", name=op.f("refund_batch_line_state_known")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("refund_batch_line_amount_positive")),
        sa.ForeignKeyConstraint(["batch_id"], ["refund_batch.id"], name=op.f("refund_batch_line_batch_id_fkey")),
        sa.ForeignKeyConstraint(["deposit_id"], ["deposit.id"], name=op.f("refund_batch_line_deposit_id_fkey")),
        sa.ForeignKeyConstraint(["request_id"], ["deposit_refund.id"], name=op.f("refund_batch_line_request_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("refund_batch_line_pkey")),
        sa.UniqueConstraint("batch_id", "deposit_id", name="refund_batch_line_once"),
        sa.UniqueConstraint("public_id", name=op.f("refund_batch_line_public_id_key")),
        sa.UniqueConstraint("request_id", name="refund_batch_line_one_a_request"),
    )
    op.create_index("refund_batch_line_deposit_idx", "refund_batch_line", ["deposit_id"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("refund_batch_line")
    op.drop_table("refund_batch")
