"""Whether deposits stay for the next plan: the question, and what each payer said."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, allow_values

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


NOTICES = (
    "new_claim",
    "claim_confirmed",
    "claim_refused",
    "money_taken",
    "money_voided",
    "response_assisted",
    "response_changed",
    "response_waiting",
    "response_settled",
    "survey_reminder",
    "budget_published",
    "contribution_reminder",
    "vote_extended",
    "roll_answered",
    "ballot_by_other",
    "ballot_on_paper",
    "ballot_by_agent",
    "ballot_conflict",
    "ballot_settled",
    "proxy_registered",
)


def upgrade() -> None:
    """Make the tables."""
    allow_values(op, "notice", "kind", (*NOTICES, "rollover_asked"))
    op.create_table(
        "rollover_question",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("collection_id", BigInt, nullable=False),
        sa.Column("plan_year", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("asked_by", BigInt, nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("plan_year BETWEEN 2020 AND 2100", name="rollover_question_year"),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collection.id"], name=op.f("rollover_question_collection_id_fkey")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("rollover_question_asked_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("rollover_question_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("rollover_question_public_id_key")),
    )
    op.create_index(
        "rollover_question_one_open",
        "rollover_question",
        ["collection_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "rollover_answer",
        sa.Column("question_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("deposit_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("choice", sa.String(length=24), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("choice IN ('keep', 'give_back')", name="rollover_answer_choice_known"),
        sa.ForeignKeyConstraint(
            ["question_id"], ["rollover_question.id"], name=op.f("rollover_answer_question_id_fkey")
        ),
        sa.ForeignKeyConstraint(["deposit_id"], ["deposit.id"], name=op.f("rollover_answer_deposit_id_fkey")),
        sa.PrimaryKeyConstraint("question_id", "deposit_id", name=op.f("rollover_answer_pkey")),
    )


def downgrade() -> None:
    """Drop them; notices of the question go with them."""
    op.execute("DELETE FROM notice WHERE kind = 'rollover_asked'")
    allow_values(op, "notice", "kind", NOTICES)
    for table in ("rollover_answer", "rollover_question"):
        op.drop_table(table)
