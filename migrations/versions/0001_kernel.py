"""The kernel's tables: places, people, grants, the audit chain, the outbox, idempotency keys, the job leader."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, append_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "audit_checkpoint",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chain_hash", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("audit_checkpoint_pkey")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("row_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_entry_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("audit_entry_public_id_key")),
        sa.UniqueConstraint("row_hash", name=op.f("audit_entry_row_hash_key")),
    )
    op.create_index("audit_entry_subject_idx", "audit_entry", ["subject"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=120), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "token", name=op.f("idempotency_pkey")),
    )
    op.create_index("idempotency_at_idx", "idempotency", ["at"], unique=False)
    op.create_table(
        "job_leader",
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("job_leader_pkey")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("payload", JsonDoc, nullable=False),
        sa.Column("staged_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("dead_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pkey")),
    )
    op.create_index("outbox_due_at_idx", "outbox", ["dead_at", "due_at"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("kind IN ('natural', 'organisation')", name=op.f("person_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("person_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("person_public_id_key")),
    )
    op.create_index("person_phone_index_idx", "person", ["phone_index"], unique=False)
    op.create_table(
        "place",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("parent_id", BigInt, nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("path", sa.String(length=400), nullable=False),
        sa.Column("facts", JsonDoc, nullable=False),
        sa.CheckConstraint(
            "kind IN ('city', 'district', 'street', 'community', 'estate', 'building', 'unit')",
            name=op.f("place_kind_known"),
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["place.id"], name=op.f("place_parent_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("place_pkey")),
        sa.UniqueConstraint("code", name="place_code_key"),
        sa.UniqueConstraint("public_id", name=op.f("place_public_id_key")),
    )
    op.create_index("place_parent_id_idx", "place", ["parent_id"], unique=False)
    op.create_index("place_path_idx", "place", ["path"], unique=False)
    op.create_table(
        "account",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("person_id", BigInt, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("account_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("account_pkey")),
        sa.UniqueConstraint("openid", name="account_openid_key"),
        sa.UniqueConstraint("public_id", name=op.f("account_public_id_key")),
    )
    op.create_table(
        "audit_payload",
        sa.Column("entry_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("document", JsonDoc, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("audit_payload_entry_id_fkey")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("audit_payload_pkey")),
    )
    op.create_table(
        "audit_seal",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", BigInt, nullable=False),
        sa.Column("chain_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("audit_seal_entry_id_fkey")),
        sa.PrimaryKeyConstraint("position", name=op.f("audit_seal_pkey")),
        sa.UniqueConstraint("entry_id", name="audit_seal_entry_id_key"),
    )
    op.create_table(
        "dwelling",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("estate_id", BigInt, nullable=False),
        sa.Column("building_id", BigInt, nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=True),
        sa.Column("door", sa.String(length=16), nullable=False),
        sa.Column("area_dm2", sa.BigInteger(), nullable=True),
        sa.Column("use", sa.String(length=24), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("sort_key", sa.String(length=60), nullable=False),
        sa.CheckConstraint("use IN ('home', 'shop', 'parking')", name=op.f("dwelling_use_known")),
        sa.CheckConstraint("area_dm2 IS NULL OR area_dm2 > 0", name=op.f("dwelling_area_positive")),
        sa.ForeignKeyConstraint(["building_id"], ["place.id"], name=op.f("dwelling_building_id_fkey")),
        sa.ForeignKeyConstraint(["estate_id"], ["place.id"], name=op.f("dwelling_estate_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("dwelling_pkey")),
        sa.UniqueConstraint("building_id", "unit", "door", name="dwelling_one_door_key"),
        sa.UniqueConstraint("public_id", name=op.f("dwelling_public_id_key")),
    )
    op.create_index("dwelling_estate_id_idx", "dwelling", ["estate_id", "sort_key"], unique=False)
    op.create_table(
        "grant_given",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("place_id", BigInt, nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=True),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("granted_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "role IN ('building_leader', 'group_member', 'group_leader', 'community_worker', 'cashier', 'street_officer', 'district_officer', 'city_officer', 'auditor', 'administrator')",
            name=op.f("grant_given_role_known"),
        ),
        sa.CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name=op.f("grant_given_term_runs_forward")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("grant_given_person_id_fkey")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("grant_given_place_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("grant_given_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("grant_given_public_id_key")),
    )
    op.create_index("grant_given_person_id_idx", "grant_given", ["person_id"], unique=False)
    op.create_table(
        "door_code",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("issued_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("door_code_dwelling_id_fkey")),
        sa.PrimaryKeyConstraint("code", name=op.f("door_code_pkey")),
    )
    op.create_index(op.f("door_code_dwelling_id_idx"), "door_code", ["dwelling_id"], unique=False)
    op.create_table(
        "holding",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("evidence", sa.String(length=40), nullable=False),
        sa.Column("held_from", UTCDateTime(), nullable=False),
        sa.Column("held_until", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('owner', 'co_owner', 'tenant', 'family', 'organisation')", name=op.f("holding_kind_known")
        ),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("holding_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("holding_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("holding_pkey")),
    )
    op.create_index("holding_dwelling_id_idx", "holding", ["dwelling_id"], unique=False)
    op.create_index("holding_person_id_idx", "holding", ["person_id"], unique=False)
    op.create_table(
        "tie",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=True),
        sa.Column("relation", sa.String(length=24), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "relation IN ('self', 'family', 'tenant', 'representative', 'neighbour')", name=op.f("tie_relation_known")
        ),
        sa.CheckConstraint("level IN (1, 2)", name=op.f("tie_level_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("tie_account_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("tie_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("tie_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("tie_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("tie_public_id_key")),
    )
    op.create_index("tie_dwelling_id_idx", "tie", ["dwelling_id"], unique=False)
    op.create_index(
        "tie_one_live",
        "tie",
        ["account_id", "dwelling_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    for table in ("audit_entry", "audit_seal", "audit_checkpoint"):
        append_only(op, table)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("tie")
    op.drop_table("holding")
    op.drop_table("door_code")
    op.drop_table("grant_given")
    op.drop_table("dwelling")
    op.drop_table("audit_seal")
    op.drop_table("audit_payload")
    op.drop_table("account")
    op.drop_table("place")
    op.drop_table("person")
    op.drop_table("outbox")
    op.drop_table("job_leader")
    op.drop_table("idempotency")
    op.drop_table("audit_entry")
    op.drop_table("audit_checkpoint")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS refuse_change()")
