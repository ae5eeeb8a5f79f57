"""Votes on paper: numbered papers of roll lines, and what two people keyed of them."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, append_only

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "ballot_paper",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("roll_line_id", BigInt, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("serial", sa.String(length=10), nullable=False),
        sa.Column("receipt_no", sa.String(length=10), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("printed_at", UTCDateTime(), nullable=False),
        sa.Column("printed_by", sa.String(length=80), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=True),
        sa.Column("handed_to_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("handed_at", UTCDateTime(), nullable=True),
        sa.Column("handed_by", sa.String(length=80), nullable=True),
        sa.Column("by_proxy", sa.Boolean(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=True),
        sa.Column("registered_at", UTCDateTime(), nullable=True),
        sa.Column("received_by", sa.String(length=80), nullable=True),
        sa.Column("void_reason", sa.String(length=24), nullable=True),
        sa.Column("voided_at", UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.String(length=80), nullable=True),
        sa.Column("ballot_id", BigInt, nullable=True),
        sa.CheckConstraint(
            "state IN ('printed', 'handed', 'returned', 'keyed', 'differs', 'settled', 'void')",
            name=op.f("ballot_paper_state_known"),
        ),
        sa.CheckConstraint(
            "void_reason IN ('reprinted', 'spoilt', 'unsigned', 'both_boxes', 'lost', 'withdrawn')",
            name=op.f("ballot_paper_void_reason_known"),
        ),
        sa.CheckConstraint(
            "(state = 'void') = (void_reason IS NOT NULL AND voided_at IS NOT NULL)",
            name=op.f("ballot_paper_void_says_why"),
        ),
        sa.CheckConstraint(
            "(state = 'settled') = (ballot_id IS NOT NULL)", name=op.f("ballot_paper_settled_is_a_ballot")
        ),
        sa.CheckConstraint(
            "state IN ('printed', 'handed', 'void') OR received_at IS NOT NULL",
            name=op.f("ballot_paper_returned_when"),
        ),
        sa.CheckConstraint("number > 0", name=op.f("ballot_paper_number_positive")),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("ballot_paper_ballot_id_fkey")),
        sa.ForeignKeyConstraint(["roll_line_id"], ["roll_line.id"], name=op.f("ballot_paper_roll_line_id_fkey")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("ballot_paper_vote_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("ballot_paper_pkey")),
        sa.UniqueConstraint("ballot_id", name="ballot_paper_ballot_id_key"),
        sa.UniqueConstraint("public_id", name=op.f("ballot_paper_public_id_key")),
        sa.UniqueConstraint("receipt_no", name="ballot_paper_receipt_no_key"),
        sa.UniqueConstraint("serial", name="ballot_paper_serial_key"),
        sa.UniqueConstraint("vote_id", "number", name="ballot_paper_one_number"),
    )
    op.create_index(
        "ballot_paper_one_good_a_line",
        "ballot_paper",
        ["roll_line_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'void'"),
        sqlite_where=sa.text("state <> 'void'"),
    )
    op.create_table(
        "paper_keying",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("paper_id", BigInt, nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("keyed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("turn IN (1, 2, 3)", name=op.f("paper_keying_turn_known")),
        sa.ForeignKeyConstraint(["paper_id"], ["ballot_paper.id"], name=op.f("paper_keying_paper_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("paper_keying_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("paper_keying_pkey")),
        sa.UniqueConstraint("paper_id", "person_id", name="paper_keying_once_a_person"),
        sa.UniqueConstraint("paper_id", "turn", name="paper_keying_once_a_turn"),
    )
    append_only(op, "paper_keying")


def downgrade() -> None:
    """Drop them."""
    op.drop_table("paper_keying")
    op.drop_table("ballot_paper")
