"""What the households of each building had given by the end of a published period: the public figures stand still."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, append_only

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

BEFORE_TODAY = """
INSERT INTO published_sum (publication_id, building, households, fen)
SELECT given.publication_id, given.building, count(*), sum(given.fen)
FROM (
    SELECT publication.id AS publication_id, published_row.building AS building, deposit.dwelling_id AS dwelling_id,
           sum(published_row.amount_fen) AS fen
    FROM publication
    JOIN publication AS earlier
      ON earlier.collection_id = publication.collection_id AND earlier.number <= publication.number
    JOIN published_row ON published_row.publication_id = earlier.id
    JOIN deposit ON deposit.id = published_row.deposit_id
    GROUP BY publication.id, published_row.building, deposit.dwelling_id
    HAVING sum(published_row.amount_fen) > 0
) AS given
GROUP BY given.publication_id, given.building
"""


def upgrade() -> None:
    """Make the table, and sum up what was published before it."""
    op.create_table(
        "published_sum",
        sa.Column("publication_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("building", sa.String(length=80), nullable=False),
        sa.Column("households", sa.BigInteger(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("households > 0 AND fen > 0", name=op.f("published_sum_of_somebody")),
        sa.ForeignKeyConstraint(["publication_id"], ["publication.id"], name=op.f("published_sum_publication_id_fkey")),
        sa.PrimaryKeyConstraint("publication_id", "building", name=op.f("published_sum_pkey")),
    )
    op.execute(BEFORE_TODAY)
    append_only(op, "published_sum")


def downgrade() -> None:
    """Drop it: it can be summed up again."""
    op.drop_table("published_sum")
