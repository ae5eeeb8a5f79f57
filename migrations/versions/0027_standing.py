"""What counts beside the valid response, cases to settle, what households say of sheets; the tally queue by parts."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, append_only
from kernel.database.altering import add_check, add_columns, allow_words, drop_columns, drop_constraint, forbid_words

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


PARTS = "part IN ('all', 'needs', 'owners')"
NEWS = ("response_assisted", "response_changed", "response_waiting", "response_settled", "survey_reminder")


def upgrade() -> None:
    """Make the tables."""
    for queue in ("tally_queue", "public_change"):
        add_columns(op, queue, sa.Column("part", sa.String(length=8), nullable=False, server_default="'all'"))
        add_check(op, queue, f"{queue}_part_known", PARTS)
    op.create_table(
        "owner_response",
        sa.Column("campaign_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("dwelling_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("response_id", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("owner_response_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("owner_response_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("owner_response_response_id_fkey")),
        sa.PrimaryKeyConstraint("campaign_id", "dwelling_id", name=op.f("owner_response_pkey")),
        sa.UniqueConstraint("response_id", name="owner_response_response_id_key"),
    )
    op.create_table(
        "response_dispute",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("response_id", BigInt, nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("raised_at", UTCDateTime(), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("settled_by", BigInt, nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("chosen_id", BigInt, nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.CheckConstraint("kind IN ('conflict', 'objection')", name=op.f("response_dispute_kind_known")),
        sa.CheckConstraint("outcome IN ('chosen', 'none')", name=op.f("response_dispute_outcome_known")),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (outcome IS NULL) AND (settled_at IS NULL) = (reason IS NULL)",
            name=op.f("response_dispute_settled_whole"),
        ),
        sa.CheckConstraint(
            "(outcome = 'chosen') = (chosen_id IS NOT NULL)", name=op.f("response_dispute_choice_named")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("response_dispute_account_id_fkey")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("response_dispute_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["chosen_id"], ["response.id"], name=op.f("response_dispute_chosen_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("response_dispute_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("response_dispute_response_id_fkey")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("response_dispute_settled_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("response_dispute_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("response_dispute_public_id_key")),
        sa.UniqueConstraint("response_id", "kind", "account_id", name="response_dispute_once_key"),
    )
    op.create_index("response_dispute_dwelling_id_idx", "response_dispute", ["dwelling_id", "campaign_id"])
    op.create_index(
        "response_dispute_open_idx",
        "response_dispute",
        ["campaign_id"],
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "response_review",
        sa.Column("response_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("account_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("opinion", sa.String(length=24), nullable=False),
        sa.Column("said_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("opinion IN ('confirmed', 'objected')", name=op.f("response_review_opinion_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("response_review_account_id_fkey")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("response_review_response_id_fkey")),
        sa.PrimaryKeyConstraint("response_id", "account_id", name=op.f("response_review_pkey")),
    )
    append_only(op, "response_review")
    allow_words(op, "notice", "kind", *NEWS)


def downgrade() -> None:
    """Drop them. What waited to be counted in parts is counted whole then: a recount finds the difference."""
    notice = sa.table("notice", sa.column("kind"))
    op.execute(sa.delete(notice).where(notice.c.kind.in_(NEWS)))
    forbid_words(op, "notice", "kind", *NEWS)
    for table in ("response_review", "response_dispute", "owner_response"):
        op.drop_table(table)
    for queue in ("tally_queue", "public_change"):
        drop_constraint(op, queue, f"{queue}_part_known")
        drop_columns(op, queue, "part")
