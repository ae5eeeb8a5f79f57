"""Bank statements: accounts with their remembered columns, files that were imported, lines and what became of them."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

APPEND_ONLY = ("bank_file",)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "bank_account",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("bank", sa.String(length=80), nullable=False),
        sa.Column("tail", sa.String(length=4), nullable=False),
        sa.Column("layout", JsonDoc, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("bank_account_pkey")),
        sa.UniqueConstraint("bank", "tail", "holder", name="bank_account_once"),
        sa.UniqueConstraint("public_id", name=op.f("bank_account_public_id_key")),
    )
    op.create_table(
        "bank_file",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("line_count", sa.BigInteger(), nullable=False),
        sa.Column("new_count", sa.BigInteger(), nullable=False),
        sa.Column("imported_by", sa.String(length=80), nullable=False),
        sa.Column("imported_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["bank_account.id"], name=op.f("bank_file_account_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("bank_file_pkey")),
        sa.UniqueConstraint("account_id", "sha256", name="bank_file_once"),
        sa.UniqueConstraint("public_id", name=op.f("bank_file_public_id_key")),
    )
    op.create_table(
        "bank_line",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("file_id", BigInt, nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("balance_fen", sa.BigInteger(), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("memo_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("account_tail", sa.String(length=4), nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("matched_with", sa.String(length=64), nullable=True),
        sa.Column("decision", sa.String(length=24), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.Column("proposed_by", BigInt, nullable=True),
        sa.Column("proposed_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", BigInt, nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'decided') = (decided_by IS NOT NULL)", name=op.f("bank_line_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "(state = 'matched') = (matched_with IS NOT NULL)", name=op.f("bank_line_matched_with_something")
        ),
        sa.CheckConstraint(
            "decision IN ('entered', 'returned', 'theirs', 'accepted')", name=op.f("bank_line_decision_known")
        ),
        sa.CheckConstraint(
            "state IN ('review', 'waiting', 'matched', 'proposed', 'decided')", name=op.f("bank_line_state_known")
        ),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'decided') OR (decision IS NOT NULL AND proposed_by IS NOT NULL)",
            name=op.f("bank_line_proposed_by_somebody"),
        ),
        sa.CheckConstraint("amount_fen IS NOT NULL OR problem IS NOT NULL", name=op.f("bank_line_amount_or_problem")),
        sa.CheckConstraint("amount_fen IS NULL OR amount_fen <> 0", name=op.f("bank_line_never_nothing")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("bank_line_two_people")),
        sa.ForeignKeyConstraint(["account_id"], ["bank_account.id"], name=op.f("bank_line_account_id_fkey")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("bank_line_decided_by_fkey")),
        sa.ForeignKeyConstraint(["file_id"], ["bank_file.id"], name=op.f("bank_line_file_id_fkey")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("bank_line_proposed_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("bank_line_pkey")),
        sa.UniqueConstraint("account_id", "fingerprint", name="bank_line_once"),
        sa.UniqueConstraint("public_id", name=op.f("bank_line_public_id_key")),
    )
    op.create_index("bank_line_account_state_idx", "bank_line", ["account_id", "state"], unique=False)
    for table in APPEND_ONLY:
        append_only(op, table)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("bank_line")
    op.drop_table("bank_file")
    op.drop_table("bank_account")
