"""The tables of reminders. How often a household was reminded is counted by rows that only grow."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, Model, UTCDateTime, big_id, fk, public_id


class ReminderSetting(Model):
    """How often at most a collection's households are reminded for one version; without a row the rule's own number."""

    __tablename__ = "reminder_setting"
    __table_args__ = (sa.CheckConstraint("most BETWEEN 0 AND 5", name="reminder_setting_most"),)

    collection_id: Mapped[int] = mapped_column(fk("collection.id"), primary_key=True, autoincrement=False)
    most: Mapped[int] = mapped_column(sa.BigInteger)
    set_by: Mapped[int] = mapped_column(fk("person.id"))
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Reminder(Model):
    """A household was to be reminded for the ``counted``-th time of what it bears in a version."""

    __tablename__ = "reminder"
    __table_args__ = (
        sa.UniqueConstraint("budget_id", "dwelling_id", "counted", name="reminder_counted_once"),
        sa.CheckConstraint("counted BETWEEN 1 AND 5", name="reminder_never_more"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    budget_id: Mapped[int] = mapped_column(fk("budget.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    counted: Mapped[int] = mapped_column(sa.BigInteger)
    by_person_id: Mapped[int] = mapped_column(fk("person.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
