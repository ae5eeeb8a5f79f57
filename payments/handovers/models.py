"""The table of payers' words about deposits of flats that changed hands."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, Model, UTCDateTime, fk


class HandoverWord(Model):
    """A payer leaves his deposit with the flat he sold. Said by himself (``account_id``), or entered by staff from a
    paper he signed. Without it the deposit is not converted; he may ask it back as long as it was not.
    """

    __tablename__ = "handover_word"
    __table_args__ = (
        sa.CheckConstraint(
            "(account_id IS NULL) <> (entered_by IS NULL) AND (entered_by IS NULL) = (paper IS NULL)",
            name="handover_word_said_by_one",
        ),
        APPEND_ONLY,
    )

    deposit_id: Mapped[int] = mapped_column(fk("deposit.id"), primary_key=True, autoincrement=False)
    said_at: Mapped[datetime] = mapped_column(UTCDateTime)
    account_id: Mapped[int | None] = mapped_column(fk("account.id"))
    entered_by: Mapped[int | None] = mapped_column(fk("person.id"))
    paper: Mapped[str | None] = mapped_column(sa.String(200))
