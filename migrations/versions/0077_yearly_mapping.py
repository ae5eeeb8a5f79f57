"""Which question of last year's version is which of this year's: proposed by one person, agreed to by another."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "yearly_mapping",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("from_version_id", BigInt, nullable=False),
        sa.Column("to_version_id", BigInt, nullable=False),
        sa.Column("document", JsonDoc, nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("proposed_by", BigInt, nullable=False),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("decision", sa.String(length=24), nullable=True),
        sa.Column("decided_by", BigInt, nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL) AND (decision IS NULL) = (decided_by IS NULL)",
            name=op.f("yearly_mapping_decision_whole"),
        ),
        sa.CheckConstraint(
            "decision IN ('agreed', 'refused', 'withdrawn')", name=op.f("yearly_mapping_decision_known")
        ),
        sa.CheckConstraint(
            "decision IS NULL OR (decision = 'withdrawn') = (decided_by = proposed_by)",
            name=op.f("yearly_mapping_two_people"),
        ),
        sa.CheckConstraint("from_version_id <> to_version_id", name=op.f("yearly_mapping_two_versions")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("yearly_mapping_decided_by_fkey")),
        sa.ForeignKeyConstraint(
            ["from_version_id"], ["questionnaire_version.id"], name=op.f("yearly_mapping_from_version_id_fkey")
        ),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("yearly_mapping_proposed_by_fkey")),
        sa.ForeignKeyConstraint(
            ["to_version_id"], ["questionnaire_version.id"], name=op.f("yearly_mapping_to_version_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("yearly_mapping_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("yearly_mapping_public_id_key")),
    )
    op.create_index(
        "yearly_mapping_one_waits",
        "yearly_mapping",
        ["from_version_id", "to_version_id"],
        unique=True,
        sqlite_where=sa.text("decision IS NULL"),
        postgresql_where=sa.text("decision IS NULL"),
    )
    op.create_index("yearly_mapping_to_version_id_idx", "yearly_mapping", ["to_version_id"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_table("yearly_mapping")
