"""Sign-ins and sessions, WeChat's credentials, claims to dwellings, notices."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "oauth_state",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("cookie_hash", sa.String(length=64), nullable=False),
        sa.Column("next_path", sa.String(length=500), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("oauth_state_pkey")),
    )
    op.create_index("oauth_state_made_at_idx", "oauth_state", ["made_at"], unique=False)
    op.create_table(
        "wechat_credential",
        sa.Column("app_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", UTCDateTime(), nullable=True),
        sa.Column("fetched_at", UTCDateTime(), nullable=True),
        sa.Column("fetching_until", UTCDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('access_token', 'jsapi_ticket')", name=op.f("wechat_credential_kind_known")),
        sa.PrimaryKeyConstraint("app_id", "kind", name=op.f("wechat_credential_pkey")),
    )
    op.create_table(
        "claim",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=True),
        sa.Column("phone_person_id", BigInt, nullable=True),
        sa.Column("relation", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("wrong_tries", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("relation IN ('self', 'family', 'tenant')", name=op.f("claim_relation_known")),
        sa.CheckConstraint(
            "state IN ('waiting', 'matched', 'confirmed', 'locked', 'refused', 'withdrawn')",
            name=op.f("claim_state_known"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("claim_account_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("claim_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("claim_person_id_fkey")),
        sa.ForeignKeyConstraint(["phone_person_id"], ["person.id"], name=op.f("claim_phone_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("claim_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("claim_public_id_key")),
    )
    op.create_index("claim_dwelling_id_idx", "claim", ["dwelling_id"], unique=False)
    op.create_index(
        "claim_one_live",
        "claim",
        ["account_id", "dwelling_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "claim_try",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('match', 'code', 'send')", name=op.f("claim_try_kind_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("claim_try_account_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("claim_try_dwelling_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("claim_try_pkey")),
    )
    op.create_index("claim_try_account_id_idx", "claim_try", ["account_id", "at"], unique=False)
    op.create_index("claim_try_dwelling_id_idx", "claim_try", ["dwelling_id", "at"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('new_claim', 'claim_confirmed', 'claim_refused')", name=op.f("notice_kind_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("notice_account_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("notice_dwelling_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("notice_pkey")),
        sa.UniqueConstraint("account_id", "kind", "source", name="notice_told_once_key"),
        sa.UniqueConstraint("public_id", name=op.f("notice_public_id_key")),
    )
    op.create_table(
        "web_session",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("device", sa.String(length=40), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_why", sa.String(length=24), nullable=True),
        sa.CheckConstraint(
            "ended_why IN ('signed_out', 'revoked', 'replaced', 'role_changed')",
            name=op.f("web_session_ended_why_known"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("web_session_account_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("web_session_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("web_session_public_id_key")),
        sa.UniqueConstraint("token_hash", name="web_session_token_hash_key"),
    )
    op.create_index("web_session_account_id_idx", "web_session", ["account_id"], unique=False)
    op.create_index("web_session_ends_at_idx", "web_session", ["ends_at"], unique=False)
    op.create_table(
        "claim_code",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("claim_id", BigInt, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("claim_code_claim_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("claim_code_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("claim_code_public_id_key")),
    )
    op.create_index("claim_code_claim_id_idx", "claim_code", ["claim_id"], unique=False)
    op.create_index("claim_code_made_at_idx", "claim_code", ["made_at"], unique=False)
    op.create_index("claim_code_phone_index_idx", "claim_code", ["phone_index", "made_at"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("claim_code")
    op.drop_table("web_session")
    op.drop_table("notice")
    op.drop_table("claim_try")
    op.drop_table("claim")
    op.drop_table("wechat_credential")
    op.drop_table("oauth_state")
