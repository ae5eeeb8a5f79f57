"""A visit's second visitor says himself that he came; a paper is void by two; a draft knows what was handed in before."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime
from kernel.database.altering import (
    add_check,
    add_columns,
    allow_words,
    drop_columns,
    drop_constraint,
    forbid_words,
    replace_check,
)

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; widen what stands."""
    op.create_table(
        "second_visitor",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("response_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=True),
        sa.Column("asked_by", BigInt, nullable=True),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("word", sa.String(length=24), nullable=True),
        sa.Column("way", sa.String(length=24), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("(word IS NULL) = (answered_at IS NULL)", name=op.f("second_visitor_answer_whole")),
        sa.CheckConstraint("person_id <> asked_by", name=op.f("second_visitor_is_another")),
        sa.CheckConstraint("way IN ('own_session', 'app_password')", name=op.f("second_visitor_way_known")),
        sa.CheckConstraint("word <> 'confirmed' OR way IS NOT NULL", name=op.f("second_visitor_says_how")),
        sa.CheckConstraint("word IN ('confirmed', 'declined', 'taken_back')", name=op.f("second_visitor_word_known")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("second_visitor_asked_by_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("second_visitor_person_id_fkey")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("second_visitor_response_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("second_visitor_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("second_visitor_public_id_key")),
    )
    op.create_index("second_visitor_response_id_idx", "second_visitor", ["response_id"], unique=False)
    for name, column, where, unique in (
        ("second_visitor_one_asked", "response_id", "word IS NULL", True),
        ("second_visitor_one_confirms", "response_id", "word = 'confirmed'", True),
        ("second_visitor_person_id_idx", "person_id", "word IS NULL", False),
        ("second_visitor_asked_by_idx", "asked_by", "word IS NULL", False),
    ):
        op.create_index(
            name,
            "second_visitor",
            [column],
            unique=unique,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    allow_words(op, "response_dispute", "outcome", "stronger")
    allow_words(op, "notice", "kind", "survey_paper_void")
    add_columns(
        op,
        "survey_paper",
        sa.Column("void_asked_by", BigInt, sa.ForeignKey("person.id"), nullable=True),
        sa.Column("void_asked_at", UTCDateTime(), nullable=True),
        sa.Column("voided_by", BigInt, sa.ForeignKey("person.id"), nullable=True),
    )
    replace_check(op, "survey_paper", "survey_paper_void_says_why", "state <> 'void' OR void_reason IS NOT NULL")
    add_check(op, "survey_paper", "survey_paper_void_by_two", "voided_by <> void_asked_by")
    add_check(op, "survey_paper", "survey_paper_void_agreed", "voided_by IS NULL OR state = 'void'")
    add_columns(op, "draft", sa.Column("sheets", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.execute(
        "UPDATE draft SET sheets = (SELECT count(*) FROM response WHERE response.campaign_id = draft.campaign_id"
        " AND response.dwelling_id = draft.dwelling_id AND response.account_id = draft.account_id"
        " AND response.submitted_at < draft.saved_at)"
    )


def downgrade() -> None:
    """Take it back; what a second person had not agreed to is no longer asked."""
    drop_columns(op, "draft", "sheets")
    op.execute("UPDATE survey_paper SET void_reason = NULL WHERE state <> 'void'")
    drop_constraint(op, "survey_paper", "survey_paper_void_by_two")
    drop_constraint(op, "survey_paper", "survey_paper_void_agreed")
    replace_check(op, "survey_paper", "survey_paper_void_says_why", "(state = 'void') = (void_reason IS NOT NULL)")
    drop_columns(op, "survey_paper", "void_asked_by", "void_asked_at", "voided_by")
    op.execute("DELETE FROM notice WHERE kind = 'survey_paper_void'")
    forbid_words(op, "notice", "kind", "survey_paper_void")
    op.execute("UPDATE response_dispute SET outcome = 'chosen', chosen_id = response_id WHERE outcome = 'stronger'")
    forbid_words(op, "response_dispute", "outcome", "stronger")
    op.drop_table("second_visitor")
