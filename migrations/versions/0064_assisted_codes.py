"""A voter confirms on a worker's phone by a code sent to the voter's own."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime
from kernel.database.altering import allow_words, forbid_words

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; a ballot may be confirmed so."""
    op.create_table(
        "assisted_code",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("roll_line_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("helper_id", BigInt, nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.Column("ballot_id", BigInt, nullable=True),
        sa.CheckConstraint("wrong >= 0", name=op.f("assisted_code_tries_counted")),
        sa.CheckConstraint(
            "used_at IS NULL OR confirmed_at IS NOT NULL", name=op.f("assisted_code_used_when_confirmed")
        ),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("assisted_code_vote_id_fkey")),
        sa.ForeignKeyConstraint(["roll_line_id"], ["roll_line.id"], name=op.f("assisted_code_roll_line_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("assisted_code_person_id_fkey")),
        sa.ForeignKeyConstraint(["helper_id"], ["account.id"], name=op.f("assisted_code_helper_id_fkey")),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("assisted_code_ballot_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("assisted_code_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("assisted_code_public_id_key")),
        sa.UniqueConstraint("ballot_id", name=op.f("assisted_code_ballot_id_key")),
    )
    op.create_index("assisted_code_phone_index_idx", "assisted_code", ["phone_index", "made_at"], unique=False)
    op.create_index("assisted_code_helper_id_idx", "assisted_code", ["helper_id", "made_at"], unique=False)
    allow_words(op, "ballot", "confirmed", "code")


def downgrade() -> None:
    """Drop the table."""
    forbid_words(op, "ballot", "confirmed", "code")
    op.drop_table("assisted_code")
