"""A payment is a deposit or part of a contribution; a payment may go back in several parts."""

import sqlalchemy as sa
from alembic import op

from kernel.database import add_check, add_unique, allow_values, drop_constraint

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ENTRIES = ("deposit_paid", "second_payment", "refund_done", "refund_owed", "refund_paid_out", "converted")
ORIGINS = ("resident", "staff", "conversion")
PAYER = ("collection_id", "dwelling_id", "payer_account_id")
OPEN_CONTRIBUTION = "purpose = 'contribution' AND state = 'pledged'"


def upgrade() -> None:
    """Say of every deposit there is that it is one."""
    with op.batch_alter_table("deposit") as table:
        table.add_column(sa.Column("purpose", sa.String(length=24), nullable=False, server_default="deposit"))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("deposit", "purpose", server_default=None)
    add_check(op, "deposit", "deposit_purpose_known", "purpose IN ('deposit', 'contribution')")
    add_check(op, "deposit", "deposit_contribution_stays", "purpose <> 'contribution' OR state IN ('pledged', 'paid')")
    drop_constraint(op, "deposit", "deposit_one_a_payer")
    for name, where in (("deposit_one_a_payer", "purpose = 'deposit'"), ("deposit_one_to_pay", OPEN_CONTRIBUTION)):
        op.create_index(
            name,
            "deposit",
            list(PAYER),
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    allow_values(op, "ledger_entry", "kind", (*ENTRIES, "contribution_paid", "spent", "spent_back"))
    allow_values(op, "deposit_refund", "origin", (*ORIGINS, "surplus"))
    drop_constraint(op, "refund_intent", "refund_intent_one_a_reason")
    op.create_index("refund_intent_attempt_id_idx", "refund_intent", ["attempt_id"])


def downgrade() -> None:
    """Back to deposits alone. Refused while contributions are recorded: money is never dropped."""
    if op.get_bind().exec_driver_sql("SELECT 1 FROM deposit WHERE purpose = 'contribution' LIMIT 1").first():
        raise RuntimeError("contributions are recorded: they have no place in the tables before")
    op.drop_index("refund_intent_attempt_id_idx", "refund_intent")
    add_unique(op, "refund_intent", "refund_intent_one_a_reason", ("attempt_id", "reason"))
    allow_values(op, "deposit_refund", "origin", ORIGINS)
    allow_values(op, "ledger_entry", "kind", ENTRIES)
    op.drop_index("deposit_one_to_pay", "deposit")
    op.drop_index("deposit_one_a_payer", "deposit")
    drop_constraint(op, "deposit", "deposit_contribution_stays")
    drop_constraint(op, "deposit", "deposit_purpose_known")
    op.drop_column("deposit", "purpose")
    add_unique(op, "deposit", "deposit_one_a_payer", PAYER)
