"""Shortages and surpluses of cash by two, costs made good at the bank, decisions about a bill taken back; conversions
drawn up as budgets are.
"""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, new_public_id
from kernel.database.altering import (
    add_check,
    add_columns,
    allow_words,
    drop_columns,
    drop_constraint,
    forbid_words,
    rename_column,
)

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None

ENTRIES = (
    "cash_difference_decided",
    "service_charge_undone",
    "holder_undone",
    "settled_at_bank",
    "settlement_undone",
)
OPEN = sa.text("state = 'proposed'")


def _open_account(kind: str) -> None:
    """An account in every collection's books. Accounts are never taken away: it may be there from an earlier time."""
    collection = sa.table("collection", sa.column("id"))
    account = sa.table("ledger_account", sa.column("collection_id"), sa.column("kind"))
    there = sa.exists().where(account.c.collection_id == collection.c.id, account.c.kind == kind)
    found = sa.select(collection.c.id, sa.literal(kind)).where(~there)
    op.execute(account.insert().from_select(["collection_id", "kind"], found))


def _by_two(table: str) -> list[sa.schema.SchemaItem]:
    """The columns and CHECKs of what one proposes and another decides."""
    return [
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("decision", sa.String(length=24), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.Column("proposed_at", UTCDateTime(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("proposed_by", BigInt, nullable=True),
        sa.Column("decided_by", BigInt, nullable=True),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f(f"{table}_two_people")),
        sa.CheckConstraint("(state = 'decided') = (decided_by IS NOT NULL)", name=op.f(f"{table}_decided_by_somebody")),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'decided') OR (decision IS NOT NULL AND proposed_by IS NOT NULL)",
            name=op.f(f"{table}_proposed_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f(f"{table}_decided_by_fkey")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f(f"{table}_proposed_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
        sa.UniqueConstraint("public_id", name=op.f(f"{table}_public_id_key")),
    ]


def upgrade() -> None:
    """Make the tables and words; every box that was counted with a difference waits for two people."""
    op.create_table(
        "cash_difference",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("box_id", BigInt, nullable=False),
        sa.Column("missing_fen", sa.BigInteger(), nullable=False),
        *_by_two("cash_difference"),
        sa.CheckConstraint("state IN ('waiting', 'proposed', 'decided')", name=op.f("cash_difference_state_known")),
        sa.CheckConstraint(
            "decision IN ('repaid', 'borne', 'given_back', 'kept')", name=op.f("cash_difference_decision_known")
        ),
        sa.CheckConstraint("missing_fen <> 0", name=op.f("cash_difference_never_nothing")),
        sa.ForeignKeyConstraint(["box_id"], ["cash_box.id"], name=op.f("cash_difference_box_id_fkey")),
        sa.UniqueConstraint("box_id", name="cash_difference_one_a_box"),
    )
    link = op.get_bind()
    for box_id, missing in link.execute(
        sa.text("SELECT id, entered_fen - counted_fen FROM cash_box WHERE counted_fen <> entered_fen ORDER BY id")
    ).all():
        link.execute(
            sa.text(
                "INSERT INTO cash_difference (public_id, box_id, missing_fen, state)"
                " VALUES (:public_id, :box_id, :missing, 'waiting')"
            ),
            {"public_id": new_public_id(), "box_id": box_id, "missing": missing},
        )
    op.create_table(
        "difference_reversal",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("difference_id", BigInt, nullable=False),
        sa.Column("undid", sa.String(length=24), nullable=False),
        sa.Column("signed_by", BigInt, nullable=True),
        sa.Column("signed_at", UTCDateTime(), nullable=True),
        *_by_two("difference_reversal"),
        sa.CheckConstraint(
            "state IN ('proposed', 'decided', 'sent_back', 'told')", name=op.f("difference_reversal_state_known")
        ),
        sa.CheckConstraint(
            "undid IN ('entered', 'returned', 'theirs', 'accepted', 'charge', 'holder', 'bounced')",
            name=op.f("difference_reversal_undid_known"),
        ),
        sa.CheckConstraint(
            "(signed_at IS NULL) = (signed_by IS NULL)", name=op.f("difference_reversal_signed_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["difference_id"], ["bill_difference.id"], name=op.f("difference_reversal_difference_id_fkey")
        ),
        sa.ForeignKeyConstraint(["signed_by"], ["person.id"], name=op.f("difference_reversal_signed_by_fkey")),
    )
    op.create_index(
        "difference_reversal_one_open",
        "difference_reversal",
        ["difference_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("difference_reversal_difference_id_idx", "difference_reversal", ["difference_id"])
    add_columns(op, "line_part", sa.Column("settles", sa.String(length=24), nullable=True))
    add_check(
        op,
        "line_part",
        "line_part_settles_what",
        "settles IS NULL OR (collection_id IS NOT NULL"
        " AND settles IN ('wechat_fees', 'bank_fees', 'cash_short', 'cash_over'))",
    )
    add_columns(op, "publication", sa.Column("cash_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    allow_words(op, "bank_line", "decision", "settled")
    allow_words(op, "published_row", "kind", "made_good", "cash")
    allow_words(op, "ledger_account", "kind", "cash_short", "cash_over")
    for account in ("cash_short", "cash_over"):
        _open_account(account)
    allow_words(op, "ledger_entry", "kind", *ENTRIES)
    drop_constraint(op, "conversion_batch", "conversion_batch_two_people")
    rename_column(op, "conversion_batch", "proposed_by", "made_by")
    rename_column(op, "conversion_batch", "proposed_at", "made_at")
    add_check(
        op,
        "conversion_batch",
        "conversion_batch_two",
        "decided_by IS NULL OR state = 'withdrawn' OR decided_by <> made_by",
    )
    add_check(
        op,
        "conversion_batch",
        "conversion_batch_decided_by_somebody",
        "(state = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
    )


def downgrade() -> None:
    """No longer. Refused while the books hold an entry of the new kinds; accounts are never taken away."""
    drop_constraint(op, "conversion_batch", "conversion_batch_decided_by_somebody")
    drop_constraint(op, "conversion_batch", "conversion_batch_two")
    rename_column(op, "conversion_batch", "made_at", "proposed_at")
    rename_column(op, "conversion_batch", "made_by", "proposed_by")
    add_check(
        op,
        "conversion_batch",
        "conversion_batch_two_people",
        "state <> 'agreed' OR (decided_by IS NOT NULL AND decided_by <> proposed_by)",
    )
    forbid_words(op, "ledger_entry", "kind", *ENTRIES)
    forbid_words(op, "published_row", "kind", "made_good", "cash")
    forbid_words(op, "bank_line", "decision", "settled")
    drop_columns(op, "publication", "cash_fen")
    drop_constraint(op, "line_part", "line_part_settles_what")
    drop_columns(op, "line_part", "settles")
    op.drop_table("difference_reversal")
    op.drop_table("cash_difference")
