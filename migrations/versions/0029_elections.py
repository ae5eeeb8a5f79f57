"""Elections: calls for nominations with consent, plans, withdrawals, lots, run-offs; recall by petition."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

APPEND_ONLY = ("candidate_withdrawal", "election_lot")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "nomination_call",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("place_id", BigInt, nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("intro", sa.Text(), nullable=False),
        sa.Column("contest", sa.String(length=24), nullable=False),
        sa.Column("spare_num", sa.Integer(), nullable=False),
        sa.Column("spare_den", sa.Integer(), nullable=False),
        sa.Column("signatures", sa.Integer(), nullable=False),
        sa.Column("alternates_num", sa.Integer(), nullable=False),
        sa.Column("alternates_den", sa.Integer(), nullable=False),
        sa.Column("list_days", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("voting_days", sa.Integer(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("listed_until", UTCDateTime(), nullable=True),
        sa.Column("vote_id", BigInt, nullable=True),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("contest IN ('equal', 'more')", name=op.f("nomination_call_contest_known")),
        sa.CheckConstraint(
            "(state = 'listed' OR state = 'printed') = (listed_until IS NOT NULL)",
            name=op.f("nomination_call_listed_until"),
        ),
        sa.CheckConstraint(
            "(state = 'printed') = (vote_id IS NOT NULL)", name=op.f("nomination_call_printed_has_a_vote")
        ),
        sa.CheckConstraint(
            "spare_num >= 0 AND spare_den > 0 AND alternates_num >= 0 AND alternates_den > 0 AND signatures >= 1",
            name=op.f("nomination_call_shares_sensible"),
        ),
        sa.CheckConstraint("state IN ('open', 'listed', 'printed')", name=op.f("nomination_call_state_known")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("nomination_call_place_id_fkey")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("nomination_call_vote_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("nomination_call_pkey")),
        sa.UniqueConstraint("vote_id", name=op.f("nomination_call_vote_id_key")),
        sa.UniqueConstraint("public_id", name=op.f("nomination_call_public_id_key")),
    )
    op.create_index("nomination_call_place_id_idx", "nomination_call", ["place_id", "state"], unique=False)
    op.create_table(
        "election_section",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("call_id", BigInt, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.CheckConstraint("seats >= 1 AND most >= seats", name=op.f("election_section_seats_sensible")),
        sa.ForeignKeyConstraint(["call_id"], ["nomination_call.id"], name=op.f("election_section_call_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("election_section_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("election_section_public_id_key")),
        sa.UniqueConstraint("call_id", "position", name=op.f("election_section_one_place")),
    )
    op.create_table(
        "nominee",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("call_id", BigInt, nullable=False),
        sa.Column("section_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("way", sa.String(length=24), nullable=False),
        sa.Column("nominated_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("consent", sa.String(length=24), nullable=False),
        sa.Column("consent_at", UTCDateTime(), nullable=True),
        sa.Column("consent_by", sa.String(length=80), nullable=True),
        sa.Column("checked", sa.String(length=24), nullable=False),
        sa.Column("check_reason", sa.String(length=200), nullable=False),
        sa.Column("checked_at", UTCDateTime(), nullable=True),
        sa.Column("checked_by", sa.String(length=80), nullable=True),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("candidate_id", BigInt, nullable=True),
        sa.CheckConstraint("checked IN ('waiting', 'qualified', 'refused')", name=op.f("nominee_checked_known")),
        sa.CheckConstraint("(checked = 'waiting') = (checked_at IS NULL)", name=op.f("nominee_checked_whole")),
        sa.CheckConstraint("consent IN ('asked', 'given', 'declined')", name=op.f("nominee_consent_known")),
        sa.CheckConstraint("(consent = 'asked') = (consent_at IS NULL)", name=op.f("nominee_consent_whole")),
        sa.CheckConstraint("way IN ('self', 'joint', 'committee')", name=op.f("nominee_way_known")),
        sa.ForeignKeyConstraint(["call_id"], ["nomination_call.id"], name=op.f("nominee_call_id_fkey")),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("nominee_candidate_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("nominee_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["section_id"], ["election_section.id"], name=op.f("nominee_section_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("nominee_pkey")),
        sa.UniqueConstraint("call_id", "dwelling_id", "name_index", name=op.f("nominee_once_a_call")),
        sa.UniqueConstraint("candidate_id", name=op.f("nominee_candidate_id_key")),
        sa.UniqueConstraint("public_id", name=op.f("nominee_public_id_key")),
    )
    op.create_table(
        "nominee_signature",
        sa.Column("nominee_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("dwelling_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("signed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("nominee_signature_account_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("nominee_signature_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["nominee_id"], ["nominee.id"], name=op.f("nominee_signature_nominee_id_fkey")),
        sa.PrimaryKeyConstraint("nominee_id", "dwelling_id", name=op.f("nominee_signature_pkey")),
    )
    op.create_table(
        "election_plan",
        sa.Column("motion_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("alternates", sa.Integer(), nullable=True),
        sa.CheckConstraint("alternates IS NULL OR alternates >= 0", name=op.f("election_plan_alternates")),
        sa.ForeignKeyConstraint(["motion_id"], ["motion.id"], name=op.f("election_plan_motion_id_fkey")),
        sa.PrimaryKeyConstraint("motion_id", name=op.f("election_plan_pkey")),
    )
    op.create_table(
        "candidate_withdrawal",
        sa.Column("candidate_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidate.id"], name=op.f("candidate_withdrawal_candidate_id_fkey")
        ),
        sa.PrimaryKeyConstraint("candidate_id", name=op.f("candidate_withdrawal_pkey")),
    )
    op.create_table(
        "election_lot",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("motion_id", BigInt, nullable=False),
        sa.Column("names", JsonDoc, nullable=False),
        sa.Column("method", sa.String(length=200), nullable=False),
        sa.Column("drawn_by", sa.String(length=40), nullable=False),
        sa.Column("witnesses", JsonDoc, nullable=False),
        sa.Column("drawn_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["motion_id"], ["motion.id"], name=op.f("election_lot_motion_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("election_lot_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("election_lot_public_id_key")),
    )
    op.create_table(
        "election_runoff",
        sa.Column("motion_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["motion_id"], ["motion.id"], name=op.f("election_runoff_motion_id_fkey")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("election_runoff_vote_id_fkey")),
        sa.PrimaryKeyConstraint("motion_id", name=op.f("election_runoff_pkey")),
        sa.UniqueConstraint("vote_id", name=op.f("election_runoff_vote_id_key")),
    )
    op.create_table(
        "recall_petition",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("election_id", BigInt, nullable=False),
        sa.Column("candidates", JsonDoc, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("share_num", sa.Integer(), nullable=False),
        sa.Column("share_den", sa.Integer(), nullable=False),
        sa.Column("roll_heads", sa.BigInteger(), nullable=False),
        sa.Column("needed", sa.BigInteger(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("vote_id", BigInt, nullable=True),
        sa.Column("started_by", sa.String(length=80), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "share_num > 0 AND share_den >= share_num AND needed >= 1", name=op.f("recall_petition_share_sensible")
        ),
        sa.CheckConstraint("state IN ('collecting', 'reached', 'lapsed')", name=op.f("recall_petition_state_known")),
        sa.ForeignKeyConstraint(["election_id"], ["vote.id"], name=op.f("recall_petition_election_id_fkey")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("recall_petition_vote_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("recall_petition_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("recall_petition_public_id_key")),
        sa.UniqueConstraint("vote_id", name=op.f("recall_petition_vote_id_key")),
    )
    op.create_index("recall_petition_election_id_idx", "recall_petition", ["election_id"], unique=False)
    op.create_table(
        "recall_signature",
        sa.Column("petition_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("dwelling_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("signed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("recall_signature_account_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("recall_signature_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["recall_petition.id"], name=op.f("recall_signature_petition_id_fkey")
        ),
        sa.PrimaryKeyConstraint("petition_id", "dwelling_id", name=op.f("recall_signature_pkey")),
    )
    for table in APPEND_ONLY:
        append_only(op, table)


def downgrade() -> None:
    """Drop them; printed ballots keep their candidates."""
    for table in (
        "recall_signature",
        "recall_petition",
        "election_runoff",
        "election_lot",
        "candidate_withdrawal",
        "election_plan",
        "nominee_signature",
        "nominee",
        "election_section",
        "nomination_call",
    ):
        op.drop_table(table)
