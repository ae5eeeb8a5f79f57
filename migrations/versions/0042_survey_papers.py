"""Paper questionnaires: each once on its way, keyed by two people, decided by a third."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, append_only

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('registered', 'keyed', 'differs')")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "survey_paper",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("registered_at", UTCDateTime(), nullable=False),
        sa.Column("registered_by", BigInt, nullable=False),
        sa.Column("void_reason", sa.String(length=300), nullable=True),
        sa.Column("response_id", BigInt, nullable=True),
        sa.CheckConstraint(
            "state IN ('registered', 'keyed', 'differs', 'done', 'void')", name=op.f("survey_paper_state_known")
        ),
        sa.CheckConstraint(
            "(state = 'done') = (response_id IS NOT NULL)", name=op.f("survey_paper_done_is_a_response")
        ),
        sa.CheckConstraint("(state = 'void') = (void_reason IS NOT NULL)", name=op.f("survey_paper_void_says_why")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("survey_paper_campaign_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("survey_paper_dwelling_id_fkey")),
        sa.ForeignKeyConstraint(["registered_by"], ["person.id"], name=op.f("survey_paper_registered_by_fkey")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("survey_paper_response_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("survey_paper_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("survey_paper_public_id_key")),
        sa.UniqueConstraint("response_id", name="survey_paper_response_id_key"),
    )
    op.create_index(
        "survey_paper_one_open",
        "survey_paper",
        ["campaign_id", "dwelling_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "survey_keying",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("paper_id", BigInt, nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("keyed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("turn IN (1, 2, 3)", name=op.f("survey_keying_turn_known")),
        sa.ForeignKeyConstraint(["paper_id"], ["survey_paper.id"], name=op.f("survey_keying_paper_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("survey_keying_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("survey_keying_pkey")),
        sa.UniqueConstraint("paper_id", "turn", name="survey_keying_once_a_turn"),
        sa.UniqueConstraint("paper_id", "person_id", name="survey_keying_once_a_person"),
    )
    append_only(op, "survey_keying")


def downgrade() -> None:
    """Drop them."""
    op.drop_table("survey_keying")
    op.drop_table("survey_paper")
