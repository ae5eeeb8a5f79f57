"""Self-management groups: the body, its members, what is handed over."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "self_group",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("place_id", BigInt, nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("formed_by", sa.String(length=80), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("self_group_term_runs_forward")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("self_group_place_id_fkey")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("self_group_vote_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("self_group_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("self_group_public_id_key")),
        sa.UniqueConstraint("vote_id", name="self_group_one_a_vote"),
    )
    op.create_index(
        "self_group_one_in_office",
        "self_group",
        ["place_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "handover_item",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("group_id", BigInt, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("done_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["self_group.id"], name=op.f("handover_item_group_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("handover_item_pkey")),
        sa.UniqueConstraint("group_id", "position", name="handover_item_one_place"),
        sa.UniqueConstraint("public_id", name=op.f("handover_item_public_id_key")),
    )
    op.create_table(
        "self_group_member",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("group_id", BigInt, nullable=False),
        sa.Column("candidate_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("grant_id", BigInt, nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role IN ('leader', 'member')", name=op.f("self_group_member_role_known")),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("self_group_member_candidate_id_fkey")),
        sa.ForeignKeyConstraint(["grant_id"], ["grant_given.id"], name=op.f("self_group_member_grant_id_fkey")),
        sa.ForeignKeyConstraint(["group_id"], ["self_group.id"], name=op.f("self_group_member_group_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("self_group_member_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("self_group_member_pkey")),
        sa.UniqueConstraint("group_id", "candidate_id", name="self_group_member_one_a_candidate"),
        sa.UniqueConstraint("group_id", "person_id", name="self_group_member_once"),
    )
    op.create_index("self_group_member_person_id_idx", "self_group_member", ["person_id"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("self_group_member")
    op.drop_table("handover_item")
    op.drop_table("self_group")
