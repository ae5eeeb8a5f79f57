"""Deposits asked back, refunded by two people on two roads, and converted into contributions."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "conversion_batch",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("collection_id", BigInt, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("due_fen", sa.BigInteger(), nullable=True),
        sa.Column("proposed_by", BigInt, nullable=False),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("decided_by", BigInt, nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state <> 'agreed' OR (decided_by IS NOT NULL AND decided_by <> proposed_by)",
            name=op.f("conversion_batch_two_people"),
        ),
        sa.CheckConstraint("state IN ('proposed', 'agreed', 'withdrawn')", name=op.f("conversion_batch_state_known")),
        sa.CheckConstraint("due_fen IS NULL OR due_fen > 0", name=op.f("conversion_batch_due_positive")),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("conversion_batch_collection_id_fkey")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("conversion_batch_decided_by_fkey")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("conversion_batch_proposed_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("conversion_batch_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("conversion_batch_public_id_key")),
    )
    op.create_index(
        "conversion_batch_one_proposed",
        "conversion_batch",
        ["collection_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "conversion_line",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("batch_id", BigInt, nullable=False),
        sa.Column("deposit_id", BigInt, nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("rest_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name=op.f("conversion_line_done_when_done")),
        sa.CheckConstraint(
            "state IN ('planned', 'done', 'skipped', 'dropped')", name=op.f("conversion_line_state_known")
        ),
        sa.CheckConstraint("amount_fen > 0 AND rest_fen >= 0", name=op.f("conversion_line_amounts")),
        sa.ForeignKeyConstraint(["batch_id"], ["conversion_batch.id"], name=op.f("conversion_line_batch_id_fkey")),
        sa.ForeignKeyConstraint(["deposit_id"], ["deposit.id"], name=op.f("conversion_line_deposit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("conversion_line_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("conversion_line_public_id_key")),
    )
    op.create_index("conversion_line_batch_id_idx", "conversion_line", ["batch_id"], unique=False)
    op.create_index("conversion_line_deposit_id_idx", "conversion_line", ["deposit_id"], unique=False)
    op.create_index(
        "conversion_line_one_open",
        "conversion_line",
        ["deposit_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('planned', 'done')"),
        postgresql_where=sa.text("state IN ('planned', 'done')"),
    )
    op.create_table(
        "deposit_refund",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("deposit_id", BigInt, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("origin", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("entered_by", BigInt, nullable=True),
        sa.Column("first_by", BigInt, nullable=True),
        sa.Column("first_at", UTCDateTime(), nullable=True),
        sa.Column("second_by", BigInt, nullable=True),
        sa.Column("second_at", UTCDateTime(), nullable=True),
        sa.Column("refused_by", BigInt, nullable=True),
        sa.Column("refused_why", sa.String(length=200), nullable=True),
        sa.Column("road", sa.String(length=24), nullable=True),
        sa.Column("intent_id", BigInt, nullable=True),
        sa.Column("payee_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("payee_by", BigInt, nullable=True),
        sa.Column("voucher_no", sa.String(length=64), nullable=True),
        sa.Column("executed_by", BigInt, nullable=True),
        sa.Column("executed_at", UTCDateTime(), nullable=True),
        sa.Column("confirmed_by", BigInt, nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "NOT state IN ('failed', 'refunded', 'refunded_offline', 'sending', 'to_transfer', 'transferred') OR (first_by IS NOT NULL AND second_by IS NOT NULL AND road IS NOT NULL)",
            name=op.f("deposit_refund_owed_by_two"),
        ),
        sa.CheckConstraint(
            "NOT state IN ('refunded', 'refunded_offline') OR (payee_sealed IS NULL AND done_at IS NOT NULL)",
            name=op.f("deposit_refund_payee_dropped"),
        ),
        sa.CheckConstraint("origin IN ('resident', 'staff', 'conversion')", name=op.f("deposit_refund_origin_known")),
        sa.CheckConstraint(
            "reason IN ('not_listed', 'moved', 'changed_mind', 'other')", name=op.f("deposit_refund_reason_known")
        ),
        sa.CheckConstraint("road IN ('wechat', 'bank')", name=op.f("deposit_refund_road_known")),
        sa.CheckConstraint("state <> 'refunded' OR intent_id IS NOT NULL", name=op.f("deposit_refund_by_intent")),
        sa.CheckConstraint(
            "state <> 'refunded_offline' OR (voucher_no IS NOT NULL AND confirmed_by IS NOT NULL)",
            name=op.f("deposit_refund_by_voucher"),
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'checked', 'sending', 'failed', 'to_transfer', 'transferred', 'refunded', 'refunded_offline', 'refused', 'cancelled')",
            name=op.f("deposit_refund_state_known"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("deposit_refund_amount_positive")),
        sa.CheckConstraint("confirmed_by IS NULL OR confirmed_by <> executed_by", name=op.f("deposit_refund_two_pay")),
        sa.CheckConstraint("executed_by IS NULL OR executed_by <> payee_by", name=op.f("deposit_refund_cashier_apart")),
        sa.CheckConstraint(
            "second_by IS NULL OR entered_by IS NULL OR second_by <> entered_by",
            name=op.f("deposit_refund_not_the_maker"),
        ),
        sa.CheckConstraint("second_by IS NULL OR second_by <> first_by", name=op.f("deposit_refund_two_approve")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("deposit_refund_confirmed_by_fkey")),
        sa.ForeignKeyConstraint(["deposit_id"], ["deposit.id"], name=op.f("deposit_refund_deposit_id_fkey")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("deposit_refund_entered_by_fkey")),
        sa.ForeignKeyConstraint(["executed_by"], ["person.id"], name=op.f("deposit_refund_executed_by_fkey")),
        sa.ForeignKeyConstraint(["first_by"], ["person.id"], name=op.f("deposit_refund_first_by_fkey")),
        sa.ForeignKeyConstraint(["intent_id"], ["refund_intent.id"], name=op.f("deposit_refund_intent_id_fkey")),
        sa.ForeignKeyConstraint(["payee_by"], ["person.id"], name=op.f("deposit_refund_payee_by_fkey")),
        sa.ForeignKeyConstraint(["refused_by"], ["person.id"], name=op.f("deposit_refund_refused_by_fkey")),
        sa.ForeignKeyConstraint(["second_by"], ["person.id"], name=op.f("deposit_refund_second_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("deposit_refund_pkey")),
        sa.UniqueConstraint("intent_id", name="deposit_refund_one_an_intent"),
        sa.UniqueConstraint("public_id", name=op.f("deposit_refund_public_id_key")),
    )
    op.create_index("deposit_refund_deposit_id_idx", "deposit_refund", ["deposit_id"], unique=False)
    op.create_index(
        "deposit_refund_one_live",
        "deposit_refund",
        ["deposit_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('asked', 'checked', 'failed', 'sending', 'to_transfer', 'transferred')"),
        postgresql_where=sa.text("state IN ('asked', 'checked', 'failed', 'sending', 'to_transfer', 'transferred')"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("deposit_refund")
    op.drop_table("conversion_line")
    op.drop_table("conversion_batch")
