"""Residents' representatives, and votes whose roll has a line for each of them."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime
from kernel.database.altering import allow_words, forbid_words

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

LIVE = "ended_at IS NULL"


def upgrade() -> None:
    """Make the table; a vote may be theirs."""
    op.create_table(
        "delegate",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("estate_id", BigInt, nullable=False),
        sa.Column("group_name", sa.String(length=40), nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("chosen", sa.String(length=24), nullable=False),
        sa.Column("chosen_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("joined_register", sa.Boolean(), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=80), nullable=True),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("left_because", sa.String(length=24), nullable=True),
        sa.CheckConstraint("chosen IN ('ballot', 'meeting')", name=op.f("delegate_chosen_known")),
        sa.CheckConstraint(
            "left_because IN ('resigned', 'moved', 'replaced', 'died', 'mistake')",
            name=op.f("delegate_left_because_known"),
        ),
        sa.CheckConstraint("until >= chosen_on", name=op.f("delegate_term_runs_forward")),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL) AND (confirmed_by IS NULL OR confirmed_by <> entered_by)",
            name=op.f("delegate_two_people"),
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (left_because IS NULL)", name=op.f("delegate_left_for_a_reason")),
        sa.ForeignKeyConstraint(["estate_id"], ["place.id"], name=op.f("delegate_estate_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("delegate_person_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("delegate_dwelling_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("delegate_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("delegate_public_id_key")),
    )
    for name, columns in (
        ("delegate_one_a_household", ["dwelling_id"]),
        ("delegate_one_a_person", ["estate_id", "person_id"]),
    ):
        op.create_index(
            name, "delegate", columns, unique=True, postgresql_where=sa.text(LIVE), sqlite_where=sa.text(LIVE)
        )
    allow_words(op, "vote", "electorate", "representatives")
    allow_words(op, "roll_line", "kind", "delegate")


def downgrade() -> None:
    """Drop the table."""
    forbid_words(op, "roll_line", "kind", "delegate")
    forbid_words(op, "vote", "electorate", "representatives")
    op.drop_table("delegate")
