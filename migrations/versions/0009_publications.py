"""What was published of an estate's books, row by row, and how anybody checks it."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

APPEND_ONLY = ("publication", "published_row")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "publication",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("collection_id", BigInt, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("opening_fen", sa.BigInteger(), nullable=False),
        sa.Column("in_by_channel", JsonDoc, nullable=False),
        sa.Column("again_fen", sa.BigInteger(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.Column("out_fen", sa.BigInteger(), nullable=False),
        sa.Column("closing_fen", sa.BigInteger(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("previous_root", sa.String(length=64), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("number > 0 AND last_day >= first_day", name=op.f("publication_runs_forward")),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("publication_collection_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("publication_pkey")),
        sa.UniqueConstraint("collection_id", "first_day", name="publication_period_once"),
        sa.UniqueConstraint("collection_id", "number", name="publication_number_once"),
        sa.UniqueConstraint("public_id", name=op.f("publication_public_id_key")),
    )
    op.create_table(
        "published_row",
        sa.Column("publication_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", BigInt, nullable=False),
        sa.Column("deposit_id", BigInt, nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("building", sa.String(length=80), nullable=False),
        sa.Column("receipt_tail", sa.String(length=8), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.CheckConstraint("kind IN ('in', 'again', 'refund', 'out')", name=op.f("published_row_kind_known")),
        sa.CheckConstraint("place > 0 AND amount_fen <> 0", name=op.f("published_row_is_one")),
        sa.ForeignKeyConstraint(["deposit_id"], ["deposit.id"], name=op.f("published_row_deposit_id_fkey")),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("published_row_entry_id_fkey")),
        sa.ForeignKeyConstraint(["publication_id"], ["publication.id"], name=op.f("published_row_publication_id_fkey")),
        sa.PrimaryKeyConstraint("publication_id", "place", name=op.f("published_row_pkey")),
        sa.UniqueConstraint("entry_id", name="published_row_once"),
    )
    op.create_index("published_row_deposit_id_idx", "published_row", ["deposit_id"], unique=False)
    for table in APPEND_ONLY:
        append_only(op, table)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("published_row")
    op.drop_table("publication")
