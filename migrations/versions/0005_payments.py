"""Money: collections, deposits, attempts and what the gateway confirmed, receipts, the ledger, refunds, alarms."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "payment_confirmation",
    "payment_notice",
    "receipt",
    "ledger_account",
    "ledger_entry",
    "ledger_posting",
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "payment_alarm",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("reference", sa.String(length=128), nullable=False),
        sa.Column("differs", JsonDoc, nullable=False),
        sa.Column("raised_at", UTCDateTime(), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('mismatch', 'unmatched', 'second_payment', 'refund_abnormal', 'refund_road_ends', 'refunded_twice')",
            name=op.f("payment_alarm_kind_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("payment_alarm_pkey")),
        sa.UniqueConstraint("kind", "reference", name="payment_alarm_once"),
        sa.UniqueConstraint("public_id", name=op.f("payment_alarm_public_id_key")),
    )
    op.create_table(
        "payment_notice",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("notice_id", sa.String(length=64), nullable=False),
        sa.Column("facts_hash", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=128), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("facts", JsonDoc, nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('credited', 'second_payment', 'repeated', 'mismatch', 'unmatched', 'not_paid', 'refund', 'other')",
            name=op.f("payment_notice_outcome_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("payment_notice_pkey")),
        sa.UniqueConstraint("channel", "notice_id", "facts_hash", name="payment_notice_once"),
    )
    op.create_index("payment_notice_number_idx", "payment_notice", ["number"], unique=False)
    op.create_table(
        "receipt_counter",
        sa.Column("series", sa.String(length=24), nullable=False),
        sa.Column("year", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("receipt_counter_pkey")),
    )
    op.create_table(
        "collection",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("estate_id", BigInt, nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("account_holder", sa.String(length=80), nullable=False),
        sa.Column("account_bank", sa.String(length=80), nullable=False),
        sa.Column("account_tail", sa.String(length=4), nullable=False),
        sa.Column("merchant_id", sa.String(length=32), nullable=False),
        sa.Column("series", sa.String(length=24), nullable=False),
        sa.Column("suggested_fen", sa.BigInteger(), nullable=False),
        sa.Column("average_fen", sa.BigInteger(), nullable=False),
        sa.Column("largest_fen", sa.BigInteger(), nullable=False),
        sa.Column("terms_version", sa.String(length=24), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("mode IN ('deposit_then_contribution', 'one_shot')", name=op.f("collection_mode_known")),
        sa.CheckConstraint("largest_fen >= suggested_fen", name=op.f("collection_largest_enough")),
        sa.CheckConstraint("suggested_fen > 0 AND average_fen > 0", name=op.f("collection_amounts_positive")),
        sa.ForeignKeyConstraint(["estate_id"], ["place.id"], name=op.f("collection_estate_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("collection_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("collection_public_id_key")),
    )
    op.create_index(
        "collection_one_open",
        "collection",
        ["estate_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "deposit",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("collection_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("payer_account_id", BigInt, nullable=False),
        sa.Column("payer_person_id", BigInt, nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("terms_version", sa.String(length=24), nullable=False),
        sa.Column("terms_accepted_at", UTCDateTime(), nullable=False),
        sa.Column("pledged_at", UTCDateTime(), nullable=False),
        sa.Column("paid_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("(state = 'pledged') = (paid_at IS NULL)", name=op.f("deposit_paid_when_paid")),
        sa.CheckConstraint(
            "state IN ('pledged', 'paid', 'converted', 'refund_pending', 'refunded', 'refund_failed', 'refunded_offline')",
            name=op.f("deposit_state_known"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("deposit_amount_positive")),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("deposit_collection_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("deposit_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["payer_account_id"], ["account.id"], name=op.f("deposit_payer_account_id_fkey")),
        sa.ForeignKeyConstraint(["payer_person_id"], ["person.id"], name=op.f("deposit_payer_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("deposit_pkey")),
        sa.UniqueConstraint("collection_id", "dwelling_id", "payer_account_id", name="deposit_one_a_payer"),
        sa.UniqueConstraint("public_id", name=op.f("deposit_public_id_key")),
    )
    op.create_index("deposit_dwelling_id_idx", "deposit", ["dwelling_id"], unique=False)
    op.create_table(
        "ledger_account",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("collection_id", BigInt, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.CheckConstraint(
            "kind IN ('at_wechat', 'deposits_held', 'to_refund', 'contributions', 'at_bank')",
            name=op.f("ledger_account_kind_known"),
        ),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("ledger_account_collection_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("ledger_account_pkey")),
        sa.UniqueConstraint("collection_id", "kind", name="ledger_account_one_a_kind"),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("collection_id", BigInt, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('deposit_paid', 'second_payment', 'refund_done', 'refund_owed', 'refund_paid_out', 'converted')",
            name=op.f("ledger_entry_kind_known"),
        ),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("ledger_entry_collection_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("ledger_entry_pkey")),
        sa.UniqueConstraint("kind", "reference", name="ledger_entry_once"),
        sa.UniqueConstraint("public_id", name=op.f("ledger_entry_public_id_key")),
    )
    op.create_index("ledger_entry_collection_id_idx", "ledger_entry", ["collection_id"], unique=False)
    op.create_table(
        "ledger_posting",
        sa.Column("entry_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("account_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_fen <> 0", name=op.f("ledger_posting_not_nothing")),
        sa.ForeignKeyConstraint(["account_id"], ["ledger_account.id"], name=op.f("ledger_posting_account_id_fkey")),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("ledger_posting_entry_id_fkey")),
        sa.PrimaryKeyConstraint("entry_id", "account_id", name=op.f("ledger_posting_pkey")),
    )
    op.create_index("ledger_posting_account_id_idx", "ledger_posting", ["account_id"], unique=False)
    op.create_table(
        "payment_attempt",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("deposit_id", BigInt, nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("merchant_id", sa.String(length=32), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("trade_no", sa.String(length=32), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.String(length=127), nullable=False),
        sa.Column("payer_openid", sa.String(length=64), nullable=False),
        sa.Column("notify_url", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("prepay_id", sa.String(length=128), nullable=True),
        sa.Column("begun_at", UTCDateTime(), nullable=False),
        sa.Column("placed_at", UTCDateTime(), nullable=True),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=True),
        sa.Column("next_look_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('begun', 'placed', 'unknown', 'paid', 'closed', 'failed')",
            name=op.f("payment_attempt_state_known"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("payment_attempt_amount_positive")),
        sa.ForeignKeyConstraint(["deposit_id"], ["deposit.id"], name=op.f("payment_attempt_deposit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("payment_attempt_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("payment_attempt_public_id_key")),
        sa.UniqueConstraint("trade_no", name="payment_attempt_trade_no_key"),
    )
    op.create_index("payment_attempt_deposit_id_idx", "payment_attempt", ["deposit_id"], unique=False)
    op.create_index(
        "payment_attempt_one_open",
        "payment_attempt",
        ["deposit_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('begun', 'placed', 'unknown')"),
        postgresql_where=sa.text("state IN ('begun', 'placed', 'unknown')"),
    )
    op.create_table(
        "receipt",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("collection_id", BigInt, nullable=False),
        sa.Column("deposit_id", BigInt, nullable=False),
        sa.Column("series", sa.String(length=24), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", UTCDateTime(), nullable=False),
        sa.Column("audit_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("amount_fen > 0 AND counted > 0", name=op.f("receipt_positive")),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("receipt_collection_id_fkey")),
        sa.ForeignKeyConstraint(["deposit_id"], ["deposit.id"], name=op.f("receipt_deposit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("receipt_pkey")),
        sa.UniqueConstraint("deposit_id", name="receipt_one_a_deposit"),
        sa.UniqueConstraint("public_id", name=op.f("receipt_public_id_key")),
        sa.UniqueConstraint("series", "year", "counted", name="receipt_number_once"),
    )
    op.create_index("receipt_books_idx", "receipt", ["collection_id", "year", "counted"], unique=False)
    op.create_table(
        "payment_confirmation",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("attempt_id", BigInt, nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("transaction_id", sa.String(length=64), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", UTCDateTime(), nullable=False),
        sa.Column("told_by", sa.String(length=24), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("audit_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("told_by IN ('notice', 'query')", name=op.f("payment_confirmation_told_by_known")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("payment_confirmation_positive")),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["payment_attempt.id"], name=op.f("payment_confirmation_attempt_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("payment_confirmation_pkey")),
        sa.UniqueConstraint("attempt_id", name="payment_confirmation_one"),
        sa.UniqueConstraint("channel", "transaction_id", name="payment_confirmation_transaction"),
    )
    op.create_table(
        "refund_intent",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("attempt_id", BigInt, nullable=False),
        sa.Column("refund_no", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("wanted_at", UTCDateTime(), nullable=False),
        sa.Column("next_try_at", UTCDateTime(), nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("reason IN ('second_payment', 'deposit')", name=op.f("refund_intent_reason_known")),
        sa.CheckConstraint(
            "state IN ('wanted', 'processing', 'done', 'abnormal')", name=op.f("refund_intent_state_known")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("refund_intent_amount_positive")),
        sa.ForeignKeyConstraint(["attempt_id"], ["payment_attempt.id"], name=op.f("refund_intent_attempt_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("refund_intent_pkey")),
        sa.UniqueConstraint("attempt_id", "reason", name="refund_intent_one_a_reason"),
        sa.UniqueConstraint("public_id", name=op.f("refund_intent_public_id_key")),
        sa.UniqueConstraint("refund_no", name="refund_intent_refund_no_key"),
    )
    for table in APPEND_ONLY:
        append_only(op, table)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("refund_intent")
    op.drop_table("payment_confirmation")
    op.drop_table("receipt")
    op.drop_table("payment_attempt")
    op.drop_table("ledger_posting")
    op.drop_table("ledger_entry")
    op.drop_table("ledger_account")
    op.drop_table("deposit")
    op.drop_table("collection")
    op.drop_table("receipt_counter")
    op.drop_table("payment_notice")
    op.drop_table("payment_alarm")
