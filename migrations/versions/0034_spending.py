"""Payments out of an account: how many sign, the requests, the signatures."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, append_only

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "spending_setting",
        sa.Column("collection_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("signatories", sa.BigInteger(), nullable=False),
        sa.Column("set_by", BigInt, nullable=False),
        sa.Column("set_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("signatories IN (2, 3)", name="spending_setting_signatories"),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("spending_setting_collection_id_fkey")),
        sa.ForeignKeyConstraint(["set_by"], ["person.id"], name=op.f("spending_setting_set_by_fkey")),
        sa.PrimaryKeyConstraint("collection_id", name=op.f("spending_setting_pkey")),
    )
    op.create_table(
        "spending",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("collection_id", BigInt, nullable=False),
        sa.Column("item_id", BigInt, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("signatories", sa.BigInteger(), nullable=False),
        sa.Column("payee", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("voucher_no", sa.String(length=40), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("refused_why", sa.String(length=200), nullable=True),
        sa.Column("bank_reference", sa.String(length=64), nullable=True),
        sa.Column("paid_by", BigInt, nullable=True),
        sa.Column("paid_at", UTCDateTime(), nullable=True),
        sa.Column("reversal_why", sa.String(length=200), nullable=True),
        sa.Column("reversal_by", BigInt, nullable=True),
        sa.Column("reversed_by", BigInt, nullable=True),
        sa.Column("reversed_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'cosigned', 'approved', 'paid', 'reversed', 'refused', 'withdrawn')",
            name="spending_state_known",
        ),
        sa.CheckConstraint("amount_fen > 0 AND signatories IN (2, 3)", name="spending_amounts"),
        sa.CheckConstraint(
            "(state IN ('paid', 'reversed')) = (paid_by IS NOT NULL) "
            "AND (paid_by IS NULL) = (bank_reference IS NULL) AND (paid_by IS NULL) = (paid_at IS NULL)",
            name="spending_paid_by_somebody",
        ),
        sa.CheckConstraint(
            "(state = 'reversed') = (reversed_by IS NOT NULL) AND (reversed_by IS NULL OR reversed_by <> reversal_by)",
            name="spending_reversed_by_two",
        ),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("spending_collection_id_fkey")),
        sa.ForeignKeyConstraint(["item_id"], ["budget_item.id"], name=op.f("spending_item_id_fkey")),
        sa.ForeignKeyConstraint(["paid_by"], ["person.id"], name=op.f("spending_paid_by_fkey")),
        sa.ForeignKeyConstraint(["reversal_by"], ["person.id"], name=op.f("spending_reversal_by_fkey")),
        sa.ForeignKeyConstraint(["reversed_by"], ["person.id"], name=op.f("spending_reversed_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("spending_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("spending_public_id_key")),
        sa.UniqueConstraint("collection_id", "voucher_no", name="spending_voucher_once"),
        sa.UniqueConstraint("collection_id", "bank_reference", name="spending_reference_once"),
    )
    op.create_index("spending_item_id_idx", "spending", ["item_id"])
    op.create_index("spending_collection_id_idx", "spending", ["collection_id"])
    op.create_table(
        "spending_signature",
        sa.Column("spending_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("person_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("signed_as", sa.String(length=24), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("signed_as IN ('maker', 'cosigner', 'approver')", name="spending_signature_signed_as_known"),
        sa.ForeignKeyConstraint(["spending_id"], ["spending.id"], name=op.f("spending_signature_spending_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("spending_signature_person_id_fkey")),
        sa.PrimaryKeyConstraint("spending_id", "person_id", name=op.f("spending_signature_pkey")),
        sa.UniqueConstraint("spending_id", "signed_as", name="spending_signature_one_a_kind"),
    )
    append_only(op, "spending_signature")


def downgrade() -> None:
    """Drop them."""
    for table in ("spending_signature", "spending", "spending_setting"):
        op.drop_table(table)
