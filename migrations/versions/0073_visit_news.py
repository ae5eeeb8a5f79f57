"""News of a moved end to whoever has begun a sheet, and of visits to who came along and who asked him."""

import sqlalchemy as sa
from alembic import op

from kernel.database.altering import allow_words, forbid_words

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

NEWS = ("survey_end_moved", "visit_named", "visit_declined")


def upgrade() -> None:
    """Know the words."""
    allow_words(op, "notice", "kind", *NEWS)


def downgrade() -> None:
    """Such notices go."""
    notice = sa.table("notice", sa.column("kind"))
    op.execute(sa.delete(notice).where(notice.c.kind.in_(NEWS)))
    forbid_words(op, "notice", "kind", *NEWS)
