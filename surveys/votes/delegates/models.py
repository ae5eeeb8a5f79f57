"""The table of residents' representatives."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, one_of, public_id
from surveys.votes.rules.delegates import Chosen, LeftBecause


class Delegate(Model):
    """A residents' representative: entered by one officer, confirmed by another against the record of the choice.

    One a household and one a person; ended, never deleted.
    """

    __tablename__ = "delegate"
    __table_args__ = (
        one_of("chosen", Chosen, "delegate"),
        one_of("left_because", LeftBecause, "delegate"),
        sa.CheckConstraint("until >= chosen_on", name="delegate_term_runs_forward"),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL) AND (confirmed_by IS NULL OR confirmed_by <> entered_by)",
            name="delegate_two_people",
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (left_because IS NULL)", name="delegate_left_for_a_reason"),
        sa.Index(
            "delegate_one_a_household",
            "dwelling_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(
            "delegate_one_a_person",
            "estate_id",
            "person_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    estate_id: Mapped[int] = mapped_column(fk("place.id"))
    group_name: Mapped[str] = mapped_column(sa.String(40))
    """the residents' group: a building, some households together"""
    person_id: Mapped[int] = mapped_column(fk("person.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    """where the representative lives"""
    chosen: Mapped[str] = mapped_column(sa.String(24))
    chosen_on: Mapped[date] = mapped_column(sa.Date)
    until: Mapped[date] = mapped_column(sa.Date)
    """last day of the term"""
    joined_register: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    """was not on the register of the dwelling and came there with the confirmation"""
    entered_by: Mapped[str] = mapped_column(sa.String(80))
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(sa.String(80))
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    left_because: Mapped[str | None] = mapped_column(sa.String(24))
