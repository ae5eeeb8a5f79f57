"""Catalogues of works, what became of each wish, and what households say of it."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "work_catalogue",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("document", JsonDoc, nullable=False),
        sa.Column("loaded_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("work_catalogue_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("work_catalogue_public_id_key")),
        sa.UniqueConstraint("year", "content_hash", name=op.f("work_catalogue_content_key")),
    )
    op.create_table(
        "wish_step",
        sa.Column("campaign_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("estate_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("number", BigInt, autoincrement=False, nullable=False),
        sa.Column("became", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("set_by", sa.String(length=80), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "became IN ('asked', 'listed', 'doing', 'done', 'not_listed')", name=op.f("wish_step_became_known")
        ),
        sa.CheckConstraint("number > 0", name=op.f("wish_step_number_positive")),
        sa.CheckConstraint("became <> 'not_listed' OR reason <> ''", name=op.f("wish_step_not_listed_says_why")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("wish_step_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["estate_id"], ["place.id"], name=op.f("wish_step_estate_id_fkey")),
        sa.PrimaryKeyConstraint("campaign_id", "estate_id", "item", "number", name=op.f("wish_step_pkey")),
    )
    op.create_table(
        "effect_mark",
        sa.Column("campaign_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("dwelling_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("estate_id", BigInt, nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("mark BETWEEN 1 AND 5", name=op.f("effect_mark_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("effect_mark_account_id_fkey")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("effect_mark_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("effect_mark_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["estate_id"], ["place.id"], name=op.f("effect_mark_estate_id_fkey")),
        sa.PrimaryKeyConstraint("campaign_id", "dwelling_id", "item", name=op.f("effect_mark_pkey")),
    )
    op.create_index("effect_mark_estate_idx", "effect_mark", ["campaign_id", "estate_id"])
    for table in ("work_catalogue", "wish_step", "effect_mark"):
        append_only(op, table)


def downgrade() -> None:
    """Drop them."""
    for table in ("effect_mark", "wish_step", "work_catalogue"):
        op.drop_table(table)
