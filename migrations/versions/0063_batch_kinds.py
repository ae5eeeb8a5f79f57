"""Batches of what was overpaid or came twice; why money goes back, as the payer reads it."""

from alembic import op

from kernel.database.altering import allow_words, forbid_words

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

WORDS = (
    ("refund_batch", "decision", ("duplicate", "overpaid")),
    ("deposit_refund", "reason", ("cancelled", "duplicate")),
    ("refund_intent", "reason", ("contribution",)),
)


def upgrade() -> None:
    """Let the columns take these words."""
    for table, column, words in WORDS:
        allow_words(op, table, column, *words)


def downgrade() -> None:
    """No longer; refused while rows say so."""
    for table, column, words in reversed(WORDS):
        forbid_words(op, table, column, *words)
