"""Questionnaires being written."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "form_draft",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("place_id", BigInt, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", JsonDoc, nullable=False),
        sa.Column("based_on_id", BigInt, nullable=True),
        sa.Column("version_id", BigInt, nullable=True),
        sa.Column("saved_at", UTCDateTime(), nullable=False),
        sa.Column("saved_by", sa.String(length=80), nullable=False),
        sa.Column("discarded_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("form_draft_number_positive")),
        sa.CheckConstraint("version_id IS NULL OR discarded_at IS NULL", name=op.f("form_draft_one_end")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("form_draft_place_id_fkey")),
        sa.ForeignKeyConstraint(
            ["based_on_id"], ["questionnaire_version.id"], name=op.f("form_draft_based_on_id_fkey")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["questionnaire_version.id"], name=op.f("form_draft_version_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("form_draft_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("form_draft_public_id_key")),
    )
    op.create_index("form_draft_code_idx", "form_draft", ["code"], unique=False)


def downgrade() -> None:
    """Drop it; what was published stays."""
    op.drop_table("form_draft")
