"""Written proxies, people who may not be agents, and the news of ballots that households are told."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime
from kernel.database.altering import allow_words, forbid_words

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

NEWS = (
    "ballot_by_other",
    "ballot_on_paper",
    "ballot_by_agent",
    "ballot_conflict",
    "ballot_settled",
    "proxy_registered",
)
LIVE = sa.text("state IN ('registered', 'confirmed', 'used')")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "written_proxy",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("roll_line_id", BigInt, nullable=False),
        sa.Column("principal_id", BigInt, nullable=False),
        sa.Column("agent_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("agent_phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("agent_phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("matter", sa.String(length=200), nullable=False),
        sa.Column("powers", sa.String(length=24), nullable=False),
        sa.Column("signed_at", UTCDateTime(), nullable=False),
        sa.Column("valid_until", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("registered_by", BigInt, nullable=False),
        sa.Column("registered_at", UTCDateTime(), nullable=False),
        sa.Column("confirmed_by", BigInt, nullable=True),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("ended_why", sa.String(length=200), nullable=False),
        sa.Column("ballot_id", BigInt, nullable=True),
        sa.CheckConstraint(
            "state IN ('registered', 'confirmed', 'used', 'withdrawn', 'refused')",
            name=op.f("written_proxy_state_known"),
        ),
        sa.CheckConstraint("powers IN ('free', 'instructed')", name=op.f("written_proxy_powers_known")),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> registered_by", name=op.f("written_proxy_two_people")
        ),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'used') OR confirmed_by IS NOT NULL",
            name=op.f("written_proxy_confirmed_by_somebody"),
        ),
        sa.CheckConstraint("(state = 'used') = (ballot_id IS NOT NULL)", name=op.f("written_proxy_used_is_a_ballot")),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("written_proxy_ballot_id_fkey")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("written_proxy_confirmed_by_fkey")),
        sa.ForeignKeyConstraint(["principal_id"], ["person.id"], name=op.f("written_proxy_principal_id_fkey")),
        sa.ForeignKeyConstraint(["registered_by"], ["person.id"], name=op.f("written_proxy_registered_by_fkey")),
        sa.ForeignKeyConstraint(["roll_line_id"], ["roll_line.id"], name=op.f("written_proxy_roll_line_id_fkey")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("written_proxy_vote_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("written_proxy_pkey")),
        sa.UniqueConstraint("ballot_id", name="written_proxy_ballot_id_key"),
        sa.UniqueConstraint("public_id", name=op.f("written_proxy_public_id_key")),
    )
    op.create_index("written_proxy_agent_idx", "written_proxy", ["agent_phone_index", "vote_id"], unique=False)
    op.create_index("written_proxy_vote_id_idx", "written_proxy", ["vote_id"], unique=False)
    op.create_index(
        "written_proxy_one_live_a_line",
        "written_proxy",
        ["roll_line_id"],
        unique=True,
        postgresql_where=LIVE,
        sqlite_where=LIVE,
    )
    op.create_table(
        "barred_agent",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("place_id", BigInt, nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("why", sa.String(length=80), nullable=False),
        sa.Column("added_by", sa.String(length=80), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("barred_agent_place_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("barred_agent_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("barred_agent_public_id_key")),
    )
    op.create_index("barred_agent_phone_index_idx", "barred_agent", ["phone_index"], unique=False)
    allow_words(op, "notice", "kind", *NEWS)


def downgrade() -> None:
    """Drop them; news of ballots goes with them."""
    listed = ", ".join(f"'{word}'" for word in NEWS)
    op.execute(f"DELETE FROM notice WHERE kind IN ({listed})")  # noqa: S608
    forbid_words(op, "notice", "kind", *NEWS)
    op.drop_table("barred_agent")
    op.drop_table("written_proxy")
