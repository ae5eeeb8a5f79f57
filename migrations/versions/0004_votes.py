"""Votes: motions, candidates, rolls, ballots, which ballot counts, results."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "vote",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("place_id", BigInt, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("intro", sa.Text(), nullable=False),
        sa.Column("electorate", sa.String(length=24), nullable=False),
        sa.Column("headcount", sa.String(length=24), nullable=False),
        sa.Column("include_parking", sa.Boolean(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("voting_days", sa.Integer(), nullable=False),
        sa.Column("opens_at", UTCDateTime(), nullable=True),
        sa.Column("closes_at", UTCDateTime(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=True),
        sa.Column("roll_hash", sa.String(length=64), nullable=True),
        sa.Column("roll_heads", sa.BigInteger(), nullable=False),
        sa.Column("roll_area_dm2", sa.BigInteger(), nullable=False),
        sa.Column("roll_dwellings", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("opened_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("resulted_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("electorate IN ('owners', 'residents')", name=op.f("vote_electorate_known")),
        sa.CheckConstraint("headcount IN ('by_owner', 'by_dwelling')", name=op.f("vote_headcount_known")),
        sa.CheckConstraint(
            "state IN ('draft', 'published') OR (roll_hash IS NOT NULL AND closes_at IS NOT NULL)",
            name=op.f("vote_opens_with_a_frozen_roll"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'open', 'closed', 'result')", name=op.f("vote_state_known")
        ),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("vote_window_runs_forward")),
        sa.CheckConstraint("notice_days >= 0 AND voting_days >= 0", name=op.f("vote_days_not_negative")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("vote_place_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("vote_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("vote_public_id_key")),
    )
    op.create_index("vote_place_id_idx", "vote", ["place_id"], unique=False)
    op.create_index("vote_state_idx", "vote", ["state", "closes_at"], unique=False)
    op.create_table(
        "motion",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.CheckConstraint("seats >= 0 AND most >= 0", name=op.f("motion_numbers_not_negative")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("motion_vote_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("motion_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("motion_public_id_key")),
        sa.UniqueConstraint("vote_id", "position", name="motion_one_place_on_the_paper"),
    )
    op.create_table(
        "roll_line",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("area_dm2", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('owner', 'co_owners', 'organisation', 'unknown_owner', 'household')",
            name=op.f("roll_line_kind_known"),
        ),
        sa.CheckConstraint("heads > 0 AND area_dm2 >= 0", name=op.f("roll_line_counts_something")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("roll_line_vote_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("roll_line_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("roll_line_public_id_key")),
        sa.UniqueConstraint("vote_id", "number", name="roll_line_one_number"),
    )
    op.create_table(
        "vote_result",
        sa.Column("vote_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("document", JsonDoc, nullable=False),
        sa.Column("tally_hash", sa.String(length=64), nullable=False),
        sa.Column("counted_at", UTCDateTime(), nullable=False),
        sa.Column("counted_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("vote_result_vote_id_fkey")),
        sa.PrimaryKeyConstraint("vote_id", name=op.f("vote_result_pkey")),
    )
    op.create_table(
        "ballot",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("roll_line_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=True),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("standing", sa.String(length=24), nullable=False),
        sa.Column("cast_at", UTCDateTime(), nullable=False),
        sa.Column("receipt_no", sa.String(length=10), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("choices_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("audit_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("channel IN ('phone')", name=op.f("ballot_channel_known")),
        sa.CheckConstraint("standing IN ('valid', 'late')", name=op.f("ballot_standing_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("ballot_account_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("ballot_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("ballot_person_id_fkey")),
        sa.ForeignKeyConstraint(["roll_line_id"], ["roll_line.id"], name=op.f("ballot_roll_line_id_fkey")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("ballot_vote_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("ballot_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("ballot_public_id_key")),
        sa.UniqueConstraint("receipt_no", name="ballot_receipt_no_key"),
    )
    op.create_index("ballot_roll_line_id_idx", "ballot", ["roll_line_id"], unique=False)
    op.create_index("ballot_vote_id_idx", "ballot", ["vote_id"], unique=False)
    op.create_table(
        "candidate",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("motion_id", BigInt, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["motion_id"], ["motion.id"], name=op.f("candidate_motion_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("candidate_pkey")),
        sa.UniqueConstraint("motion_id", "position", name="candidate_one_place_on_the_paper"),
        sa.UniqueConstraint("public_id", name=op.f("candidate_public_id_key")),
    )
    op.create_table(
        "roll_line_dwelling",
        sa.Column("roll_line_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("dwelling_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("roll_line_dwelling_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["roll_line_id"], ["roll_line.id"], name=op.f("roll_line_dwelling_roll_line_id_fkey")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("roll_line_dwelling_vote_id_fkey")),
        sa.PrimaryKeyConstraint("roll_line_id", "dwelling_id", name=op.f("roll_line_dwelling_pkey")),
        sa.UniqueConstraint("vote_id", "dwelling_id", name="roll_line_dwelling_on_one_line"),
    )
    op.create_table(
        "roll_line_holder",
        sa.Column("roll_line_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("person_id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("roll_line_holder_person_id_fkey")),
        sa.ForeignKeyConstraint(["roll_line_id"], ["roll_line.id"], name=op.f("roll_line_holder_roll_line_id_fkey")),
        sa.PrimaryKeyConstraint("roll_line_id", "person_id", name=op.f("roll_line_holder_pkey")),
    )
    op.create_index("roll_line_holder_person_id_idx", "roll_line_holder", ["person_id"], unique=False)
    op.create_table(
        "counted_ballot",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("roll_line_id", BigInt, nullable=False),
        sa.Column("ballot_id", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("counted_ballot_ballot_id_fkey")),
        sa.ForeignKeyConstraint(["roll_line_id"], ["roll_line.id"], name=op.f("counted_ballot_roll_line_id_fkey")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("counted_ballot_vote_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("counted_ballot_pkey")),
        sa.UniqueConstraint("ballot_id", name="counted_ballot_ballot_id_key"),
        sa.UniqueConstraint("vote_id", "roll_line_id", name="counted_ballot_one_a_line"),
    )
    for table in ("ballot", "vote_result"):
        append_only(op, table)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("counted_ballot")
    op.drop_table("roll_line_holder")
    op.drop_table("roll_line_dwelling")
    op.drop_table("candidate")
    op.drop_table("ballot")
    op.drop_table("vote_result")
    op.drop_table("roll_line")
    op.drop_table("motion")
    op.drop_table("vote")
