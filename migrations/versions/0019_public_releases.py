"""Live counts know the channel; what the public sees moves by five newcomers or more."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables. The counters cannot be split by channel afterwards: they are counted anew by the job."""
    op.drop_table("tally_counter")
    _counter(sa.Column("channel", sa.String(length=24), nullable=False))
    responses = sa.text("question = ''")
    op.create_index(
        "tally_counter_responses_idx",
        "tally_counter",
        ["campaign_id", "estate_id", "channel"],
        sqlite_where=responses,
        postgresql_where=responses,
    )
    _count_again()
    op.create_table(
        "public_change",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("estate_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("response_id", BigInt, nullable=False),
        sa.Column("sign", sa.Integer(), nullable=False),
        sa.CheckConstraint("sign IN (1, -1)", name=op.f("public_change_sign_known")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("public_change_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("public_change_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["estate_id"], ["place.id"], name=op.f("public_change_estate_id_fkey")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("public_change_response_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("public_change_pkey")),
    )
    op.create_index("public_change_estate_idx", "public_change", ["campaign_id", "estate_id", "dwelling_id"])
    op.create_table(
        "public_release",
        sa.Column("campaign_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("estate_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("taken_at", UTCDateTime(), nullable=False),
        sa.Column("document", JsonDoc, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("public_release_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["estate_id"], ["place.id"], name=op.f("public_release_estate_id_fkey")),
        sa.PrimaryKeyConstraint("campaign_id", "estate_id", name=op.f("public_release_pkey")),
    )
    op.create_table(
        "public_seen",
        sa.Column("campaign_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("dwelling_id", BigInt, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("public_seen_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("public_seen_dwelling_id_fkey")),
        sa.PrimaryKeyConstraint("campaign_id", "dwelling_id", name=op.f("public_seen_pkey")),
    )


def _counter(*channel: sa.Column[str]) -> None:
    key = ["campaign_id", "estate_id", *(column.name for column in channel), "question", "row", "cell"]
    op.create_table(
        "tally_counter",
        sa.Column("campaign_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("estate_id", BigInt, autoincrement=False, nullable=False),
        *channel,
        sa.Column("question", sa.String(length=82), nullable=False),
        sa.Column("row", sa.String(length=40), nullable=False),
        sa.Column("cell", sa.String(length=40), nullable=False),
        sa.Column("n", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("tally_counter_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["estate_id"], ["place.id"], name=op.f("tally_counter_estate_id_fkey")),
        sa.PrimaryKeyConstraint(*key, name=op.f("tally_counter_pkey")),
    )


def _count_again() -> None:
    op.execute("DELETE FROM tally_queue")
    op.execute("INSERT INTO tally_queue (response_id, sign) SELECT response_id, 1 FROM valid_response")


def downgrade() -> None:
    """Back to counters without channels, counted anew."""
    for table in ("public_seen", "public_release", "public_change", "tally_counter"):
        op.drop_table(table)
    _counter()
    _count_again()
