"""The register of local rules for votes, and those each notice froze."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, append_only

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "local_rule",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("place_id", BigInt, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("document", sa.String(length=120), nullable=False),
        sa.Column("document_no", sa.String(length=60), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("clause", sa.String(length=60), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=80), nullable=True),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("ending_by", sa.String(length=80), nullable=True),
        sa.Column("ending_why", sa.String(length=200), nullable=False),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL) AND (confirmed_by IS NULL OR confirmed_by <> entered_by)",
            name=op.f("local_rule_two_people"),
        ),
        sa.CheckConstraint(
            "(ended_by IS NULL) = (ended_at IS NULL) AND (confirmed_at IS NULL OR ended_by IS NULL"
            " OR (ending_by IS NOT NULL AND ended_by <> ending_by))",
            name=op.f("local_rule_ended_by_two_people"),
        ),
        sa.CheckConstraint("document <> ''", name=op.f("local_rule_has_a_source")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("local_rule_place_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("local_rule_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("local_rule_public_id_key")),
    )
    op.create_index(
        "local_rule_one_a_day",
        "local_rule",
        ["place_id", "key", "valid_from"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "vote_local_rule",
        sa.Column("vote_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("local_rule_id", BigInt, nullable=True),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("vote_local_rule_vote_id_fkey")),
        sa.ForeignKeyConstraint(["local_rule_id"], ["local_rule.id"], name=op.f("vote_local_rule_local_rule_id_fkey")),
        sa.PrimaryKeyConstraint("vote_id", "key", name=op.f("vote_local_rule_pkey")),
    )
    append_only(op, "vote_local_rule")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("vote_local_rule")
    op.drop_table("local_rule")
