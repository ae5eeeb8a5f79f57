"""People on a roll are told of its result, preliminary and final; nominees that they are asked."""

from alembic import op

from kernel.database.altering import allow_words, forbid_words

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

NEWS = ("result_out", "result_final", "result_answered", "nominee_asked")


def upgrade() -> None:
    """Let notices be of these kinds."""
    allow_words(op, "notice", "kind", *NEWS)


def downgrade() -> None:
    """No longer; such notices go."""
    op.execute("DELETE FROM notice WHERE kind IN ('result_out', 'result_final', 'result_answered', 'nominee_asked')")
    forbid_words(op, "notice", "kind", *NEWS)
