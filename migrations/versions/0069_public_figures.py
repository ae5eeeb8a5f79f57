"""A file of what is public, added up: for those who get no line of a single household."""

from alembic import op

from kernel.database.altering import allow_words, forbid_words

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Know the format."""
    allow_words(op, "survey_export", "format", "figures")


def downgrade() -> None:
    """Forget it, and the files made in it."""
    op.execute("DELETE FROM survey_export WHERE format = 'figures'")
    forbid_words(op, "survey_export", "format", "figures")
