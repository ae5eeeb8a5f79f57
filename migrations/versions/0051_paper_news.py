"""People of a line are told when their paper, which had come back, was made void."""

from alembic import op

from kernel.database.altering import allow_words, forbid_words

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let notices be of this kind."""
    allow_words(op, "notice", "kind", "paper_void")


def downgrade() -> None:
    """No longer; such notices go."""
    op.execute("DELETE FROM notice WHERE kind = 'paper_void'")
    forbid_words(op, "notice", "kind", "paper_void")
