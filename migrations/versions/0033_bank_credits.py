"""What lines of bank statements do: households credited, cash arrived, card payments settled; and credits taken back."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, allow_values

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

DECISIONS = ("entered", "returned", "theirs", "accepted")


def upgrade() -> None:
    """Make the tables."""
    allow_values(
        op, "bank_line", "decision", ("credited", "arrived", "pos", "returned", "theirs", "accepted", "entered")
    )
    op.create_table(
        "line_part",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("line_id", BigInt, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=True),
        sa.Column("banking_id", BigInt, nullable=True),
        sa.Column("taking_id", BigInt, nullable=True),
        sa.Column("deposit_id", BigInt, nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.CheckConstraint(
            "dwelling_id IS NULL OR (deposit_id IS NOT NULL) = (state IN ('done', 'undone'))",
            name=op.f("line_part_credited_when_done"),
        ),
        sa.CheckConstraint("state IN ('planned', 'done', 'dropped', 'undone')", name=op.f("line_part_state_known")),
        sa.CheckConstraint(
            "CASE WHEN dwelling_id IS NULL THEN 0 ELSE 1 END + CASE WHEN banking_id IS NULL THEN 0 ELSE 1 END + CASE WHEN taking_id IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("line_part_of_one_kind"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("line_part_amount_positive")),
        sa.ForeignKeyConstraint(["banking_id"], ["cash_banking.id"], name=op.f("line_part_banking_id_fkey")),
        sa.ForeignKeyConstraint(["deposit_id"], ["deposit.id"], name=op.f("line_part_deposit_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("line_part_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["line_id"], ["bank_line.id"], name=op.f("line_part_line_id_fkey")),
        sa.ForeignKeyConstraint(["taking_id"], ["taking.id"], name=op.f("line_part_taking_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("line_part_pkey")),
        sa.UniqueConstraint("deposit_id", name="line_part_one_a_deposit"),
        sa.UniqueConstraint("public_id", name=op.f("line_part_public_id_key")),
    )
    op.create_index("line_part_line_id_idx", "line_part", ["line_id"], unique=False)
    op.create_index(
        "line_part_one_banking",
        "line_part",
        ["banking_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('planned', 'done')"),
        postgresql_where=sa.text("state IN ('planned', 'done')"),
    )
    op.create_index(
        "line_part_one_taking",
        "line_part",
        ["taking_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('planned', 'done')"),
        postgresql_where=sa.text("state IN ('planned', 'done')"),
    )
    op.create_table(
        "line_reversal",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("line_id", BigInt, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("decision", sa.String(length=24), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.Column("proposed_at", UTCDateTime(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("proposed_by", BigInt, nullable=True),
        sa.Column("decided_by", BigInt, nullable=True),
        sa.CheckConstraint(
            "(state = 'decided') = (decided_by IS NOT NULL)", name=op.f("line_reversal_decided_by_somebody")
        ),
        sa.CheckConstraint("state IN ('proposed', 'decided', 'sent_back')", name=op.f("line_reversal_state_known")),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'decided') OR (decision IS NOT NULL AND proposed_by IS NOT NULL)",
            name=op.f("line_reversal_proposed_by_somebody"),
        ),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("line_reversal_two_people")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("line_reversal_decided_by_fkey")),
        sa.ForeignKeyConstraint(["line_id"], ["bank_line.id"], name=op.f("line_reversal_line_id_fkey")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("line_reversal_proposed_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("line_reversal_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("line_reversal_public_id_key")),
    )
    op.create_index(
        "line_reversal_one_open",
        "line_reversal",
        ["line_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )


def downgrade() -> None:
    """Drop them. Refused by the constraints while lines have effects: money is never dropped."""
    op.drop_table("line_reversal")
    op.drop_table("line_part")
    allow_values(op, "bank_line", "decision", DECISIONS)
