"""Extensions of running votes, and the news of votes that waits for an account."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, append_only
from kernel.database.altering import allow_words, forbid_words

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

NEWS = ("vote_extended", "roll_answered")


def upgrade() -> None:
    """Make the table; let notices tell of votes."""
    op.create_table(
        "vote_extension",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("old_closes_at", UTCDateTime(), nullable=False),
        sa.Column("new_closes_at", UTCDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("extended_at", UTCDateTime(), nullable=False),
        sa.Column("extended_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("new_closes_at > old_closes_at", name=op.f("vote_extension_runs_forward")),
        sa.CheckConstraint("extended_at < old_closes_at", name=op.f("vote_extension_before_closing")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("vote_extension_vote_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("vote_extension_pkey")),
        sa.UniqueConstraint("vote_id", "number", name="vote_extension_one_number"),
    )
    append_only(op, "vote_extension")
    allow_words(op, "notice", "kind", *NEWS)


def downgrade() -> None:
    """Drop the table and the news."""
    op.execute("DELETE FROM notice WHERE kind IN ('vote_extended', 'roll_answered')")
    forbid_words(op, "notice", "kind", *NEWS)
    op.drop_table("vote_extension")
