"""Signatures on paper beside those by phone, taken back on record; and a proxy whose ballot was struck is spent."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime
from kernel.database.altering import (
    add_check,
    add_columns,
    allow_null,
    allow_words,
    drop_columns,
    drop_constraint,
    forbid_words,
    replace_check,
)

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

SIGNATURES = ("recall_signature", "nominee_signature")


def upgrade() -> None:
    """Make the tables, widen the signatures, know the word."""
    op.create_table(
        "signature_sheet",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("petition_id", BigInt, nullable=True),
        sa.Column("nominee_id", BigInt, nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("checked_by", sa.String(length=80), nullable=True),
        sa.Column("checked_at", UTCDateTime(), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.CheckConstraint("state IN ('entered', 'checked')", name=op.f("signature_sheet_state_known")),
        sa.CheckConstraint("(petition_id IS NULL) <> (nominee_id IS NULL)", name=op.f("signature_sheet_for_one_cause")),
        sa.CheckConstraint(
            "(state = 'checked') = (checked_by IS NOT NULL) AND (checked_by IS NULL) = (checked_at IS NULL)"
            " AND (checked_by IS NULL OR checked_by <> entered_by)",
            name=op.f("signature_sheet_two_people"),
        ),
        sa.ForeignKeyConstraint(["petition_id"], ["recall_petition.id"], name=op.f("signature_sheet_petition_id_fkey")),
        sa.ForeignKeyConstraint(["nominee_id"], ["nominee.id"], name=op.f("signature_sheet_nominee_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("signature_sheet_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("signature_sheet_public_id_key")),
    )
    op.create_index("signature_sheet_petition_id_idx", "signature_sheet", ["petition_id"], unique=False)
    op.create_index("signature_sheet_nominee_id_idx", "signature_sheet", ["nominee_id"], unique=False)
    op.create_table(
        "signature_line",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("sheet_id", BigInt, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("door", sa.String(length=60), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("dwelling_id", BigInt, nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'counted', 'duplicate', 'unknown', 'refused', 'withdrawn')",
            name=op.f("signature_line_state_known"),
        ),
        sa.ForeignKeyConstraint(["sheet_id"], ["signature_sheet.id"], name=op.f("signature_line_sheet_id_fkey")),
        sa.ForeignKeyConstraint(["dwelling_id"], ["dwelling.id"], name=op.f("signature_line_dwelling_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("signature_line_pkey")),
        sa.UniqueConstraint("sheet_id", "position", name="signature_line_one_place"),
    )
    for table in SIGNATURES:
        allow_null(op, table, "account_id")
        add_columns(
            op,
            table,
            sa.Column("sheet_line_id", BigInt, sa.ForeignKey("signature_line.id"), nullable=True),
            sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        )
        add_check(op, table, f"{table}_by_phone_or_on_paper", "(account_id IS NULL) <> (sheet_line_id IS NULL)")
    allow_words(op, "written_proxy", "state", "struck")
    replace_check(
        op, "written_proxy", "written_proxy_used_is_a_ballot", "(state IN ('used', 'struck')) = (ballot_id IS NOT NULL)"
    )


def downgrade() -> None:
    """Only what phones signed had a place before; a struck proxy was as good as withdrawn."""
    op.execute("UPDATE written_proxy SET state = 'withdrawn', ballot_id = NULL WHERE state = 'struck'")
    replace_check(op, "written_proxy", "written_proxy_used_is_a_ballot", "(state = 'used') = (ballot_id IS NOT NULL)")
    forbid_words(op, "written_proxy", "state", "struck")
    for table in SIGNATURES:
        op.execute(f"DELETE FROM {table} WHERE account_id IS NULL OR withdrawn_at IS NOT NULL")  # noqa: S608
        drop_constraint(op, table, f"{table}_by_phone_or_on_paper")
        drop_columns(op, table, "sheet_line_id", "withdrawn_at")
        allow_null(op, table, "account_id", allowed=False)
    op.drop_table("signature_line")
    op.drop_table("signature_sheet")
