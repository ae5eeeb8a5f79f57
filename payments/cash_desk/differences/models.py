"""The table of differences of cash boxes."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, big_id, fk, one_of, public_id
from payments.cash_desk.differences.rules import CashDecision, DifferenceState
from payments.two_people import ByTwo, checks_of_two


class CashDifference(ByTwo, Model):
    """A counted box that did not hold what was entered: ``missing_fen`` > 0 was missing, < 0 too much."""

    __tablename__ = "cash_difference"
    __table_args__ = (
        sa.UniqueConstraint("box_id", name="cash_difference_one_a_box"),
        one_of("state", DifferenceState, "cash_difference"),
        one_of("decision", CashDecision, "cash_difference"),
        sa.CheckConstraint("missing_fen <> 0", name="cash_difference_never_nothing"),
        *checks_of_two("cash_difference"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    box_id: Mapped[int] = mapped_column(fk("cash_box.id"))
    missing_fen: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[str] = mapped_column(sa.String(24))
