"""The counter: cash and cards taken, boxes counted by a second person, cash banked; what was entered wrongly is void."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, JsonDoc, UTCDateTime, allow_null, allow_values, append_only, replace_check

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

APPEND_ONLY = ("collector", "taking", "receipt_print")
ACCOUNTS = ("at_wechat", "deposits_held", "to_refund", "contributions", "at_bank")
NEW_ACCOUNTS = ("cash_on_hand", "cash_in_transit", "at_pos", "cash_differences")
ENTRIES = (
    "deposit_paid",
    "second_payment",
    "refund_done",
    "refund_owed",
    "refund_paid_out",
    "converted",
    "contribution_paid",
    "spent",
    "spent_back",
)
NEW_ENTRIES = ("payment_voided", "cash_difference", "cash_banked", "cash_arrived", "pos_arrived")
DEPOSITS = ("pledged", "paid", "converted", "refund_pending", "refunded", "refund_failed", "refunded_offline")
ROWS = ("in", "again", "refund", "out")
NOTICES = ("new_claim", "claim_confirmed", "claim_refused")
PAYER = ["collection_id", "dwelling_id", "payer_account_id"]
A_DEPOSIT = "purpose = 'deposit'"


def _payers_index(where: str) -> None:
    op.drop_index("deposit_one_a_payer", "deposit")
    op.create_index(
        "deposit_one_a_payer",
        "deposit",
        PAYER,
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def _books_index(columns: list[str]) -> None:
    op.drop_index("receipt_books_idx", "receipt")
    op.create_index("receipt_books_idx", "receipt", columns, unique=False)


def _open_account(kind: str) -> None:
    """An account in every collection's books. Accounts are never taken away: it may be there from an earlier time."""
    collection = sa.table("collection", sa.column("id"))
    account = sa.table("ledger_account", sa.column("collection_id"), sa.column("kind"))
    there = sa.exists().where(account.c.collection_id == collection.c.id, account.c.kind == kind)
    found = sa.select(collection.c.id, sa.literal(kind)).where(~there)
    op.execute(account.insert().from_select(["collection_id", "kind"], found))


