"""What left WeChat Pay for the bank, in the books; a terminal's fee; arrivals taken back; a second kind of alarms."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, append_only
from kernel.database.altering import (
    add_check,
    add_columns,
    allow_words,
    drop_columns,
    drop_constraint,
    forbid_words,
    replace_check,
)

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

ACCOUNTS = ("bank_fees", "from_wechat")
ENTRIES = (
    "cash_arrival_undone",
    "pos_arrival_undone",
    "fee_taken",
    "fee_undone",
    "withdrawn",
    "withdrawal_arrived",
    "withdrawal_undone",
)
ALARMS = ("paid_both_ways", "withdrawn_beyond", "box_not_counted")
LIVE = sa.text("state IN ('planned', 'done')")
ONE_KIND = (
    "CASE WHEN dwelling_id IS NULL THEN 0 ELSE 1 END + CASE WHEN banking_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN taking_id IS NULL THEN 0 ELSE 1 END"
)
NEW_KINDS = " + CASE WHEN withdrawal_id IS NULL THEN 0 ELSE 1 END + CASE WHEN collection_id IS NULL THEN 0 ELSE 1 END"


def _open_account(kind: str) -> None:
    """An account in every collection's books. Accounts are never taken away: it may be there from an earlier time."""
    collection = sa.table("collection", sa.column("id"))
    account = sa.table("ledger_account", sa.column("collection_id"), sa.column("kind"))
    there = sa.exists().where(account.c.collection_id == collection.c.id, account.c.kind == kind)
    found = sa.select(collection.c.id, sa.literal(kind)).where(~there)
    op.execute(account.insert().from_select(["collection_id", "kind"], found))


def upgrade() -> None:
    """Make the tables, let the old ones know of them, open the new accounts in the books there are."""
    op.create_table(
        "withdrawal",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("merchant_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("withdrawal_amount_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("withdrawal_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("withdrawal_public_id_key")),
        sa.UniqueConstraint("channel", "merchant_id", "number", name="withdrawal_once"),
    )
    op.create_table(
        "withdrawal_share",
        sa.Column("withdrawal_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("collection_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("withdrawal_share_positive")),
        sa.ForeignKeyConstraint(["withdrawal_id"], ["withdrawal.id"], name=op.f("withdrawal_share_withdrawal_id_fkey")),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("withdrawal_share_collection_id_fkey")),
        sa.PrimaryKeyConstraint("withdrawal_id", "collection_id", name=op.f("withdrawal_share_pkey")),
    )
    append_only(op, "withdrawal_share")
    add_columns(
        op,
        "line_part",
        sa.Column("withdrawal_id", BigInt, sa.ForeignKey("withdrawal.id"), nullable=True),
        sa.Column("collection_id", BigInt, sa.ForeignKey("collection.id"), nullable=True),
        sa.Column("fee_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    replace_check(op, "line_part", "line_part_of_one_kind", f"{ONE_KIND}{NEW_KINDS} = 1")
    add_check(op, "line_part", "line_part_fee_within", "fee_fen BETWEEN 0 AND amount_fen")
    op.create_index(
        "line_part_one_withdrawal",
        "line_part",
        ["withdrawal_id"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    allow_words(op, "ledger_account", "kind", *ACCOUNTS)
    allow_words(op, "ledger_entry", "kind", *ENTRIES)
    allow_words(op, "bank_line", "decision", "fee")
    allow_words(op, "payment_alarm", "kind", *ALARMS)
    for kind in ACCOUNTS:
        _open_account(kind)


def downgrade() -> None:
    """Drop the tables; such alarms go. Refused while the books hold entries of these kinds: money is never dropped."""
    listed = ", ".join(f"'{kind}'" for kind in ALARMS)
    astray = f"SELECT id FROM payment_alarm WHERE kind IN ({listed})"  # noqa: S608
    op.execute(f"DELETE FROM alarm_settlement WHERE alarm_id IN ({astray})")  # noqa: S608
    op.execute(f"DELETE FROM payment_alarm WHERE kind IN ({listed})")  # noqa: S608
    forbid_words(op, "payment_alarm", "kind", *ALARMS)
    forbid_words(op, "ledger_entry", "kind", *ENTRIES)
    forbid_words(op, "bank_line", "decision", "fee")
    op.drop_index("line_part_one_withdrawal", "line_part")
    drop_constraint(op, "line_part", "line_part_fee_within")
    replace_check(op, "line_part", "line_part_of_one_kind", f"{ONE_KIND} = 1")
    drop_columns(op, "line_part", "withdrawal_id", "collection_id", "fee_fen")
    op.drop_table("withdrawal_share")
    op.drop_table("withdrawal")
