"""Casting beyond the own phone: how a ballot came and was confirmed, the terms of a vote, ballots in question."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime
from kernel.database.altering import (
    add_check,
    add_columns,
    allow_null,
    allow_words,
    drop_columns,
    drop_constraint,
    forbid_words,
)

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; ballots of before came from the voter's own phone."""
    allow_words(op, "ballot", "channel", "paper")
    allow_null(op, "ballot", "account_id")
    add_columns(
        op,
        "ballot",
        sa.Column("device", sa.String(length=24), server_default="'unknown'", nullable=False),
        sa.Column("confirmed", sa.String(length=24), server_default="'own_phone'", nullable=False),
        sa.Column("by_proxy", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("helper_id", BigInt, sa.ForeignKey("account.id"), nullable=True),
    )
    devices = "'wechat', 'mobile', 'computer', 'worker', 'paper', 'unknown'"
    add_check(op, "ballot", "ballot_device_known", f"device IN ({devices})")
    add_check(op, "ballot", "ballot_confirmed_known", "confirmed IN ('own_phone', 'signature', 'paper')")
    add_check(
        op,
        "ballot",
        "ballot_cast_by_somebody",
        "channel = 'paper' OR account_id IS NOT NULL OR helper_id IS NOT NULL",
    )
    op.create_table(
        "casting_terms",
        sa.Column("vote_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("clash", sa.String(length=24), nullable=False),
        sa.Column("paper", sa.Boolean(), nullable=False),
        sa.Column("agent_limit", sa.Integer(), nullable=False),
        sa.Column("bar_staff", sa.Boolean(), nullable=False),
        sa.CheckConstraint("agent_limit >= 0", name=op.f("casting_terms_limit_not_negative")),
        sa.CheckConstraint("clash IN ('first', 'paper', 'phone')", name=op.f("casting_terms_clash_known")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("casting_terms_vote_id_fkey")),
        sa.PrimaryKeyConstraint("vote_id", name=op.f("casting_terms_pkey")),
    )
    op.create_table(
        "ballot_conflict",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("roll_line_id", BigInt, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("ballot_id", BigInt, nullable=False),
        sa.Column("other_id", BigInt, nullable=True),
        sa.Column("raised_at", UTCDateTime(), nullable=False),
        sa.Column("raised_by", BigInt, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("decision", sa.String(length=24), nullable=True),
        sa.Column("settled_by", sa.String(length=80), nullable=True),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("settled_why", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "kind IN ('two_channels', 'objection', 'identity')", name=op.f("ballot_conflict_kind_known")
        ),
        sa.CheckConstraint("state IN ('open', 'by_rule', 'settled')", name=op.f("ballot_conflict_state_known")),
        sa.CheckConstraint("decision IN ('stands', 'other', 'neither')", name=op.f("ballot_conflict_decision_known")),
        sa.CheckConstraint(
            "(kind = 'two_channels') = (other_id IS NOT NULL)", name=op.f("ballot_conflict_two_ballots")
        ),
        sa.CheckConstraint(
            "(state = 'settled') = (decision IS NOT NULL AND settled_by IS NOT NULL AND settled_at IS NOT NULL)",
            name=op.f("ballot_conflict_settled_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("ballot_conflict_ballot_id_fkey")),
        sa.ForeignKeyConstraint(["other_id"], ["ballot.id"], name=op.f("ballot_conflict_other_id_fkey")),
        sa.ForeignKeyConstraint(["raised_by"], ["account.id"], name=op.f("ballot_conflict_raised_by_fkey")),
        sa.ForeignKeyConstraint(["roll_line_id"], ["roll_line.id"], name=op.f("ballot_conflict_roll_line_id_fkey")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("ballot_conflict_vote_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("ballot_conflict_pkey")),
        sa.UniqueConstraint("ballot_id", "other_id", name="ballot_conflict_once_a_pair"),
        sa.UniqueConstraint("ballot_id", "raised_by", name="ballot_conflict_once_a_person"),
        sa.UniqueConstraint("public_id", name=op.f("ballot_conflict_public_id_key")),
    )
    op.create_index("ballot_conflict_vote_id_idx", "ballot_conflict", ["vote_id", "state"], unique=False)
    op.create_index("ballot_conflict_roll_line_id_idx", "ballot_conflict", ["roll_line_id"], unique=False)


def downgrade() -> None:
    """Take them away. Fails, and should, where ballots came in on paper: they cannot be told without these columns."""
    op.drop_table("ballot_conflict")
    op.drop_table("casting_terms")
    for name in ("ballot_device_known", "ballot_confirmed_known", "ballot_cast_by_somebody"):
        drop_constraint(op, "ballot", name)
    drop_columns(op, "ballot", "device", "confirmed", "by_proxy", "helper_id")
    allow_null(op, "ballot", "account_id", allowed=False)
    forbid_words(op, "ballot", "channel", "paper")