def upgrade() -> None:
    """Make the tables, let the old ones know of them, open the new accounts in the books there are."""
    allow_values(op, "ledger_account", "kind", (*ACCOUNTS, *NEW_ACCOUNTS))
    allow_values(op, "ledger_entry", "kind", (*ENTRIES, *NEW_ENTRIES))
    allow_values(op, "deposit", "state", (*DEPOSITS, "voided"))
    replace_check(
        op,
        "deposit",
        "deposit_contribution_stays",
        "purpose <> 'contribution' OR state IN ('pledged', 'paid', 'voided')",
    )
    allow_values(op, "payment_confirmation", "told_by", ("notice", "query", "counter"))
    allow_values(op, "published_row", "kind", (*ROWS, "void"))
    allow_values(op, "notice", "kind", (*NOTICES, "money_taken", "money_voided"))
    op.add_column("notice", sa.Column("facts", JsonDoc, nullable=True))
    allow_null(op, "deposit", "payer_account_id")
    _payers_index(f"{A_DEPOSIT} AND state <> 'voided'")
    without = f"{A_DEPOSIT} AND payer_account_id IS NULL AND payer_person_id IS NOT NULL AND state <> 'voided'"
    op.create_index(
        "deposit_one_a_person",
        "deposit",
        ["collection_id", "dwelling_id", "payer_person_id"],
        unique=True,
        sqlite_where=sa.text(without),
        postgresql_where=sa.text(without),
    )
    _books_index(["collection_id", "issued_at", "number"])
    for kind in NEW_ACCOUNTS:
        _open_account(kind)
    op.create_table(
        "collector",
        sa.Column("person_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("collector_number_positive")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("collector_person_id_fkey")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("collector_pkey")),
        sa.UniqueConstraint("number", name="collector_number_key"),
        info={"append_only": True},
    )
    op.create_table(
        "cash_banking",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("collection_id", BigInt, nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("slip_no", sa.String(length=64), nullable=False),
        sa.Column("banked_by", BigInt, nullable=False),
        sa.Column("banked_at", UTCDateTime(), nullable=False),
        sa.Column("line_id", BigInt, nullable=True),
        sa.Column("arrived_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("(line_id IS NULL) = (arrived_at IS NULL)", name=op.f("cash_banking_arrived_by_a_line")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("cash_banking_amount_positive")),
        sa.ForeignKeyConstraint(["banked_by"], ["person.id"], name=op.f("cash_banking_banked_by_fkey")),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("cash_banking_collection_id_fkey")),
        sa.ForeignKeyConstraint(["line_id"], ["bank_line.id"], name=op.f("cash_banking_line_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("cash_banking_pkey")),
        sa.UniqueConstraint("line_id", name="cash_banking_one_a_line"),
        sa.UniqueConstraint("public_id", name=op.f("cash_banking_public_id_key")),
    )
    op.create_index("cash_banking_collection_id_idx", "cash_banking", ["collection_id"], unique=False)
    op.create_table(
        "cash_box",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("collection_id", BigInt, nullable=False),
        sa.Column("collector_id", BigInt, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("entered_fen", sa.BigInteger(), nullable=True),
        sa.Column("counted_fen", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.Column("closed_by", BigInt, nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("banking_id", BigInt, nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (counted_fen IS NULL) AND (closed_at IS NULL) = (entered_fen IS NULL)",
            name=op.f("cash_box_counted_when_closed"),
        ),
        sa.CheckConstraint("banking_id IS NULL OR closed_at IS NOT NULL", name=op.f("cash_box_banked_after_count")),
        sa.CheckConstraint("closed_by IS NULL OR closed_by <> collector_id", name=op.f("cash_box_two_people")),
        sa.CheckConstraint("counted_fen = entered_fen OR why IS NOT NULL", name=op.f("cash_box_difference_explained")),
        sa.CheckConstraint("counted_fen >= 0 AND entered_fen >= 0", name=op.f("cash_box_amounts")),
        sa.ForeignKeyConstraint(["banking_id"], ["cash_banking.id"], name=op.f("cash_box_banking_id_fkey")),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("cash_box_closed_by_fkey")),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name=op.f("cash_box_collection_id_fkey")),
        sa.ForeignKeyConstraint(["collector_id"], ["person.id"], name=op.f("cash_box_collector_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("cash_box_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("cash_box_public_id_key")),
    )
    op.create_index("cash_box_banking_id_idx", "cash_box", ["banking_id"], unique=False)
    op.create_index(
        "cash_box_one_open",
        "cash_box",
        ["collection_id", "collector_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "taking",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("attempt_id", BigInt, nullable=False),
        sa.Column("deposit_id", BigInt, nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("box_id", BigInt, nullable=True),
        sa.Column("collector_id", BigInt, nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("payer_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("terminal_no", sa.String(length=32), nullable=True),
        sa.Column("voucher_no", sa.String(length=32), nullable=True),
        sa.Column("pos_bank", sa.String(length=40), nullable=True),
        sa.Column("taken_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("(channel = 'cash') = (box_id IS NOT NULL)", name=op.f("taking_cash_in_a_box")),
        sa.CheckConstraint("(channel = 'pos') = (voucher_no IS NOT NULL)", name=op.f("taking_card_by_voucher")),
        sa.CheckConstraint("channel IN ('cash', 'pos', 'bank')", name=op.f("taking_channel_known")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("taking_amount_positive")),
        sa.ForeignKeyConstraint(["attempt_id"], ["payment_attempt.id"], name=op.f("taking_attempt_id_fkey")),
        sa.ForeignKeyConstraint(["box_id"], ["cash_box.id"], name=op.f("taking_box_id_fkey")),
        sa.ForeignKeyConstraint(["collector_id"], ["person.id"], name=op.f("taking_collector_id_fkey")),
        sa.ForeignKeyConstraint(["deposit_id"], ["deposit.id"], name=op.f("taking_deposit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("taking_pkey")),
        sa.UniqueConstraint("attempt_id", name="taking_one_an_attempt"),
        sa.UniqueConstraint("public_id", name=op.f("taking_public_id_key")),
        info={"append_only": True},
    )
    op.create_index("taking_box_id_idx", "taking", ["box_id"], unique=False)
    op.create_index("taking_collector_id_idx", "taking", ["collector_id", "taken_at"], unique=False)
    op.create_table(
        "taking_void",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("taking_id", BigInt, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("decision", sa.String(length=24), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.Column("proposed_at", UTCDateTime(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("proposed_by", BigInt, nullable=True),
        sa.Column("decided_by", BigInt, nullable=True),
        sa.CheckConstraint(
            "(state = 'decided') = (decided_by IS NOT NULL)", name=op.f("taking_void_decided_by_somebody")
        ),
        sa.CheckConstraint("state IN ('proposed', 'decided', 'sent_back')", name=op.f("taking_void_state_known")),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'decided') OR (decision IS NOT NULL AND proposed_by IS NOT NULL)",
            name=op.f("taking_void_proposed_by_somebody"),
        ),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("taking_void_two_people")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("taking_void_decided_by_fkey")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("taking_void_proposed_by_fkey")),
        sa.ForeignKeyConstraint(["taking_id"], ["taking.id"], name=op.f("taking_void_taking_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("taking_void_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("taking_void_public_id_key")),
    )
    op.create_index(
        "taking_void_one",
        "taking_void",
        ["taking_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'decided')"),
        postgresql_where=sa.text("state IN ('proposed', 'decided')"),
    )
    op.create_table(
        "receipt_print",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("receipt_id", BigInt, nullable=False),
        sa.Column("nth", sa.BigInteger(), nullable=False),
        sa.Column("printed_by", BigInt, nullable=False),
        sa.Column("printed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("nth > 0", name=op.f("receipt_print_nth_positive")),
        sa.ForeignKeyConstraint(["printed_by"], ["person.id"], name=op.f("receipt_print_printed_by_fkey")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("receipt_print_receipt_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("receipt_print_pkey")),
        sa.UniqueConstraint("receipt_id", "nth", name="receipt_print_once"),
        info={"append_only": True},
    )
    for table in APPEND_ONLY:
        append_only(op, table)


def downgrade() -> None:
    """Drop them. Refused by the constraints while the books hold entries of the counter: money is never dropped."""
    for table in ("receipt_print", "taking_void", "taking", "cash_box", "cash_banking", "collector"):
        op.drop_table(table)
    _books_index(["collection_id", "year", "counted"])
    op.drop_index("deposit_one_a_person", "deposit")
    _payers_index(A_DEPOSIT)
    allow_null(op, "deposit", "payer_account_id", allowed=False)
    op.drop_column("notice", "facts")
    allow_values(op, "notice", "kind", NOTICES)
    allow_values(op, "published_row", "kind", ROWS)
    allow_values(op, "payment_confirmation", "told_by", ("notice", "query"))
    replace_check(
        op, "deposit", "deposit_contribution_stays", "purpose <> 'contribution' OR state IN ('pledged', 'paid')"
    )
    allow_values(op, "deposit", "state", DEPOSITS)
    allow_values(op, "ledger_entry", "kind", ENTRIES)
