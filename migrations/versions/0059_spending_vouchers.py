"""A voucher is free again when its payment was refused, taken back or reversed; fewer signatories need two people; a
payee may be a natural person, who is not named in public.
"""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt
from kernel.database.altering import add_check, add_columns, add_unique, drop_columns, drop_constraint

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

LIVE = "state NOT IN ('refused', 'withdrawn', 'reversed')"
PROPOSED = "(wanted IS NULL) = (wanted_by IS NULL) AND (wanted IS NULL OR wanted < signatories)"


def upgrade() -> None:
    """Change the key, add the columns."""
    drop_constraint(op, "spending", "spending_voucher_once")
    op.create_index(
        "spending_voucher_once",
        "spending",
        ["collection_id", "voucher_no"],
        unique=True,
        sqlite_where=sa.text(LIVE),
        postgresql_where=sa.text(LIVE),
    )
    person = sa.Column("payee_is_person", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    add_columns(op, "spending", person)
    add_columns(
        op,
        "spending_setting",
        sa.Column("wanted", sa.BigInteger(), nullable=True),
        sa.Column("wanted_by", BigInt, sa.ForeignKey("person.id"), nullable=True),
    )
    add_check(op, "spending_setting", "spending_setting_wanted_by_somebody", PROPOSED)


def downgrade() -> None:
    """The other way; fails where a voucher came twice."""
    drop_constraint(op, "spending_setting", "spending_setting_wanted_by_somebody")
    drop_columns(op, "spending_setting", "wanted", "wanted_by")
    drop_columns(op, "spending", "payee_is_person")
    op.drop_index("spending_voucher_once", table_name="spending")
    add_unique(op, "spending", "spending_voucher_once", ("collection_id", "voucher_no"))
