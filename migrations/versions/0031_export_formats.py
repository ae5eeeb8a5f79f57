"""SPSS files and photos among the files staff may ask for."""

from alembic import op

from kernel.database import allow_values

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BEFORE = ("xlsx", "csv")


def upgrade() -> None:
    """Allow the new kinds of file."""
    allow_values(op, "survey_export", "format", (*BEFORE, "sav", "photos", "photos_public"))


def downgrade() -> None:
    """Back to tables alone; the other files are asked for again when they are wanted."""
    op.execute("DELETE FROM survey_export WHERE format NOT IN ('xlsx', 'csv')")
    allow_values(op, "survey_export", "format", BEFORE)
