"""Secret elections: the key of an election, the hash of every envelope, what was opened."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APPEND_ONLY = ("envelope_hash", "secret_opening")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "election_key",
        sa.Column("vote_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("public_key", sa.String(length=130), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("election_key_vote_id_fkey")),
        sa.PrimaryKeyConstraint("vote_id", name=op.f("election_key_pkey")),
    )
    op.create_table(
        "envelope_hash",
        sa.Column("ballot_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("envelope_hash_ballot_id_fkey")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("envelope_hash_vote_id_fkey")),
        sa.PrimaryKeyConstraint("ballot_id", name=op.f("envelope_hash_pkey")),
        sa.UniqueConstraint("vote_id", "sha256", name="envelope_hash_once_a_vote"),
    )
    op.create_table(
        "secret_opening",
        sa.Column("vote_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("document", JsonDoc, nullable=False),
        sa.Column("imported_at", UTCDateTime(), nullable=False),
        sa.Column("imported_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("secret_opening_vote_id_fkey")),
        sa.PrimaryKeyConstraint("vote_id", name=op.f("secret_opening_pkey")),
    )
    for table in APPEND_ONLY:
        append_only(op, table)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("secret_opening")
    op.drop_table("envelope_hash")
    op.drop_table("election_key")
