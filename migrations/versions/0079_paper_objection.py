"""A household says that it handed in no such paper, while it is on its way: another hand has to look before it goes on."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "survey_paper_objection",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("paper_id", BigInt, nullable=False),
        sa.Column("account_id", BigInt, nullable=True),
        sa.Column("raised_at", UTCDateTime(), nullable=False),
        sa.Column("answered_by", BigInt, nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL)", name=op.f("survey_paper_objection_answer_whole")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("survey_paper_objection_account_id_fkey")),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("survey_paper_objection_answered_by_fkey")),
        sa.ForeignKeyConstraint(["paper_id"], ["survey_paper.id"], name=op.f("survey_paper_objection_paper_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("survey_paper_objection_pkey")),
        sa.UniqueConstraint("paper_id", "account_id", name=op.f("survey_paper_objection_once_key")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("survey_paper_objection")
