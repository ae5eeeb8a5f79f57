"""Budgets by version, and what each dwelling bears of them."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "budget_item",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("collection_id", BigInt, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("budget_item_collection_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("budget_item_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("budget_item_public_id_key")),
        sa.UniqueConstraint("collection_id", "name", name="budget_item_one_a_name"),
    )
    op.create_table(
        "budget",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("collection_id", BigInt, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("exemptions", JsonDoc, nullable=False),
        sa.Column("borne_by", sa.String(length=24), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("fund_fen", sa.BigInteger(), nullable=False),
        sa.Column("made_by", BigInt, nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("decided_by", BigInt, nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('proposed', 'published', 'withdrawn')", name="budget_state_known"),
        sa.CheckConstraint("borne_by IN ('fund', 'others')", name="budget_borne_by_known"),
        sa.CheckConstraint("version > 0 AND total_fen > 0 AND fund_fen >= 0", name="budget_amounts"),
        sa.CheckConstraint("decided_by IS NULL OR state = 'withdrawn' OR decided_by <> made_by", name="budget_two"),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name="budget_decided_by_somebody",
        ),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("budget_collection_id_fkey")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("budget_made_by_fkey")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("budget_decided_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("budget_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("budget_public_id_key")),
        sa.UniqueConstraint("collection_id", "version", name="budget_version_once"),
    )
    op.create_index(
        "budget_one_proposed",
        "budget",
        ["collection_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "budget_line",
        sa.Column("budget_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("item_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("how", JsonDoc, nullable=False),
        sa.CheckConstraint("amount_fen > 0", name="budget_line_positive"),
        sa.ForeignKeyConstraint(["budget_id"], ["budget.id"], name=op.f("budget_line_budget_id_fkey")),
        sa.ForeignKeyConstraint(["item_id"], ["budget_item.id"], name=op.f("budget_line_item_id_fkey")),
        sa.PrimaryKeyConstraint("budget_id", "item_id", name=op.f("budget_line_pkey")),
    )
    op.create_index("budget_line_item_id_idx", "budget_line", ["item_id"])
    op.create_table(
        "due_line",
        sa.Column("budget_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("item_id", BigInt, nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("is_exemption", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount_fen >= 0 OR is_exemption", name="due_line_sign"),
        sa.ForeignKeyConstraint(["budget_id"], ["budget.id"], name=op.f("due_line_budget_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("due_line_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["item_id"], ["budget_item.id"], name=op.f("due_line_item_id_fkey")),
        sa.PrimaryKeyConstraint("budget_id", "place", name=op.f("due_line_pkey")),
    )
    op.create_index("due_line_dwelling_id_idx", "due_line", ["dwelling_id", "budget_id"])
    for table in ("budget_line", "due_line"):
        append_only(op, table)


def downgrade() -> None:
    """Drop them."""
    for table in ("due_line", "budget_line", "budget", "budget_item"):
        op.drop_table(table)
