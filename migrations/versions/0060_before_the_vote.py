"""News of nominations; a paper that had come back is voided by two people."""

import sqlalchemy as sa
from alembic import op

from kernel.database.altering import add_columns, allow_words, drop_columns, forbid_words

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

NEWS = ("nominations_open", "nominations_listed", "nominations_extended", "candidate_withdrawn")


def upgrade() -> None:
    """Add the columns and the kinds."""
    allow_words(op, "notice", "kind", *NEWS)
    add_columns(
        op,
        "ballot_paper",
        sa.Column("voiding_by", sa.String(length=80), nullable=True),
        sa.Column("voiding_reason", sa.String(length=24), nullable=True),
    )


def downgrade() -> None:
    """Take them away; such notices go."""
    drop_columns(op, "ballot_paper", "voiding_by", "voiding_reason")
    notice = sa.table("notice", sa.column("kind"))
    op.execute(sa.delete(notice).where(notice.c.kind.in_(NEWS)))
    forbid_words(op, "notice", "kind", *NEWS)
