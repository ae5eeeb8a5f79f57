"""A household is told what became of a visit."""

from alembic import op

from kernel.database.altering import allow_words, forbid_words

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

WORDS = ("visit_put_off", "visit_done", "visit_lapsed")


def upgrade() -> None:
    """Let notices say so."""
    allow_words(op, "notice", "kind", *WORDS)


def downgrade() -> None:
    """And back: such notices go, for nothing older could say them."""
    op.execute("DELETE FROM notice WHERE kind IN ('visit_put_off', 'visit_done', 'visit_lapsed')")
    forbid_words(op, "notice", "kind", *WORDS)
