"""What the account at the payment service costs, withdrawals that bounced, differences that move the books."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only
from kernel.database.altering import (
    add_check,
    add_columns,
    add_unique,
    allow_words,
    drop_columns,
    drop_constraint,
    forbid_words,
)

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

ACCOUNTS = ("wechat_fees", "holder_funds")
ENTRIES = ("withdrawal_bounced", "service_fee", "service_fee_back", "service_charge", "holder_moved")
ITEMS = ("fee", "other", "movement")
DECISIONS = ("charge", "holder", "bounced")
ROWS = ("fee", "holder")
ALARMS = ("withdrawal_bounced",)


def _open_account(kind: str) -> None:
    """An account in every collection's books. Accounts are never taken away: it may be there from an earlier time."""
    collection = sa.table("collection", sa.column("id"))
    account = sa.table("ledger_account", sa.column("collection_id"), sa.column("kind"))
    there = sa.exists().where(account.c.collection_id == collection.c.id, account.c.kind == kind)
    found = sa.select(collection.c.id, sa.literal(kind)).where(~there)
    op.execute(account.insert().from_select(["collection_id", "kind"], found))


def upgrade() -> None:
    """Make the table, let the old ones know of fees and bounces, open the new accounts in the books there are."""
    op.create_table(
        "service_fee",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("merchant_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("service_no", sa.String(length=64), nullable=False),
        sa.Column("flow_no", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("balance_fen", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("collection_id", BigInt, nullable=False),
        sa.Column("booking", sa.String(length=22), nullable=False),
        sa.CheckConstraint("amount_fen <> 0", name=op.f("service_fee_never_nothing")),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("service_fee_collection_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("service_fee_pkey")),
        sa.UniqueConstraint(
            "channel", "merchant_id", "service_no", "flow_no", "at", "balance_fen", name="service_fee_once"
        ),
    )
    op.create_index("service_fee_day_idx", "service_fee", ["merchant_id", "day"])
    op.create_index("service_fee_number_idx", "service_fee", ["number"])
    op.create_index("service_fee_booking_idx", "service_fee", ["booking"])
    append_only(op, "service_fee")
    add_columns(
        op,
        "withdrawal",
        sa.Column("bounced_at", UTCDateTime(), nullable=True),
        sa.Column("bounce_no", sa.String(length=64), nullable=True),
    )
    add_check(op, "withdrawal", "withdrawal_bounced_by_a_line", "(bounced_at IS NULL) = (bounce_no IS NULL)")
    add_unique(op, "withdrawal", "withdrawal_bounce_once", ("channel", "merchant_id", "bounce_no"))
    add_columns(
        op,
        "reconciled_day",
        sa.Column("ours_fees_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("theirs_fees_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("flow_bill_id", BigInt, sa.ForeignKey("bill_file.id"), nullable=True),
        sa.Column("flow", JsonDoc, nullable=True),
    )
    add_columns(
        op, "bill_difference", sa.Column("collection_id", BigInt, sa.ForeignKey("collection.id"), nullable=True)
    )
    add_columns(op, "publication", sa.Column("fees_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    allow_words(op, "bill_difference", "item", *ITEMS)
    allow_words(op, "bill_difference", "decision", *DECISIONS)
    allow_words(op, "ledger_account", "kind", *ACCOUNTS)
    allow_words(op, "ledger_entry", "kind", *ENTRIES)
    allow_words(op, "published_row", "kind", *ROWS)
    allow_words(op, "payment_alarm", "kind", *ALARMS)
    for kind in ACCOUNTS:
        _open_account(kind)


def downgrade() -> None:
    """Drop the table; such alarms go. Refused while the books hold entries of these kinds: money is never dropped."""
    listed = ", ".join(f"'{kind}'" for kind in ALARMS)
    astray = f"SELECT id FROM payment_alarm WHERE kind IN ({listed})"  # noqa: S608
    op.execute(f"DELETE FROM alarm_settlement WHERE alarm_id IN ({astray})")  # noqa: S608
    op.execute(f"DELETE FROM payment_alarm WHERE kind IN ({listed})")  # noqa: S608
    forbid_words(op, "payment_alarm", "kind", *ALARMS)
    forbid_words(op, "ledger_entry", "kind", *ENTRIES)
    forbid_words(op, "published_row", "kind", *ROWS)
    forbid_words(op, "bill_difference", "decision", *DECISIONS)
    forbid_words(op, "bill_difference", "item", *ITEMS)
    drop_columns(op, "publication", "fees_fen")
    drop_columns(op, "bill_difference", "collection_id")
    drop_columns(op, "reconciled_day", "ours_fees_fen", "theirs_fees_fen", "flow_bill_id", "flow")
    drop_constraint(op, "withdrawal", "withdrawal_bounce_once")
    drop_constraint(op, "withdrawal", "withdrawal_bounced_by_a_line")
    drop_columns(op, "withdrawal", "bounced_at", "bounce_no")
    op.drop_table("service_fee")
