"""Questionnaires: versions, campaigns and their places, responses and which one counts, counts, attachments."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "questionnaire",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("questionnaire_pkey")),
        sa.UniqueConstraint("code", name="questionnaire_code_key"),
        sa.UniqueConstraint("public_id", name=op.f("questionnaire_public_id_key")),
    )
    op.create_table(
        "questionnaire_version",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("questionnaire_id", BigInt, nullable=False),
        sa.Column("edition", sa.String(length=40), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("document", JsonDoc, nullable=False),
        sa.Column("loaded_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"], ["questionnaire.id"], name=op.f("questionnaire_version_questionnaire_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("questionnaire_version_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("questionnaire_version_public_id_key")),
        sa.UniqueConstraint("questionnaire_id", "content_hash", name="questionnaire_version_content_key"),
    )
    op.create_table(
        "campaign",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("version_id", BigInt, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("opens_at", UTCDateTime(), nullable=True),
        sa.Column("closes_at", UTCDateTime(), nullable=True),
        sa.Column("opened_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("closed_at IS NOT NULL OR state <> 'closed'", name=op.f("campaign_closed_since")),
        sa.CheckConstraint("opened_at IS NOT NULL OR state = 'draft'", name=op.f("campaign_open_since")),
        sa.CheckConstraint("state IN ('draft', 'open', 'closed')", name=op.f("campaign_state_known")),
        sa.ForeignKeyConstraint(["version_id"], ["questionnaire_version.id"], name=op.f("campaign_version_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("campaign_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("campaign_public_id_key")),
    )
    op.create_index("campaign_state_idx", "campaign", ["state"], unique=False)
    op.create_table(
        "campaign_place",
        sa.Column("campaign_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("place_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("campaign_place_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("campaign_place_place_id_fkey")),
        sa.PrimaryKeyConstraint("campaign_id", "place_id", name=op.f("campaign_place_pkey")),
    )
    op.create_index("campaign_place_place_id_idx", "campaign_place", ["place_id"], unique=False)
    op.create_table(
        "response",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("version_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("estate_id", BigInt, nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("relation", sa.String(length=24), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=True),
        sa.Column("submitted_at", UTCDateTime(), nullable=False),
        sa.Column("answers", JsonDoc, nullable=False),
        sa.Column("private_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("receipt", sa.String(length=64), nullable=False),
        sa.Column("replaces_id", BigInt, nullable=True),
        sa.CheckConstraint(
            "channel IN ('wechat_self', 'wechat_by_family', 'worker_visit', 'paper_import')",
            name=op.f("response_channel_known"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("response_account_id_fkey")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("response_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("response_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["estate_id"], ["place.id"], name=op.f("response_estate_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("response_person_id_fkey")),
        sa.ForeignKeyConstraint(["replaces_id"], ["response.id"], name=op.f("response_replaces_id_fkey")),
        sa.ForeignKeyConstraint(["version_id"], ["questionnaire_version.id"], name=op.f("response_version_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("response_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("response_public_id_key")),
    )
    op.create_index("response_dwelling_id_idx", "response", ["dwelling_id", "campaign_id"], unique=False)
    op.create_table(
        "valid_response",
        sa.Column("campaign_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("dwelling_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("response_id", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("valid_response_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("valid_response_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("valid_response_response_id_fkey")),
        sa.PrimaryKeyConstraint("campaign_id", "dwelling_id", name=op.f("valid_response_pkey")),
        sa.UniqueConstraint("response_id", name="valid_response_response_id_key"),
    )
    op.create_table(
        "tally_queue",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("response_id", BigInt, nullable=False),
        sa.Column("sign", sa.Integer(), nullable=False),
        sa.CheckConstraint("sign IN (1, -1)", name=op.f("tally_queue_sign_known")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("tally_queue_response_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("tally_queue_pkey")),
    )
    op.create_table(
        "tally_counter",
        sa.Column("campaign_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("estate_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("question", sa.String(length=82), nullable=False),
        sa.Column("row", sa.String(length=40), nullable=False),
        sa.Column("cell", sa.String(length=40), nullable=False),
        sa.Column("n", BigInt, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("tally_counter_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["estate_id"], ["place.id"], name=op.f("tally_counter_estate_id_fkey")),
        sa.PrimaryKeyConstraint("campaign_id", "estate_id", "question", "row", "cell", name=op.f("tally_counter_pkey")),
    )
    op.create_table(
        "attachment",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("storage_key", sa.String(length=120), nullable=False),
        sa.Column("mimetype", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("response_id", BigInt, nullable=True),
        sa.CheckConstraint("purpose IN ('photo', 'signature')", name=op.f("attachment_purpose_known")),
        sa.CheckConstraint("size_bytes > 0", name=op.f("attachment_not_empty")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("attachment_account_id_fkey")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("attachment_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("attachment_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("attachment_response_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("attachment_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("attachment_public_id_key")),
    )
    op.create_index("attachment_dwelling_id_idx", "attachment", ["dwelling_id", "campaign_id"], unique=False)
    op.create_index(
        "attachment_unused_idx",
        "attachment",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("response_id IS NULL"),
        postgresql_where=sa.text("response_id IS NULL"),
    )
    for table in ("questionnaire_version", "response"):
        append_only(op, table)


def downgrade() -> None:
    """Drop them."""
    for table in (
        "attachment",
        "tally_counter",
        "tally_queue",
        "valid_response",
        "response",
        "campaign_place",
        "campaign",
        "questionnaire_version",
        "questionnaire",
    ):
        op.drop_table(table)
