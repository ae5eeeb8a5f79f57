"""Deliveries of a vote's notice; adopted rules on file, and the votes that count silence by them."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, append_only

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "notice_delivery",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("batch", sa.String(length=22), nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("way", sa.String(length=24), nullable=False),
        sa.Column("recipient", sa.String(length=24), nullable=False),
        sa.Column("delivered_at", UTCDateTime(), nullable=False),
        sa.Column("effective_at", UTCDateTime(), nullable=False),
        sa.Column("proofs", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "way IN ('app', 'handed', 'posted', 'mail', 'public')", name=op.f("notice_delivery_way_known")
        ),
        sa.CheckConstraint(
            "recipient IN ('owner', 'family', 'tenant', 'nobody')", name=op.f("notice_delivery_recipient_known")
        ),
        sa.CheckConstraint("proofs >= 0", name=op.f("notice_delivery_proofs_counted")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("notice_delivery_vote_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("notice_delivery_dwelling_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("notice_delivery_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("notice_delivery_public_id_key")),
    )
    op.create_index(
        "notice_delivery_opened_once",
        "notice_delivery",
        ["vote_id", "dwelling_id"],
        unique=True,
        sqlite_where=sa.text("way = 'app'"),
        postgresql_where=sa.text("way = 'app'"),
    )
    op.create_index("notice_delivery_vote_id_idx", "notice_delivery", ["vote_id", "dwelling_id"], unique=False)
    op.create_table(
        "notice_delivery_revoked",
        sa.Column("delivery_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["notice_delivery.id"], name=op.f("notice_delivery_revoked_delivery_id_fkey")
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("notice_delivery_revoked_pkey")),
    )
    op.create_table(
        "bylaws",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("place_id", BigInt, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("adopted_on", sa.Date(), nullable=False),
        sa.Column("vote_id", BigInt, nullable=True),
        sa.Column("meeting", sa.String(length=200), nullable=False),
        sa.Column("silence", sa.String(length=24), nullable=False),
        sa.Column("warning", sa.String(length=500), nullable=False),
        sa.Column("clauses", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=80), nullable=True),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("silence IN ('nothing', 'took_part', 'majority')", name=op.f("bylaws_silence_known")),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL) AND (confirmed_by IS NULL OR confirmed_by <> entered_by)",
            name=op.f("bylaws_two_people"),
        ),
        sa.CheckConstraint("vote_id IS NOT NULL OR meeting <> ''", name=op.f("bylaws_come_from_somewhere")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("bylaws_place_id_fkey")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("bylaws_vote_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("bylaws_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("bylaws_public_id_key")),
    )
    op.create_index("bylaws_place_id_idx", "bylaws", ["place_id"], unique=False)
    op.create_table(
        "deemed_vote",
        sa.Column("vote_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("bylaws_id", BigInt, nullable=False),
        sa.Column("set_at", UTCDateTime(), nullable=False),
        sa.Column("set_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("deemed_vote_vote_id_fkey")),
        sa.ForeignKeyConstraint(["bylaws_id"], ["bylaws.id"], name=op.f("deemed_vote_bylaws_id_fkey")),
        sa.PrimaryKeyConstraint("vote_id", name=op.f("deemed_vote_pkey")),
    )
    append_only(op, "notice_delivery")
    append_only(op, "notice_delivery_revoked")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("deemed_vote")
    op.drop_table("bylaws")
    op.drop_table("notice_delivery_revoked")
    op.drop_table("notice_delivery")
