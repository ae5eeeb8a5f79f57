"""Payers' words about deposits of flats that changed hands, and the news of it."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, append_only
from kernel.database.altering import allow_words, forbid_words

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None

NEWS = ("flat_sold", "deposit_of_before", "deposit_left")


def upgrade() -> None:
    """Make the table and the words."""
    op.create_table(
        "handover_word",
        sa.Column("deposit_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("said_at", UTCDateTime(), nullable=False),
        sa.Column("account_id", BigInt, nullable=True),
        sa.Column("entered_by", BigInt, nullable=True),
        sa.Column("paper", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(account_id IS NULL) <> (entered_by IS NULL) AND (entered_by IS NULL) = (paper IS NULL)",
            name=op.f("handover_word_said_by_one"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("handover_word_account_id_fkey")),
        sa.ForeignKeyConstraint(["deposit_id"], ["deposit.id"], name=op.f("handover_word_deposit_id_fkey")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("handover_word_entered_by_fkey")),
        sa.PrimaryKeyConstraint("deposit_id", name=op.f("handover_word_pkey")),
    )
    append_only(op, "handover_word")
    allow_words(op, "notice", "kind", *NEWS)


def downgrade() -> None:
    """Drop them."""
    for kind in NEWS:
        op.execute(f"DELETE FROM notice WHERE kind = '{kind}'")  # noqa: S608
    forbid_words(op, "notice", "kind", *NEWS)
    op.drop_table("handover_word")
